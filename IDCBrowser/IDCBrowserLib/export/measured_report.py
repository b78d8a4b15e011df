"""Measurements of the segments of a SEG, or the ROIs of a structure set, as a structured report (PS3.16 TID 1500, a group of TID 1411 for each)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import RT_STRUCTURE_SET
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.export.head import LONGEST
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.report_items import (
    CONTEXT,
    MODIFIER,
    code_item,
    container,
    number_item,
    referenced_segment,
    region_in_space,
    text_item,
    uid_item,
)
from IDCBrowserLib.export.segment_figures import Inside, Measured, SegmentFigures
from IDCBrowserLib.export.source_images import SourceImages
from IDCBrowserLib.export.write_report import (
    FINDING,
    GROUP,
    MEASUREMENT_REPORT,
    MEASUREMENTS,
    OWN_SCHEME,
    SEGMENT,
    SOURCE_SERIES,
    TRACKING_ID,
    TRACKING_UID,
    Evidence,
    about_report,
    write_report,
)
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.volume.quantity import HOUNSFIELD, Quantity

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from IDCBrowserLib.api import export as api

_CATEGORY = Code("276214006", "SCT", "Finding category")
_SITE, _LATERALITY = Code("363698007", "SCT", "Finding Site"), Code("272741003", "SCT", "Laterality")
_SITE_MODIFIER = Code("106233006", "SCT", "Topographical modifier")
_ALGORITHM, _VERSION = Code("111001", "DCM", "Algorithm Name"), Code("111003", "DCM", "Algorithm Version")
_METHOD, _DERIVATION = Code("370129005", "SCT", "Measurement Method"), Code("121401", "DCM", "Derivation")
_SUM_OF_VOXELS = Code("126030", "DCM", "Sum of segmented voxel method for volume")
_VOLUME, _CUBIC = Code("118565006", "SCT", "Volume"), Code("mm3", "UCUM", "cubic millimeter")
# Of the surface that marching cubes draw (Image Biomarker Standardisation Initiative, feature L0JK).
_DIAMETER, _LENGTH = Code("L0JK", "IBSI", "Maximum 3D Diameter of a Mesh"), Code("mm", "UCUM", "millimeter")
_MEAN, _DEVIATION = Code("373098007", "SCT", "Mean"), Code("386136009", "SCT", "Standard Deviation")
_LEAST, _MOST = Code("255605001", "SCT", "Minimum"), Code("56851009", "SCT", "Maximum")
_NO_UNIT = Code("1", "UCUM", "no units")
# CID 244.
_SIDES = {"7771000", "24028007", "51440002", "66459002"}
_ANATOMY = ("SCT", "123037004")
# Of images that do not state what they measure, or for which DICOM has a code that they do not name.
_OF_MODALITY = {"MR": Code("110852", "DCM", "MR signal intensity"), "PT": Code("110821", "DCM", "Nuclear Medicine Tomographic Activity")}
_OF_REPORTS = " - measurements"
_UPTAKE = Code("126400", "DCM", "Standardized Uptake Value")
_VALUE = Code("IMAGEVALUE", OWN_SCHEME, "Image value")


@dataclass(frozen=True)
class WrittenReport:
    """``path``, the UIDs of the object, and how many ``measurements`` it holds; ``notes`` are sentences for the user."""

    path: str
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    measurements: int
    notes: tuple[str, ...] = ()

    def to_json(self) -> api.WrittenReport:
        """What ``export --json`` prints of it."""
        return {
            "path": self.path,
            "sop_class_uid": self.sop_class_uid,
            "sop_instance_uid": self.sop_instance_uid,
            "series_uid": self.series_uid,
            "measurements": self.measurements,
        }


@dataclass(frozen=True)
class WrittenSegmentation:
    """The SEG or structure set that is measured: its SOP class, instance and series, and the images it refers to."""

    sop_class: str
    sop_instance_uid: str
    series_uid: str
    images: tuple[str, ...]


def write_measurements(
    path: Path, of: WrittenSegmentation, segments: Sequence[Segment], measured: Measured, images: SourceImages, options: ExportOptions
) -> WrittenReport:
    """Write the report on ``segments``, numbered as in the object, with their figures in the same order.

    Segments without voxels have no group. Raises ``StorageError``, ``InputError`` where there is nothing to say.
    """
    pairs = [(segment, figures) for segment, figures in zip(segments, measured.segments, strict=True) if figures.voxels]
    if not pairs:
        raise InputError("There is no voxel in any segment, so there is nothing to measure.")
    name, unit = quantity_codes(measured.quantity, images.grid.modality)
    groups = [_group(segment, figures, of, images.grid.series_uid, name, unit, options) for segment, figures in pairs]
    root = container(
        MEASUREMENT_REPORT, [*about_report(images.grid.modality, options.creator), container(MEASUREMENTS, groups)], relation="", template="1500"
    )
    evidence = [
        Evidence(of.series_uid, ((of.sop_class, of.sop_instance_uid),)),
        Evidence(images.grid.series_uid, tuple((images.sop_class, uid) for uid in of.images)),
    ]
    about = replace(options, description=_description(options.description or "Segmentation"))
    uids = write_report(path, images, about, root, evidence, "Measurements")
    count = sum(item.ValueType == "NUM" for group in groups for item in group.ContentSequence)
    return WrittenReport(str(path), *uids, count, measured.notes)


def _description(of: str) -> str:
    """Of a long one the beginning: what tells the report from the SEG stays."""
    return f"{of[: LONGEST - len(_OF_REPORTS)].rstrip()}{_OF_REPORTS}"


def quantity_codes(quantity: Quantity, modality: str) -> tuple[Code, Code]:
    """What the values of the image are, and their unit."""
    unit = Code.from_json(quantity.unit_code) or (Code(f"{{{quantity.unit}}}", "UCUM", quantity.unit) if quantity.unit else _NO_UNIT)
    if quantity.name_code is not None:
        return Code.from_json(quantity.name_code) or _VALUE, unit
    if quantity.short == "SUV":
        return _UPTAKE, unit
    if modality == "CT":
        # Of a CT that does not say so: stated as what it is, without the unit.
        return Code.from_json(HOUNSFIELD.name_code) or _VALUE, unit
    return _OF_MODALITY.get(modality, _VALUE), unit


def _group(
    segment: Segment, figures: SegmentFigures, of: WrittenSegmentation, source_series: str, name: Code, unit: Code, options: ExportOptions
) -> Dataset:
    finding = segment.type or segment.anatomic_region
    children = [
        text_item(TRACKING_ID, segment.tracking_id, CONTEXT),
        uid_item(TRACKING_UID, segment.tracking_uid, CONTEXT),
        *([code_item(_CATEGORY, segment.category)] if segment.category else []),
        *([code_item(FINDING, finding)] if finding else []),
        *_drawn(segment, of, source_series),
        *_site(segment),
        *_algorithm(segment, options),
        number_item(_VOLUME, figures.volume_mm3, _CUBIC, [code_item(_METHOD, _SUM_OF_VOXELS, MODIFIER)]),
    ]
    if figures.diameter_mm is not None:
        children.append(number_item(_DIAMETER, figures.diameter_mm, _LENGTH))
    if figures.inside is not None:
        children += _values(figures.inside, name, unit)
    return container(GROUP, children, template="1411")


def _drawn(segment: Segment, of: WrittenSegmentation, source_series: str) -> list[Dataset]:
    """Where it is drawn. A structure set names its images itself."""
    if of.sop_class == RT_STRUCTURE_SET:
        return [region_in_space(of.sop_class, of.sop_instance_uid, segment.number)]
    return [referenced_segment(SEGMENT, of.sop_class, of.sop_instance_uid, segment.label_value), uid_item(SOURCE_SERIES, source_series)]


def _values(inside: Inside, name: Code, unit: Code) -> Iterator[Dataset]:
    stated = ((_MEAN, inside.mean), (_DEVIATION, inside.deviation), (_LEAST, inside.least), (_MOST, inside.most))
    for derivation, value in stated:
        yield number_item(name, value, unit, [code_item(_DERIVATION, derivation, MODIFIER)])


def _site(segment: Segment) -> Iterator[Dataset]:
    """Where it is: the anatomic region, or the structure that it is itself."""
    place, modifiers = segment.anatomic_region, segment.anatomic_region_modifiers
    if place is None and segment.category is not None and (segment.category.scheme, segment.category.value) == _ANATOMY:
        place, modifiers = segment.type, segment.type_modifiers
    if place is None:
        return
    below = [code_item(_LATERALITY if one.value in _SIDES else _SITE_MODIFIER, one, MODIFIER) for one in modifiers]
    yield code_item(_SITE, place, MODIFIER, below)


def _algorithm(segment: Segment, options: ExportOptions) -> Iterator[Dataset]:
    """PS3.16 TID 4019, of what a program made."""
    if segment.algorithm_type != "MANUAL" and segment.algorithm_name:
        yield text_item(_ALGORITHM, segment.algorithm_name, MODIFIER)
        yield text_item(_VERSION, options.version_of(segment.algorithm_name), MODIFIER)
