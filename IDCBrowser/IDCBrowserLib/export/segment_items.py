"""Segments as items of Segment Sequence (PS3.3 C.8.20.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.export.algorithm_family import family_code
from IDCBrowserLib.export.head import code_items, new_uid
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.export.plain_text import one_line, printable
from IDCBrowserLib.labelmap.color import srgb_to_cielab
from IDCBrowserLib.labelmap.types import Segment

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# For segments that say nothing about themselves.
_TISSUE = Code("85756007", "SCT", "Tissue")
_STRUCTURE = Code("123037004", "SCT", "Anatomical Structure")
_LONGEST = 64
_TYPES = ("MANUAL", "SEMIAUTOMATIC", "AUTOMATIC")


def completed(segments: Sequence[Segment], options: ExportOptions) -> list[Segment]:
    """With who or what made each: as it states itself, else as the options say, else a person; and with identifiers to track it by. What DICOM's
    names have no space for stays as description."""
    found = []
    for segment in segments:
        if segment.algorithm_type not in _TYPES:
            kind = "AUTOMATIC" if options.algorithm else "MANUAL"
            segment = replace(segment, algorithm_type=kind, algorithm_name=options.algorithm)  # noqa: PLW2901  the same segment, complete
        if segment.algorithm_type != "MANUAL" and not segment.algorithm_name:
            segment = replace(segment, algorithm_name=options.algorithm or "not stated")  # noqa: PLW2901
        if is_long(segment):
            whole = "\n".join(part for part in (segment.name, segment.description) if part)
            segment = replace(segment, description=whole)  # noqa: PLW2901
        identity = printable(segment.tracking_id or _label(segment, segment.number))[:_LONGEST], segment.tracking_uid or new_uid()
        found.append(replace(segment, tracking_id=identity[0], tracking_uid=identity[1]))
    return found


def is_long(segment: Segment) -> bool:
    """Whether its name is longer than DICOM's names of segments and ROIs."""
    return len(one_line(segment.name)) > _LONGEST


def segment_item(segment: Segment, number: int, options: ExportOptions, with_color: bool = True) -> Dataset:
    """One item of a segment that is ``completed``; ``number`` is its Segment Number."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.SegmentNumber = number
    item.SegmentLabel = _label(segment, number)
    if segment.description:
        item.SegmentDescription = printable(segment.description)[:1024]
    item.SegmentAlgorithmType = segment.algorithm_type
    if segment.algorithm_type != "MANUAL":
        item.SegmentAlgorithmName = one_line(segment.algorithm_name)[:_LONGEST]
        item.SegmentationAlgorithmIdentificationSequence = [_algorithm(segment, options)]
    item.SegmentedPropertyCategoryCodeSequence = code_items([segment.category or (_STRUCTURE if segment.type else _TISSUE)])
    item.SegmentedPropertyTypeCodeSequence = code_items([segment.type or segment.anatomic_region or _TISSUE])
    if segment.type_modifiers:
        item.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = code_items(segment.type_modifiers)
    if segment.anatomic_region:
        item.AnatomicRegionSequence = code_items([segment.anatomic_region])
        if segment.anatomic_region_modifiers:
            item.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = code_items(segment.anatomic_region_modifiers)
    item.TrackingID, item.TrackingUID = segment.tracking_id, segment.tracking_uid
    if with_color:
        item.RecommendedDisplayCIELabValue = list(srgb_to_cielab(segment.color))
    return item


def _label(segment: Segment, number: int) -> str:
    return one_line(segment.name or f"Segment {number}")[:_LONGEST]


def _algorithm(segment: Segment, options: ExportOptions) -> Dataset:
    """Algorithm identification (PS3.3 table 10-19)."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.AlgorithmFamilyCodeSequence = code_items([family_code(options.family_of(segment.algorithm_name))])
    item.AlgorithmName = one_line(segment.algorithm_name)[:_LONGEST]
    item.AlgorithmVersion = one_line(options.version_of(segment.algorithm_name))[:_LONGEST]
    return item
