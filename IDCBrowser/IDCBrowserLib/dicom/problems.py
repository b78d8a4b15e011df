"""The errors that every reader raises for a damaged file, in one form: ``FILE is REASON. What to do.``"""

from __future__ import annotations

from IDCBrowserLib.errors import DamagedError, NotDicomError


def cut_off(path: str, where: str) -> DamagedError:
    """The file ends too early; ``where`` says how one knows: "it ends within element (0010,0010)"."""
    return DamagedError(f"{path} is cut off: {where}. It was not transferred completely or is truncated; download it again.", f"cut off: {where}")


def damaged(path: str, what: str) -> DamagedError:
    """The bytes make no sense; ``what`` says where: "an item of a sequence claims 5 bytes where 3 are left"."""
    return DamagedError(f"{path} is damaged: {what}. Download it again.", f"damaged: {what}")


def not_dicom(path: str, what: str = "not a DICOM file") -> NotDicomError:
    """Something else than a DICOM object; ``what`` it is instead."""
    advice = "" if what == "not a DICOM file" else ", not a DICOM object"
    return NotDicomError(f"{path} is {what}{advice}. Give a DICOM file.", what)


class ShortError(Exception):
    """What was read of a file ends before the element that is looked at; more of it has to be read. Never leaves ``dicom``."""
