"""The phantom's segmentations: BINARY and LABELMAP (DICOM PS3.3 A.51, C.8.20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from IDCBrowserLib.demo.color import recommended_cielab
from IDCBrowserLib.demo.dicom_file import (
    SeriesHead,
    add_dimensions,
    add_frame_of_reference,
    add_pixels,
    code_item,
    decimals,
    new_object,
    reference,
    sequence,
)
from IDCBrowserLib.demo.identity import uid
from IDCBrowserLib.demo.images import ImageSeries
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import LABEL_MAP_SEGMENTATION, SEGMENTATION

_SEGMENTATION = Code("113076", "DCM", "Segmentation")
_SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")


@dataclass(frozen=True)
class DrawnSegment:
    """A segment and its voxels (k, j, i) on the image's grid."""

    number: int
    name: str
    category: Code
    type: Code
    color: tuple[int, int, int]
    mask: NDArray[np.bool_]
    modifier: Code | None = None
    region: Code | None = None
    algorithm: str = ""


def binary_seg(image: ImageSeries, segments: Sequence[DrawnSegment], head: SeriesHead) -> Dataset:
    """A BINARY segmentation: one bit per voxel, one frame per segment and slice that it occupies; segments may overlap."""
    dataset = _common(SEGMENTATION, image, segments, head)
    dataset.SegmentationType = "BINARY"
    dataset.SegmentsOverlap = "YES" if (np.sum([segment.mask for segment in segments], axis=0, dtype=np.uint8) > 1).any() else "NO"
    drawn = [(segment, int(k)) for segment in segments for k in np.flatnonzero(segment.mask.any(axis=(1, 2)))]
    places = _places(k for _, k in drawn)
    frames = [segment.mask[k] for segment, k in drawn]
    _add_frames(dataset, [_frame(image, k, [segment.number, places[k]], segment.number) for segment, k in drawn], with_segment=True)
    bits = np.packbits(np.stack(frames).ravel(), bitorder="little").tobytes()
    add_pixels(dataset, image.grid.shape[1:], 1, bits)
    return dataset


def labelmap_seg(image: ImageSeries, segments: Sequence[DrawnSegment], head: SeriesHead) -> Dataset:
    """A LABELMAP segmentation (Supplement 243): one byte per voxel holds the Segment Number, 0 is background; a frame per occupied slice."""
    dataset = _common(LABEL_MAP_SEGMENTATION, image, segments, head)
    dataset.SegmentationType, dataset.SegmentsOverlap, dataset.PixelPaddingValue = "LABELMAP", "NO", 0
    labels = np.zeros(image.grid.shape, dtype=np.uint8)
    for segment in segments:
        labels[segment.mask] = segment.number
    occupied = np.flatnonzero(labels.any(axis=(1, 2))).tolist()
    places = _places(occupied)
    _add_frames(dataset, [_frame(image, k, [places[k]]) for k in occupied], with_segment=False)
    add_pixels(dataset, image.grid.shape[1:], 8, labels[occupied].tobytes())
    return dataset


def _common(sop_class_uid: str, image: ImageSeries, segments: Sequence[DrawnSegment], head: SeriesHead) -> Dataset:
    dataset = new_object(sop_class_uid, head)
    add_frame_of_reference(dataset, image.study)
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.InstanceNumber = 1
    dataset.ContentLabel, dataset.ContentDescription, dataset.ContentCreatorName = "SEGMENTATION", head.description, "Phantom^Generator"
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    dataset.SegmentSequence = sequence(*(_segment(segment) for segment in segments))
    dataset.ReferencedSeriesSequence = sequence(_referenced_series(image))
    dataset.SharedFunctionalGroupsSequence = sequence(_shared(image))
    return dataset


def _segment(segment: DrawnSegment) -> Dataset:
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel, item.SegmentDescription = segment.number, segment.name, segment.name
    item.SegmentAlgorithmType = "AUTOMATIC" if segment.algorithm else "MANUAL"
    if segment.algorithm:
        item.SegmentAlgorithmName = segment.algorithm
    item.SegmentedPropertyCategoryCodeSequence = sequence(code_item(segment.category))
    type_item = code_item(segment.type)
    if segment.modifier:
        type_item.SegmentedPropertyTypeModifierCodeSequence = sequence(code_item(segment.modifier))
    item.SegmentedPropertyTypeCodeSequence = sequence(type_item)
    if segment.region:
        item.AnatomicRegionSequence = sequence(code_item(segment.region))
    item.RecommendedDisplayCIELabValue = recommended_cielab(segment.color)
    item.TrackingID, item.TrackingUID = segment.name, uid(f"tracking {segment.name}")
    return item


def _referenced_series(image: ImageSeries) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = image.series_uid
    item.ReferencedInstanceSequence = sequence(*(reference(image.sop_class_uid, image.instance_uid(k)) for k in range(image.grid.shape[0])))
    return item


def _shared(image: ImageSeries) -> Dataset:
    grid = image.grid
    group, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.SliceThickness, measures.SpacingBetweenSlices = decimals([grid.spacing[2]])[0], decimals([grid.spacing[2]])[0]
    measures.PixelSpacing = decimals([grid.spacing[1], grid.spacing[0]])
    orientation.ImageOrientationPatient = decimals([*grid.axes[0], *grid.axes[1]])
    group.PixelMeasuresSequence, group.PlaneOrientationSequence = sequence(measures), sequence(orientation)
    return group


def _places(slices: Iterable[int]) -> dict[int, int]:
    """Dimension index of each slice that is used: 1, 2, ... in their order (C.7.6.17.1)."""
    return {k: n + 1 for n, k in enumerate(sorted(set(slices)))}


def _frame(image: ImageSeries, k: int, indices: list[int], segment: int | None = None) -> Dataset:
    source = reference(image.sop_class_uid, image.instance_uid(k))
    source.SpatialLocationsPreserved = "YES"
    source.PurposeOfReferenceCodeSequence = sequence(code_item(_SOURCE_IMAGE))
    derivation, content, position, group = Dataset(), Dataset(), Dataset(), Dataset()
    derivation.SourceImageSequence, derivation.DerivationCodeSequence = sequence(source), sequence(code_item(_SEGMENTATION))
    content.DimensionIndexValues = indices
    position.ImagePositionPatient = decimals(image.grid.slice_position(k))
    group.DerivationImageSequence = sequence(derivation)
    group.FrameContentSequence, group.PlanePositionSequence = sequence(content), sequence(position)
    if segment is not None:
        identification = Dataset()
        identification.ReferencedSegmentNumber = segment
        group.SegmentIdentificationSequence = sequence(identification)
    return group


def _add_frames(dataset: Dataset, groups: Sequence[Dataset], with_segment: bool) -> None:
    """Multi-frame Functional Groups and Multi-frame Dimension modules (C.7.6.16, C.7.6.17)."""
    pointers = [(0x0062000B, 0x0062000A, "ReferencedSegmentNumber")] if with_segment else []
    pointers.append((0x00200032, 0x00209113, "ImagePositionPatient"))
    add_dimensions(dataset, uid(f"dimensions {dataset.SeriesDescription}"), pointers)
    dataset.NumberOfFrames = len(groups)
    dataset.PerFrameFunctionalGroupsSequence = sequence(*groups)
