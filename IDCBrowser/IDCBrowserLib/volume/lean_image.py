"""Headers of ordinary images (one frame, little endian) without pydicom: a series of 600 slices is understood in a moment."""

from __future__ import annotations

from struct import unpack

from IDCBrowserLib.dicom.lean_reader import HeaderError, TagSelection, read_lean

_TAGS = {
    "ImageType": 0x00080008,
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "SeriesTime": 0x00080031,
    "AcquisitionTime": 0x00080032,
    "ContentTime": 0x00080033,
    "Modality": 0x00080060,
    "SeriesDescription": 0x0008103E,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "ContrastBolusAgent": 0x00180010,
    "SliceThickness": 0x00180050,
    "EchoTime": 0x00180081,
    "InversionTime": 0x00180082,
    "EchoNumbers": 0x00180086,
    "SpacingBetweenSlices": 0x00180088,
    "TriggerTime": 0x00181060,
    "ImagerPixelSpacing": 0x00181164,
    "NominalScannedPixelSpacing": 0x00182010,
    "DiffusionBValue": 0x00189087,
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "SeriesNumber": 0x00200011,
    "AcquisitionNumber": 0x00200012,
    "InstanceNumber": 0x00200013,
    "ImagePositionPatient": 0x00200032,
    "ImageOrientationPatient": 0x00200037,
    "FrameOfReferenceUID": 0x00200052,
    "TemporalPositionIdentifier": 0x00200100,
    "SamplesPerPixel": 0x00280002,
    "PhotometricInterpretation": 0x00280004,
    "NumberOfFrames": 0x00280008,
    "Rows": 0x00280010,
    "Columns": 0x00280011,
    "PixelSpacing": 0x00280030,
    "FrameReferenceTime": 0x00541300,
}
_NUMBERS = {"Rows": "<H", "Columns": "<H", "SamplesPerPixel": "<H", "DiffusionBValue": "<d"}
_TEXTS = ("SeriesDescription", "PatientName", "PatientID", "ContrastBolusAgent")
# Without these it is an enhanced object, or no image with a position: something for pydicom.
_NEEDED = ("SOPClassUID", "SOPInstanceUID", "Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient")

_WANTED = TagSelection(frozenset(_TAGS.values()), _TAGS["FrameReferenceTime"])


class LeanImage:
    """A header that answers like a pydicom Dataset as far as ``frames`` asks: ``in``, ``get``, ``Rows`` and ``Columns``."""

    def __init__(self, values: dict[int, bytes]) -> None:
        self._values = values

    def __contains__(self, keyword: str) -> bool:
        return _TAGS.get(keyword, 0) in self._values

    def get(self, keyword: str) -> str | float | list[str] | None:
        """The value: several ones as a list, an absent one as None."""
        raw = self._values.get(_TAGS.get(keyword, 0))
        if raw is None:
            return None
        if keyword in _NUMBERS:
            form = _NUMBERS[keyword]
            return float(unpack(form, raw)[0]) if len(raw) == (8 if form == "<d" else 2) else None
        parts = [part.strip("\0 ") for part in raw.decode("latin-1").split("\\")]
        return parts if len(parts) > 1 else parts[0]


def open_lean_image(path: str) -> LeanImage | None:
    """The header of an ordinary image with texts in ASCII; None for anything else, even for what is no DICOM at all."""
    try:
        values = read_lean(path, _WANTED).values
    except HeaderError:
        return None
    image = LeanImage(values)
    if any(not values.get(_TAGS[keyword]) for keyword in _NEEDED) or image.get("NumberOfFrames") not in (None, "", "1"):
        return None
    return image if all(_is_ascii(values.get(_TAGS[keyword], b"")) for keyword in _TEXTS) else None


def _is_ascii(raw: bytes) -> bool:
    """Whether the bytes mean the same in every character set; an escape switches between sets."""
    return raw.isascii() and b"\x1b" not in raw
