"""A report of the phantom's segments (DICOM PS3.16 TID 1500, 1411, 1419): volume and mean attenuation of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.demo import images, structures, tissue
from IDCBrowserLib.demo.dicom_file import CT_STUDY, SeriesHead, code_item, instance_uid, new_object, reference, sequence
from IDCBrowserLib.demo.identity import uid
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.segmentation import DrawnSegment
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import COMPREHENSIVE_3D_SR, CT_IMAGE, SEGMENTATION

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_VOLUME = Code("118565006", "SCT", "Volume")
_ATTENUATION = Code("112031", "DCM", "Attenuation Coefficient")
_CUBIC_MM, _HOUNSFIELD = Code("mm3", "UCUM", "mm3"), Code("[hnsf'U]", "UCUM", "Hounsfield unit")
_DERIVATION, _MEAN = Code("121401", "DCM", "Derivation"), Code("373098007", "SCT", "Mean")


def made() -> dict[str, MadeSeries]:
    """Two measurements for each segment of the BINARY SEG."""
    grid = images.CT.grid
    values = tissue.ct_volume(grid)
    voxel = grid.spacing[0] * grid.spacing[1] * grid.spacing[2]
    groups, truth = [], []
    for segment in structures.overlapping_segments(grid):
        volume, mean = int(segment.mask.sum()) * voxel, round(float(values[segment.mask].mean()), 4)
        groups.append(_group(segment, volume, mean))
        truth += [
            {"name": segment.name, "quantity": "Volume", "value": volume, "unit": "mm3"},
            {"name": segment.name, "quantity": "Attenuation Coefficient", "value": mean, "unit": "[hnsf'U]"},
        ]
    dataset = new_object(COMPREHENSIVE_3D_SR, SeriesHead("report", CT_STUDY, "SR", 1007, "Measurements of organs and tumor"))
    dataset.InstanceNumber, dataset.CompletionFlag, dataset.VerificationFlag = 1, "COMPLETE", "UNVERIFIED"
    dataset.PerformedProcedureCodeSequence = sequence()
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    dataset.ConceptNameCodeSequence = sequence(code_item(Code("126000", "DCM", "Imaging Measurement Report")))
    template = _empty()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "1500"
    dataset.ContentTemplateSequence = sequence(template)
    dataset.CurrentRequestedProcedureEvidenceSequence = sequence(_evidence(dataset.StudyInstanceUID))
    language = _coded(
        Code("121049", "DCM", "Language of Content Item and Descendants"), Code("en-US", "RFC5646", "English (United States)"), "HAS CONCEPT MOD"
    )
    device = _coded(Code("121005", "DCM", "Observer Type"), Code("121007", "DCM", "Device"), "HAS OBS CONTEXT")
    device_uid = _uid(Code("121012", "DCM", "Device Observer UID"), uid("phantom generator"))
    procedure = _coded(Code("121058", "DCM", "Procedure reported"), Code("363679005", "SCT", "Imaging procedure"), "HAS CONCEPT MOD")
    dataset.ContentSequence = sequence(language, device, device_uid, procedure, _container(Code("126010", "DCM", "Imaging Measurements"), groups))
    return {"report": MadeSeries([dataset], {"measurements": truth})}


def _group(segment: DrawnSegment, volume: float, mean: float) -> Dataset:
    children = [
        _text(Code("112039", "DCM", "Tracking Identifier"), segment.name),
        _uid(Code("112040", "DCM", "Tracking Unique Identifier"), uid(f"tracking {segment.name}")),
        _coded(Code("121071", "DCM", "Finding"), segment.type, "CONTAINS"),
    ]
    if segment.region is not None:
        children.append(_coded(Code("363698007", "SCT", "Finding Site"), segment.region, "HAS CONCEPT MOD"))
    segments = _image(Code("121191", "DCM", "Referenced Segment"), SEGMENTATION, instance_uid("seg_binary", 0))
    segments.ReferencedSOPSequence[0].ReferencedSegmentNumber = segment.number
    children += [segments, _uid(Code("121232", "DCM", "Source series for segmentation"), uid("ct"), "CONTAINS")]
    children += [_number(_VOLUME, volume, _CUBIC_MM), _number(_ATTENUATION, mean, _HOUNSFIELD, [_coded(_DERIVATION, _MEAN, "HAS CONCEPT MOD")])]
    return _container(Code("125007", "DCM", "Measurement Group"), children)


def _evidence(study_uid: str) -> Dataset:
    study, drawn, source = _empty(), _empty(), _empty()
    study.StudyInstanceUID = study_uid
    drawn.SeriesInstanceUID, drawn.ReferencedSOPSequence = uid("seg_binary"), sequence(reference(SEGMENTATION, instance_uid("seg_binary", 0)))
    source.SeriesInstanceUID = uid("ct")
    source.ReferencedSOPSequence = sequence(*(reference(CT_IMAGE, images.CT.instance_uid(k)) for k in range(images.CT.grid.shape[0])))
    study.ReferencedSeriesSequence = sequence(drawn, source)
    return study


def _empty() -> Dataset:
    from pydicom.dataset import Dataset

    return Dataset()


def _item(kind: str, name: Code, relation: str, children: Sequence[Dataset] = ()) -> Dataset:
    item = _empty()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = relation, kind, sequence(code_item(name))
    if children:
        item.ContentSequence = sequence(*children)
    return item


def _container(name: Code, children: Sequence[Dataset]) -> Dataset:
    item = _item("CONTAINER", name, "CONTAINS", children)
    item.ContinuityOfContent = "SEPARATE"
    return item


def _coded(name: Code, value: Code, relation: str) -> Dataset:
    item = _item("CODE", name, relation)
    item.ConceptCodeSequence = sequence(code_item(value))
    return item


def _text(name: Code, value: str) -> Dataset:
    item = _item("TEXT", name, "HAS OBS CONTEXT")
    item.TextValue = value
    return item


def _uid(name: Code, value: str, relation: str = "HAS OBS CONTEXT") -> Dataset:
    item = _item("UIDREF", name, relation)
    item.UID = value
    return item


def _image(name: Code, sop_class: str, sop_instance: str) -> Dataset:
    item = _item("IMAGE", name, "CONTAINS")
    item.ReferencedSOPSequence = sequence(reference(sop_class, sop_instance))
    return item


def _number(name: Code, value: float, unit: Code, children: Sequence[Dataset] = ()) -> Dataset:
    item, measured = _item("NUM", name, "CONTAINS", children), _empty()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = f"{value:.10g}", sequence(code_item(unit))
    item.MeasuredValueSequence = sequence(measured)
    return item
