"""Structured reports as files: the head of an Enhanced or Comprehensive 3D SR around a tree of content (PS3.3 A.35.2, A.35.13).

What every report of this program says of its observer stands here as well (PS3.16 TID 1204, 1001).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import IDCBrowserLib
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import COMPREHENSIVE_3D_SR, ENHANCED_SR
from IDCBrowserLib.dicom.transfer_syntax import EXPLICIT_LITTLE
from IDCBrowserLib.export.head import make_head, referenced
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.part_10 import encoded, write_part_10
from IDCBrowserLib.export.report_items import CONTEXT, MODIFIER, code_item, person_item, text_item, uid_item
from IDCBrowserLib.export.source_images import SourceImages, StatedImages

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
MEASUREMENTS, GROUP = Code("126010", "DCM", "Imaging Measurements"), Code("125007", "DCM", "Measurement Group")
# Of a group (PS3.16 TID 1501, 1411).
TRACKING_ID, TRACKING_UID = Code("112039", "DCM", "Tracking Identifier"), Code("112040", "DCM", "Tracking Unique Identifier")
FINDING = Code("121071", "DCM", "Finding")
SEGMENT, SOURCE_SERIES = Code("121191", "DCM", "Referenced Segment"), Code("121232", "DCM", "Source series for segmentation")
# Of codes that no terminology has.
OWN_SCHEME = "99IDCBROWSER"
_LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
_ENGLISH = Code("en", "RFC5646", "English")
_OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
_PERSON, _DEVICE = Code("121006", "DCM", "Person"), Code("121007", "DCM", "Device")
_PERSON_NAME = Code("121008", "DCM", "Person Observer Name")
_DEVICE_UID, _DEVICE_NAME = Code("121012", "DCM", "Device Observer UID"), Code("121013", "DCM", "Device Observer Name")
_PROCEDURE = Code("121058", "DCM", "Procedure reported")
# Of no other kind of image a procedure without a region of the body is in CID 100.
_PROCEDURES = {
    "CT": Code("25045-6", "LN", "CT unspecified body region"),
    "MR": Code("25056-3", "LN", "MRI unspecified body region"),
    "PT": Code("44136-0", "LN", "PET unspecified body region"),
    "NM": Code("49118-3", "LN", "NM unspecified body region"),
}
_IMAGING = Code("363679005", "SCT", "Imaging procedure")
# This program, whatever its version; from a UUID.
_PROGRAM_UID = "2.25.201553467556318454842107057640244839110"


@dataclass(frozen=True)
class Evidence:
    """Objects of one series that a report is about: its UID, and the (SOP Class UID, SOP Instance UID) of each."""

    series_uid: str
    objects: tuple[tuple[str, str], ...]


def write_report(
    path: Path,
    images: SourceImages | StatedImages,
    options: ExportOptions,
    root: Dataset,
    evidence: Sequence[Evidence],
    default_description: str,
) -> tuple[str, str, str]:
    """Write the file with ``root``, a container that has content, about ``evidence`` in the study of ``images``.

    Gives its class, instance and series UID. It is a Comprehensive 3D SR where a part of the content lies in space, else an Enhanced SR.
    Raises ``StorageError``.
    """
    # A COMPOSITE is a structure set whose ROI is named below it.
    sop_class = COMPREHENSIVE_3D_SR if any(item.ValueType in ("SCOORD3D", "COMPOSITE") for item in _walk(root)) else ENHANCED_SR
    head = make_head(images, options, sop_class, "SR", default_description)
    # A report lies in no space of its own.
    for keyword in ("FrameOfReferenceUID", "PositionReferenceIndicator"):
        if keyword in head:
            delattr(head, keyword)
    head.ReferencedPerformedProcedureStepSequence = []
    head.PerformedProcedureCodeSequence = []
    head.CurrentRequestedProcedureEvidenceSequence = [_study(images.grid.study_uid, evidence)]
    if any(code.CodingSchemeDesignator == OWN_SCHEME for item in _walk(root) for code in _codes(item)):
        head.CodingSchemeIdentificationSequence = [_own_scheme()]
    head.CompletionFlag, head.VerificationFlag = "COMPLETE", "UNVERIFIED"
    head.PreliminaryFlag = "FINAL"
    head.update(root)
    write_part_10(path, head, EXPLICIT_LITTLE, [encoded(head, implicit=False)])
    return sop_class, str(head.SOPInstanceUID), str(head.SeriesInstanceUID)


def about_report(modality: str, reader: str = "") -> list[Dataset]:
    """What stands first in the root: language, the person who observed (where named) or this program, and the procedure of such images."""
    observer = [
        code_item(_OBSERVER_TYPE, _DEVICE, CONTEXT),
        uid_item(_DEVICE_UID, _PROGRAM_UID, CONTEXT),
        text_item(_DEVICE_NAME, f"IDC Browser {IDCBrowserLib.__version__}", CONTEXT),
    ]
    if reader:
        observer = [code_item(_OBSERVER_TYPE, _PERSON, CONTEXT), person_item(_PERSON_NAME, reader), *observer]
    procedure = code_item(_PROCEDURE, _PROCEDURES.get(modality, _IMAGING), MODIFIER)
    return [code_item(_LANGUAGE, _ENGLISH, MODIFIER), *observer, procedure]


def _codes(item: Dataset) -> Iterable[Dataset]:
    return [*item.ConceptNameCodeSequence, *item.get("ConceptCodeSequence", [])]


def _own_scheme() -> Dataset:
    """Codes that only this program has (PS3.3 C.12.1)."""
    from pydicom.dataset import Dataset

    made = Dataset()
    made.CodingSchemeDesignator = OWN_SCHEME
    made.CodingSchemeName = made.CodingSchemeResponsibleOrganization = "IDC Browser"
    return made


def _walk(item: Dataset) -> Iterable[Dataset]:
    yield item
    for child in item.get("ContentSequence", []):
        yield from _walk(child)


def _study(uid: str, evidence: Sequence[Evidence]) -> Dataset:
    """An item of Current Requested Procedure Evidence Sequence (PS3.3 C.17.2)."""
    from pydicom.dataset import Dataset

    study = Dataset()
    study.StudyInstanceUID = uid
    study.ReferencedSeriesSequence = []
    for one in evidence:
        series = Dataset()
        series.SeriesInstanceUID = one.series_uid
        series.ReferencedSOPSequence = [referenced(sop_class, instance) for sop_class, instance in dict.fromkeys(one.objects)]
        study.ReferencedSeriesSequence.append(series)
    return study
