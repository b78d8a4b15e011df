"""What a report on an entry says about patient and study: read once from one of its images, since these may be gone when it is written."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.dicom.dicom_file import open_dicom

# Patient, study and series (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1) by tag.
_KEPT = {
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "SeriesInstanceUID": 0x0020000E,
    "SeriesNumber": 0x00200011,
    "Modality": 0x00080060,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "PatientBirthDate": 0x00100030,
    "PatientSex": 0x00100040,
    "PatientAge": 0x00101010,
    "PatientIdentityRemoved": 0x00120062,
    "StudyInstanceUID": 0x0020000D,
    "StudyDate": 0x00080020,
    "StudyTime": 0x00080030,
    "StudyID": 0x00200010,
    "AccessionNumber": 0x00080050,
    "ReferringPhysicianName": 0x00080090,
    "StudyDescription": 0x00081030,
}


def read_head(path: Path) -> dict[str, str]:
    """By keyword; what the file does not state is left out. Raises ``InputError``, ``NotFoundError``, ``StorageError``."""
    root = open_dicom(path).root
    return {keyword: text for keyword, tag in _KEPT.items() if (text := root.text(tag))}
