"""A segmentation of the phantom's slide in two sizes (DICOM PS3.3 A.51, C.7.6.17.3): tissue and nuclei, which lie in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo.color import recommended_cielab
from IDCBrowserLib.demo.dicom_file import (
    SLIDE_STUDY,
    SeriesHead,
    add_dimensions,
    add_pixels,
    code_item,
    decimals,
    instance_uid,
    new_object,
    reference,
    sequence,
)
from IDCBrowserLib.demo.identity import uid
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects.slide import ORIENTATION, PIXEL_MM, TILE, drawn_nuclei, first_center, tissue, within
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import SEGMENTATION, SLIDE_IMAGE

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_SEGMENTS = (
    (1, "Tissue", Code("85756007", "SCT", "Tissue"), Code("85756007", "SCT", "Tissue"), (224, 120, 60)),
    (2, "Nuclei", Code("91723000", "SCT", "Anatomical Structure"), Code("84640000", "SCT", "Nucleus"), (40, 160, 220)),
)
# Each as its tag, that of its functional group, and a label.
_DIMENSIONS = (
    (0x0062000B, 0x0062000A, "ReferencedSegmentNumber"),
    (0x0048021F, 0x0048021A, "RowPosition"),
    (0x0048021E, 0x0048021A, "ColumnPosition"),
)


def made() -> dict[str, MadeSeries]:
    """As fine as the slide, of which tiles without a segment are left out, and half of that with all tiles."""
    fine = [tissue(), within(drawn_nuclei())]
    coarse = [mask[1::2, 1::2] for mask in fine]
    points = ((512, 512), (30, 40), *(tuple(round(value) for value in nucleus[1::-1]) for nucleus in drawn_nuclei()[:2]))
    truth = {
        "rows_columns": list(fine[0].shape),
        "segments": [
            {"number": number, "name": name, "voxels": int(mask.sum())} for (number, name, *_rest), mask in zip(_SEGMENTS, fine, strict=True)
        ],
        "points": [{"row": row, "column": column, "segments": _at(fine, row, column)} for row, column in points],
    }
    return {"slide_segments": MadeSeries([_object(0, fine, is_full=False), _object(1, coarse, is_full=True)], truth)}


def _at(masks: list[NDArray[np.bool_]], row: int, column: int) -> list[str]:
    return [name for (_number, name, *_rest), mask in zip(_SEGMENTS, masks, strict=True) if mask[row, column]]


def _object(index: int, masks: list[NDArray[np.bool_]], is_full: bool) -> Dataset:
    from pydicom.dataset import Dataset

    rows, columns = masks[0].shape
    dataset = new_object(SEGMENTATION, SeriesHead("slide_segments", SLIDE_STUDY, "SEG", 3, "Tissue and nuclei"), index)
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("slide frame of reference"), "SLIDE_CORNER"
    dataset.ImageType, dataset.InstanceNumber, dataset.SegmentationType, dataset.SegmentsOverlap = ["DERIVED", "PRIMARY"], index + 1, "BINARY", "YES"
    dataset.ContentLabel, dataset.ContentDescription, dataset.ContentCreatorName = "SEGMENTATION", "Tissue and nuclei", "Phantom^Generator"
    dataset.ContainerIdentifier, dataset.LossyImageCompression, dataset.BurnedInAnnotation = "DEMO-1", "00", "NO"
    dataset.SegmentSequence = sequence(*(_segment(*segment) for segment in _SEGMENTS))
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedInstanceSequence = uid("slide"), sequence(reference(SLIDE_IMAGE, instance_uid("slide", index)))
    dataset.ReferencedSeriesSequence = sequence(series)
    dataset.TotalPixelMatrixRows, dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixFocalPlanes = rows, columns, 1
    origin, shared, measures = Dataset(), Dataset(), Dataset()
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = decimals(first_center(PIXEL_MM * 2**index))
    origin.ZOffsetInSlideCoordinateSystem = "0"
    dataset.TotalPixelMatrixOriginSequence, dataset.ImageOrientationSlide = sequence(origin), decimals(ORIENTATION)
    measures.PixelSpacing, measures.SliceThickness = decimals([PIXEL_MM * 2**index] * 2), "0.001"
    shared.PixelMeasuresSequence = sequence(measures)
    dataset.SharedFunctionalGroupsSequence = sequence(shared)
    tiles = [
        (segment[0], row, column, tile)
        for segment, mask in zip(_SEGMENTS, masks, strict=True)
        for row in range(0, rows, TILE)
        for column in range(0, columns, TILE)
        if (tile := mask[row : row + TILE, column : column + TILE]).any() or is_full
    ]
    add_dimensions(dataset, uid("dimensions of slide segments"), _DIMENSIONS)
    dataset.DimensionOrganizationType = "TILED_FULL" if is_full else "TILED_SPARSE"
    dataset.NumberOfFrames = len(tiles)
    if not is_full:
        dataset.PerFrameFunctionalGroupsSequence = sequence(*(_frame(number, row, column, index) for number, row, column, _tile in tiles))
    bits = np.packbits(np.stack([tile for *_place, tile in tiles]).ravel(), bitorder="little").tobytes()
    add_pixels(dataset, (TILE, TILE), 1, bits)
    return dataset


def _segment(number: int, name: str, category: Code, kind: Code, color: tuple[int, int, int]) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.SegmentNumber, item.SegmentLabel, item.SegmentAlgorithmType = number, name, "AUTOMATIC"
    item.SegmentAlgorithmName = "Phantom generator"
    item.SegmentedPropertyCategoryCodeSequence, item.SegmentedPropertyTypeCodeSequence = sequence(code_item(category)), sequence(code_item(kind))
    item.RecommendedDisplayCIELabValue = recommended_cielab(color)
    item.TrackingID, item.TrackingUID = name, uid(f"tracking slide {name}")
    return item


def _frame(number: int, row: int, column: int, index: int) -> Dataset:
    """Plane Position (Slide) and segment of a tile whose first pixel is there, from 0."""
    from pydicom.dataset import Dataset

    group, content, place, identification = Dataset(), Dataset(), Dataset(), Dataset()
    content.DimensionIndexValues = [number, row // TILE + 1, column // TILE + 1]
    place.RowPositionInTotalImagePixelMatrix, place.ColumnPositionInTotalImagePixelMatrix = row + 1, column + 1
    # Rows run along -y of the glass, columns along -x.
    step = PIXEL_MM * 2**index
    first = first_center(step)
    x, y = first[0] - row * step, first[1] - column * step
    place.XOffsetInSlideCoordinateSystem, place.YOffsetInSlideCoordinateSystem = decimals((x, y))
    place.ZOffsetInSlideCoordinateSystem = "0"
    identification.ReferencedSegmentNumber = number
    group.FrameContentSequence, group.PlanePositionSlideSequence = sequence(content), sequence(place)
    group.SegmentIdentificationSequence = sequence(identification)
    return group
