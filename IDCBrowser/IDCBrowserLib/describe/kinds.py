"""Which kind of object a SOP class is (PS3.4 table B.5-1). Modality is never asked: some series of CT images say SEG."""

from __future__ import annotations

from typing import NamedTuple

from IDCBrowserLib.dicom.sop_classes import MEDIA_STORAGE_DIRECTORY

_PREFIX = "1.2.840.10008.5.1.4.1.1."


class Kind(NamedTuple):
    """``words`` for people, ``family``: how it is described and opened."""

    words: str
    family: str


OTHER = Kind("DICOM object", "other")
# Its frames are one stream, which another program plays.
VIDEO = "Video"
_IMAGES = {
    "CT image": "2 2.1 2.2",
    "MR image": "4 4.1 4.3 4.4",
    "PET image": "128 128.1 130",
    "Ultrasound": "3 3.1 6 6.1 6.2 6.3",
    "Mammogram": "1.2 1.2.1",
    "Breast tomosynthesis": "13.1.3",
    "X-ray image": "1 1.1 1.1.1 1.3 1.3.1 12.1 12.1.1 12.2 12.2.1 13.1.1 13.1.2 13.1.4 13.1.5",
    "Nuclear medicine image": "5 20",
    "Secondary capture": "7 7.1 7.2 7.3 7.4",
    "Radiotherapy image": "481.1",
    "Photograph": "77.1.1 77.1.2 77.1.3 77.1.4",
    "Eye image": "77.1.5.1 77.1.5.2 77.1.5.4 77.1.5.5 77.1.5.6 77.1.5.7 77.1.5.8",
    VIDEO: "77.1.1.1 77.1.2.1 77.1.4.1",
}
_OTHERS = {
    ("Slide image", "image"): "77.1.6",
    ("Parametric map", "map"): "30",
    ("Segmentation", "segmentation"): "66.4 66.7",
    ("Structure set", "structures"): "481.3",
    ("Key object selection", "key objects"): "88.59",
    ("Presentation state", "presentation"): "11.1 11.2 11.3 11.4 11.5 11.6 11.7 11.8 11.9 11.10 11.11 11.12",
    ("Real world value map", "value map"): "67",
    ("Radiotherapy plan", "plan"): "481.5 481.8",
    ("Dose", "dose"): "481.2",
    ("Treatment record", "other"): "481.4 481.6 481.7 481.9",
    ("Registration", "registration"): "66.1",
    ("Deformable registration", "registration"): "66.3",
    ("Fiducials", "other"): "66.2",
    ("Surface segmentation", "other"): "66.5",
    ("Tractography", "other"): "66.6",
    ("Raw data", "other"): "66",
    ("MR spectroscopy", "other"): "4.2",
    ("Annotations on slides", "annotations"): "91.1",
    ("PDF document", "document"): "104.1",
    ("Clinical document", "document"): "104.2",
    ("Surface (STL)", "document"): "104.3",
    ("Surface (OBJ)", "document"): "104.4",
    ("Material of a surface (MTL)", "document"): "104.5",
    ("ECG", "waveform"): "9.1.1 9.1.2 9.1.3",
    ("Waveform", "waveform"): "9.2.1 9.3.1 9.4.1 9.4.2 9.5.1 9.6.1 9.6.2 9.7.1 9.7.2 9.7.3 9.7.4 9.8.1",
}
_KINDS = {f"{_PREFIX}{uid}": Kind(words, "image") for words, uids in _IMAGES.items() for uid in uids.split()}
_KINDS.update({f"{_PREFIX}{uid}": Kind(*kind) for kind, uids in _OTHERS.items() for uid in uids.split()})
_KINDS[MEDIA_STORAGE_DIRECTORY] = Kind("DICOM directory", "other")
_REPORT = Kind("Report", "report")
_REPORTS = f"{_PREFIX}88."


def kind_of(sop_class_uid: str) -> Kind:
    """The kind; ``OTHER`` for a class that is not known."""
    known = _KINDS.get(sop_class_uid)
    if known is not None:
        return known
    return _REPORT if sop_class_uid.startswith(_REPORTS) else OTHER
