"""What all of the phantom's DICOM objects share: patient, study, equipment, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from IDCBrowserLib.demo.identity import PATIENT_ID, PATIENT_NAME, uid
from IDCBrowserLib.dicom.code import Code

CT_STUDY = "ct study"
MR_STUDY = "mr study"
US_STUDY = "us study"
SLIDE_STUDY = "slide study"
_STUDIES = {
    CT_STUDY: ("20240412", "091500", "CT Abdomen w contrast, portal venous (generated phantom)", "DEMO-CT"),
    MR_STUDY: ("20240419", "143000", "MR Abdomen T1 oblique (generated phantom)", "DEMO-MR"),
    US_STUDY: ("20240422", "110000", "US Abdomen (generated phantom)", "DEMO-US"),
    SLIDE_STUDY: ("20240426", "083000", "Biopsy of the liver, H&E (generated phantom)", "DEMO-SM"),
}
MANUFACTURER = "IDC Browser"
MODEL = "Phantom generator"


@dataclass(frozen=True)
class SeriesHead:
    """What a series is called; ``name`` and ``study`` are names from which the UIDs follow."""

    name: str
    study: str
    modality: str
    number: int
    description: str


def new_object(sop_class_uid: str, series: SeriesHead, index: int = 0) -> Dataset:
    """Patient, Study, Series, Equipment and SOP Common modules (PS3.3 C.7.1, C.7.2, C.7.3, C.7.5, C.12.1) of instance ``index``."""
    study = series.study
    date, time, study_description, study_id = _STUDIES[study]
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.InstanceCreationDate, dataset.InstanceCreationTime = date, time
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class_uid, instance_uid(series.name, index)
    dataset.StudyDate = dataset.SeriesDate = dataset.ContentDate = date
    dataset.StudyTime = dataset.SeriesTime = dataset.ContentTime = time
    dataset.AccessionNumber = ""
    dataset.Modality = series.modality
    dataset.Manufacturer, dataset.ManufacturerModelName = MANUFACTURER, MODEL
    dataset.DeviceSerialNumber, dataset.SoftwareVersions = "1", "1"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription, dataset.SeriesDescription = study_description, series.description
    dataset.PatientName, dataset.PatientID = PATIENT_NAME, PATIENT_ID
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "", "O", "060Y"
    dataset.PatientIdentityRemoved, dataset.DeidentificationMethod = "YES", "Generated, not a person"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid(study), uid(series.name)
    dataset.StudyID, dataset.SeriesNumber = study_id, series.number
    return dataset


def instance_uid(series: str, index: int) -> str:
    """SOPInstanceUID of an instance of the series with this name."""
    return uid(f"{series} {index}")


def add_frame_of_reference(dataset: Dataset, study: str) -> None:
    """Frame of Reference module (C.7.4.1): one per study."""
    dataset.FrameOfReferenceUID = uid(f"{study} frame of reference")
    dataset.PositionReferenceIndicator = ""


def add_pixels(dataset: Dataset, size: tuple[int, int], bits: int, values: bytes) -> None:
    """Image Pixel module (C.7.6.3) of unsigned gray samples; ``size`` is (rows, columns), ``bits`` 1, 8 or 16."""
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = size
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    dataset.add_new("PixelData", "OW" if bits == 16 else "OB", values + b"\0" * (len(values) % 2))


def little_endian(values: NDArray[np.int16] | NDArray[np.uint16]) -> bytes:
    """Samples as DICOM stores them."""
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def code_item(code: Code) -> Dataset:
    """One item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme, code.meaning
    return item


def sequence(*items: Dataset) -> DicomSequence:
    """A DICOM sequence of these items."""
    return DicomSequence(items)


def add_dimensions(dataset: Dataset, organization_uid: str, pointers: Sequence[tuple[int, int, str]]) -> None:
    """Multi-frame Dimension module (C.7.6.17): of each dimension the tag, that of its functional group, and its label."""
    organization = Dataset()
    organization.DimensionOrganizationUID = organization_uid
    dataset.DimensionOrganizationSequence = sequence(organization)
    items = []
    for pointer, group, label in pointers:
        item = Dataset()
        item.DimensionOrganizationUID = organization_uid
        item.DimensionIndexPointer, item.FunctionalGroupPointer, item.DimensionDescriptionLabel = pointer, group, label
        items.append(item)
    dataset.DimensionIndexSequence = sequence(*items)


def reference(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    """One item that refers to an instance."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class_uid, sop_instance_uid
    return item


def decimals(values: Sequence[float]) -> list[str]:
    """Decimal Strings (VR DS) with at most ten digits behind the point and no trailing zeros."""
    return [f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) > 1e-11 else "0" for value in values]


def save(dataset: Dataset, path: Path) -> None:
    """Write a DICOM file (PS3.10) with this program's own implementation identifiers: in explicit little endian, unless it is compressed."""
    syntax = dataset.file_meta.TransferSyntaxUID if hasattr(dataset, "file_meta") else ExplicitVRLittleEndian
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.ImplementationClassUID = UID(uid("implementation"))
    dataset.file_meta.ImplementationVersionName = "IDCB_PHANTOM"
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
