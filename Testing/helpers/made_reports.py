"""Structured reports made with pydicom, in every dialect and every way of writing."""

import warnings
from collections.abc import Sequence as Items
from pathlib import Path

from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"
SEG_CLASS = "1.2.840.10008.5.1.4.1.1.66.4"
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}
MODERN = {"site": ("363698007", "SCT"), "laterality": ("272741003", "SCT"), "method": ("370129005", "SCT")}
OLD = {"site": ("G-C0E3", "SRT"), "laterality": ("G-C171", "SRT"), "method": ("G-C036", "SRT")}


def code(value: str, scheme: str = "99TEST", meaning: str = "") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning or value
    return item


def content(value_type: str, name: Dataset | None = None, relation: str = "CONTAINS", children: Items[Dataset] = ()) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, value_type
    if name is not None:
        item.ConceptNameCodeSequence = Sequence([name])
    if children:
        item.ContentSequence = Sequence(children)
    return item


def container(name: Dataset | None, children: Items[Dataset]) -> Dataset:
    item = content("CONTAINER", name, children=children)
    item.ContinuityOfContent = "SEPARATE"
    return item


def number(name: Dataset, value: str | None, unit: str = "mm", children: Items[Dataset] = (), qualifier: Dataset | None = None) -> Dataset:
    item = content("NUM", name, children=children)
    measured = Dataset()
    if value is not None:
        measured.NumericValue = value
        measured.MeasurementUnitsCodeSequence = Sequence([code(unit, "UCUM")])
    item.MeasuredValueSequence = Sequence([measured] if value is not None else [])
    if qualifier is not None:
        item.NumericValueQualifierCodeSequence = Sequence([qualifier])
    return item


def coded(name: Dataset, value: Dataset, relation: str = "CONTAINS", children: Items[Dataset] = ()) -> Dataset:
    item = content("CODE", name, relation, children)
    item.ConceptCodeSequence = Sequence([value])
    return item


def text(name: Dataset | None, value: str, relation: str = "CONTAINS") -> Dataset:
    item = content("TEXT", name, relation)
    item.TextValue = value
    return item


def uid(name: Dataset, value: str, relation: str = "CONTAINS") -> Dataset:
    item = content("UIDREF", name, relation)
    item.UID = value
    return item


def image(
    sop_class: str, sop_uid: str, name: Dataset | None = None, segments: Items[int] = (), frames: Items[int] = (), relation: str = "CONTAINS"
) -> Dataset:
    item = content("IMAGE", name, relation)
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = sop_class, sop_uid
    if segments:
        reference.ReferencedSegmentNumber = list(segments)
    if frames:
        reference.ReferencedFrameNumber = list(frames)
    item.ReferencedSOPSequence = Sequence([reference])
    return item


def scoord(kind: str, numbers: Items[float], on: Dataset, name: Dataset | None = None) -> Dataset:
    item = content("SCOORD", name or code("111030", "DCM", "Image Region"), children=[on])
    item.GraphicType, item.GraphicData = kind, list(numbers)
    return item


def group(children: Items[Dataset], tracking: str = "", tracking_uid: str = "") -> Dataset:
    own = [text(code("112039", "DCM", "Tracking Identifier"), tracking, "HAS OBS CONTEXT")] if tracking else []
    own += [uid(code("112040", "DCM", "Tracking Unique Identifier"), tracking_uid, "HAS OBS CONTEXT")] if tracking_uid else []
    return container(code("125007", "DCM", "Measurement Group"), [*own, *children])


def site(where: str, side: str = "", dialect: dict[str, tuple[str, str]] = MODERN) -> Dataset:
    children = [coded(code(*dialect["laterality"], "Laterality"), code(side), "HAS CONCEPT MOD")] if side else []
    return coded(code(*dialect["site"], "Finding Site"), code(where), "HAS CONCEPT MOD", children)


def measurement_report(groups: Items[Dataset], series_of: dict[str, str] | None = None) -> Dataset:
    """A TID 1500 report; ``series_of`` tells the series of images, SOPInstanceUID -> SeriesInstanceUID, in the evidence."""
    dataset = report(code("126000", "DCM", "Imaging Measurement Report"), [container(code("126010", "DCM", "Imaging Measurements"), groups)])
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "1500"
    dataset.ContentTemplateSequence = Sequence([template])
    study = Dataset()
    study.StudyInstanceUID = "1.2.3"
    study.ReferencedSeriesSequence = Sequence()
    for sop_uid, series_uid in (series_of or {}).items():
        series, instance = Dataset(), Dataset()
        series.SeriesInstanceUID = series_uid
        instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = CT_CLASS, sop_uid
        series.ReferencedSOPSequence = Sequence([instance])
        study.ReferencedSeriesSequence.append(series)
    dataset.CurrentRequestedProcedureEvidenceSequence = Sequence([study])
    return dataset


def report(title: Dataset | None, children: Items[Dataset]) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = ENHANCED_SR, "1.2.3.9.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.Modality = "1.2.3", "1.2.3.9", "SR"
    dataset.PatientID, dataset.PatientName, dataset.CompletionFlag, dataset.VerificationFlag = "P1", "Some^Body", "COMPLETE", "UNVERIFIED"
    dataset.SeriesDescription = "Made measurements"
    dataset.ValueType, dataset.ContinuityOfContent = "CONTAINER", "SEPARATE"
    if title is not None:
        dataset.ConceptNameCodeSequence = Sequence([title])
    dataset.ContentSequence = Sequence(children)
    return dataset


def save(dataset: Dataset, path: Path, way: str = "explicit", undefined: bool = False) -> Path:
    """Write it in one of the ``SYNTAXES``; ``undefined``: sequences and items without stated lengths."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    meta.TransferSyntaxUID = SYNTAXES[way]
    dataset.file_meta = meta
    _state_lengths(dataset, undefined)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcmwrite(path, dataset, enforce_file_format=True)
    return path


def _state_lengths(dataset: Dataset, undefined: bool) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
                _state_lengths(item, undefined)


def referring(relation: str, *position: int) -> Dataset:
    """An item that stands for the one at a position from the root, counted from 1."""
    found = Dataset()
    found.RelationshipType, found.ReferencedContentItemIdentifier = relation, list(position)
    return found
