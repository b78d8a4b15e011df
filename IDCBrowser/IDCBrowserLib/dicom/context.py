"""What a header says about the patient, study and series that an object belongs to, as texts (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1).

Names are DICOM's keywords, except for Manufacturer's Model Name, which Slicer calls Model.
"""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.dicom.dicom_file import opened
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.errors import IDCBrowserError

PATIENT = {"PatientName": 0x00100010, "PatientSex": 0x00100040, "PatientBirthDate": 0x00100030, "PatientComments": 0x00104000}
STUDY = {"StudyID": 0x00200010, "StudyDescription": 0x00081030, "StudyDate": 0x00080020, "StudyTime": 0x00080030}
SERIES = {
    "SeriesDescription": 0x0008103E,
    "SeriesDate": 0x00080021,
    "SeriesTime": 0x00080031,
    "ContentDate": 0x00080023,
    "ContentTime": 0x00080033,
    "Manufacturer": 0x00080070,
    "Model": 0x00081090,
}
# Who drew what is in the object: of a SEG, of a structure set (PS3.3 C.8.20.2, C.8.8.5, C.7.5.1), the more certain ones first.
CREATORS = {"ContentCreatorName": 0x00700084, "ReviewerName": 0x300E0008, "OperatorsName": 0x00081070}
_ALL = {**PATIENT, **STUDY, **SERIES, **CREATORS}


def context_of(root: Elements) -> dict[str, str]:
    """What is stated; nothing is there that is empty."""
    return {keyword: text for keyword, tag in _ALL.items() if (text := root.text(tag))}


def context_of_file(path: str | Path) -> dict[str, str]:
    """The same of a file; nothing where it cannot be read."""
    try:
        return context_of(opened(path).root)
    except (IDCBrowserError, OSError):
        return {}
