"""Headers in unusual encodings, read by pydicom."""

from __future__ import annotations

from IDCBrowserLib.dicom.lean_reader import DamagedError, HeaderError
from IDCBrowserLib.dicom.pydicom_settings import quiet_pydicom
from IDCBrowserLib.store import tags


def read_with_pydicom(path: str) -> tuple[dict[int, bytes], bool]:
    """The wanted elements for every encoding that pydicom knows, and whether numbers are big endian. Raises ``HeaderError``."""
    import pydicom
    from pydicom.dataelem import RawDataElement
    from pydicom.dataset import Dataset

    quiet_pydicom()
    with open(path, "rb") as file:
        dataset: Dataset
        try:
            dataset = pydicom.dcmread(file, stop_before_pixels=True, force=True, specific_tags=sorted(tags.WANTED))
        # pydicom raises whatever its parsing runs into (struct.error, KeyError, zlib.error...) on damaged files.
        except Exception as error:
            raise DamagedError("damaged or cut off") from error
    values: dict[int, bytes] = {}
    for tag in tags.WANTED:
        element = dataset.get_item(tag)
        if isinstance(element, RawDataElement):
            values[tag] = element.value or b""
        elif element is not None:
            values[tag] = str(element.value or "").encode("latin-1", "replace")
    if tags.SOP_CLASS_UID not in values and tags.SOP_INSTANCE_UID not in values:
        raise HeaderError("not a DICOM file")
    return values, dataset.original_encoding[1] is False
