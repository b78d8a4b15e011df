"""Reading DICOM headers of any quality with pydicom, without its warnings and exceptions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.pydicom_settings import quiet_pydicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def open_header(path: str, tags: Sequence[str] | None = None) -> tuple[Dataset | None, str]:
    """The dataset before its pixels (only ``tags``, where given), or None and why not. Files without the DICOM preamble are tried too."""
    import pydicom

    quiet_pydicom()
    try:
        with open(path, "rb") as file:
            head = file.read(132)
            file.seek(0)
            if not _may_be_dicom(head):
                return None, "it is not a DICOM file"
            dataset = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(tags) if tags else None, force=True)
    except OSError as error:
        return None, error.strerror or str(error)
    # pydicom raises whatever its parsing runs into (struct.error, KeyError, NotImplementedError, zlib.error...) on damaged files.
    except Exception:
        return None, "it is damaged or cut off"
    if "SOPInstanceUID" not in dataset or "SOPClassUID" not in dataset:
        return None, "it is cut off or not a DICOM object (no SOP Instance UID)"
    return dataset, ""


def _may_be_dicom(head: bytes) -> bool:
    """The preamble, or a first element of group 2 or 8 in either byte order."""
    return head[128:132] == b"DICM" or head[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08")


def numbers(dataset: Any, keyword: str, count: int) -> tuple[float, ...] | None:
    """The value of ``keyword`` as exactly ``count`` finite numbers, or None."""
    try:
        value = dataset.get(keyword)
        values = [value] if isinstance(value, (int, float, str)) else list(value)
        result = tuple(float(item) for item in values)
    except (TypeError, ValueError, OverflowError):
        return None
    if len(result) != count or not all(math.isfinite(item) for item in result):
        return None
    return result


def text(dataset: Any, keyword: str) -> str:
    """The value of ``keyword`` as stripped text; several values with backslashes; "" where absent or unreadable."""
    try:
        value = dataset.get(keyword)
    except (TypeError, ValueError, LookupError):
        return ""
    if value is None:
        return ""
    if isinstance(value, (str, int, float)) or not hasattr(value, "__iter__"):
        return str(value).strip()
    if hasattr(value, "components"):
        return str(value).strip()
    return "\\".join(str(item).strip() for item in value)
