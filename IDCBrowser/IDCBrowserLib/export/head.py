"""What every exported object says about itself, its patient and its images."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

import IDCBrowserLib
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.plain_text import one_line
from IDCBrowserLib.export.source_images import SourceImages, StatedImages, taken_over

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as Items

# A new series stands apart from those of scanners.
_SERIES_NUMBER = 1000
# Of Series Description and others (VR LO).
LONGEST = 64
_MOST_NUMBER = 2**31 - 1


def new_uid() -> str:
    """From a UUID (PS3.5 B.2)."""
    from pydicom.uid import generate_uid

    return str(generate_uid(prefix=None))


def make_head(images: SourceImages | StatedImages, options: ExportOptions, sop_class: str, modality: str, default_description: str) -> Dataset:
    """Patient, study, a new series, equipment and SOP common (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.12.1)."""
    made = taken_over(images)
    now = dt.datetime.now()
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"):
        if keyword not in made:
            setattr(made, keyword, "")
    if "ReferringPhysicianName" not in made:
        made.ReferringPhysicianName = ""
    made.StudyInstanceUID = images.grid.study_uid
    made.FrameOfReferenceUID = images.grid.frame_of_reference_uid or new_uid()
    made.SOPClassUID, made.SOPInstanceUID, made.SeriesInstanceUID = sop_class, new_uid(), new_uid()
    made.Modality = modality
    made.SeriesNumber = _series_number(images)
    made.InstanceNumber = 1
    made.SeriesDescription = one_line(options.description or default_description)[:LONGEST]
    made.SeriesDate = made.ContentDate = made.InstanceCreationDate = now.strftime("%Y%m%d")
    made.SeriesTime = made.ContentTime = made.InstanceCreationTime = now.strftime("%H%M%S")
    made.Manufacturer = made.ManufacturerModelName = "IDC Browser"
    made.DeviceSerialNumber = "0"
    made.SoftwareVersions = IDCBrowserLib.__version__
    return made


def license_note(options: ExportOptions) -> str:
    """A sentence; empty where no license is stated."""
    return f"Derived from images under the license {options.license}, whose terms hold for this object as well." if options.license else ""


def code_items(codes: Iterable[Code]) -> Items:
    """Code items (PS3.3 8.8); values too long for Code Value go into Long Code Value or URN Code Value."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as Items

    items = []
    for code in codes:
        item = Dataset()
        if len(code.value) <= 16:
            item.CodeValue = code.value
        elif code.value.startswith(("urn:", "http:", "https:")):
            item.URNCodeValue = code.value
        else:
            item.LongCodeValue = code.value
        item.CodingSchemeDesignator = code.scheme[:16]
        item.CodeMeaning = one_line(code.meaning)[:LONGEST]
        items.append(item)
    return Items(items)


def referenced(sop_class: str, instance: str) -> Dataset:
    """A Referenced SOP Sequence item."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
    return item


def _series_number(images: SourceImages | StatedImages) -> int:
    try:
        number = int(images.grid.series_number or 0)
    except ValueError:
        number = 0
    return min(_MOST_NUMBER, _SERIES_NUMBER + max(0, number))
