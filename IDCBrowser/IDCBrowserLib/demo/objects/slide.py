"""A small slide (DICOM PS3.3 A.32.8) in three levels with thumbnail and label, and its nuclei as annotations (A.86)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo.dicom_file import SLIDE_STUDY, SeriesHead, code_item, decimals, instance_uid, new_object, reference, sequence
from IDCBrowserLib.demo.grid import Points
from IDCBrowserLib.demo.identity import uid
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.noise import clouds, hashed
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import SLIDE_ANNOTATIONS, SLIDE_IMAGE

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

SIZE, TILE = 1024, 256
PIXEL_MM = 0.0005
# Of nuclei, pixels of the largest level.
_CELL, _CORNERS = 32, 12
ORIGIN = (20.0, 30.0)
ORIENTATION = (0.0, -1.0, 0.0, -1.0, 0.0, 0.0)


def made() -> dict[str, MadeSeries]:
    """Levels of 1024, 512 and 256 pixels, a thumbnail, a label; polygons around each nucleus."""
    nuclei = drawn_nuclei()
    levels = [_painted(nuclei)]
    while len(levels) < 3:
        last = levels[-1].astype(np.uint16)
        levels.append(((last[::2, ::2] + last[1::2, ::2] + last[::2, 1::2] + last[1::2, 1::2] + 2) // 4).astype(np.uint8))
    objects = [_level(number, level, ["VOLUME"]) for number, level in enumerate(levels)]
    thumbnail = levels[-1][::2, ::2]
    objects += [_level(3, thumbnail, ["THUMBNAIL"]), _level(4, _label(), ["LABEL"])]
    pixels = [
        {"level": 0, "row": row, "column": column, "rgb": levels[0][row, column].tolist()}
        for row, column in ((512, 512), (40, 40), *(tuple(round(value) for value in one[:2][::-1]) for one in nuclei[:2]))
    ]
    sizes = [list(level.shape[:2]) for level in levels]
    return {
        "slide": MadeSeries(objects, {"levels": sizes, "pixel_mm": PIXEL_MM, "pixels": pixels}),
        "nuclei": MadeSeries([_annotations(nuclei)], {"annotations": len(nuclei), "group": "Nuclei"}),
    }


def drawn_nuclei() -> NDArray[np.float64]:
    """(n, 5): column, row, half axes, angle; one in most cells of a lattice that lie in the tissue."""
    cells = np.arange(SIZE // _CELL)
    row, column = (values.astype(np.float64).ravel() for values in np.meshgrid(cells, cells, indexing="ij"))
    random = [np.asarray(hashed(row, column, np.full_like(row, number), 51), np.float64) for number in range(6)]
    centers = np.stack([column + 0.3 + 0.4 * random[0], row + 0.3 + 0.4 * random[1]], axis=1) * _CELL
    found = np.column_stack([centers, 5 + 3 * random[2], 4 + 2 * random[3], np.pi * random[4]])
    inside = np.hypot(centers[:, 0] - SIZE / 2, centers[:, 1] - SIZE / 2) < 0.44 * SIZE
    return np.round(found[inside & (random[5] < 0.8)], 3)


def _painted(nuclei: NDArray[np.float64]) -> NDArray[np.uint8]:
    y, x = np.ogrid[:SIZE, :SIZE]
    texture = clouds(Points(x.astype(np.float64)[None], y.astype(np.float64)[None], np.zeros((1, 1, 1))), 22.0, 52)[0]
    inside = tissue()
    picture = np.full((SIZE, SIZE, 3), (243.0, 241.0, 244.0))
    picture[inside] = (np.array([226.0, 165.0, 196.0]) + texture[..., None] * np.array([10.0, 26.0, 16.0]))[inside]
    picture[within(nuclei)] = (96.0, 62.0, 134.0)
    return np.round(picture, 3).astype(np.uint8)


def tissue() -> NDArray[np.bool_]:
    """(rows, columns) of the largest level: where the section lies."""
    y, x = np.ogrid[:SIZE, :SIZE]
    inside: NDArray[np.bool_] = np.hypot(x - SIZE / 2, y - SIZE / 2) < 0.46 * SIZE
    return inside


def within(nuclei: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(rows, columns) of the largest level: inside of a nucleus."""
    y, x = np.ogrid[:SIZE, :SIZE]
    found = np.zeros((SIZE, SIZE), bool)
    for column, row, long, short, angle in nuclei:
        low, high = [int(max(0, value - 10)) for value in (row, column)], [int(value + 11) for value in (row, column)]
        part = np.s_[low[0] : high[0], low[1] : high[1]]
        dx, dy = x[:, part[1]] - column, y[part[0]] - row
        across, along = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        found[part] |= (across / long) ** 2 + (along / short) ** 2 < 1
    return found


def _label() -> NDArray[np.uint8]:
    """White with bars, as of a code."""
    label = np.full((96, 96, 3), 255, np.uint8)
    for column in range(12, 84, 6):
        label[24:72, column : column + 2 + column // 6 % 3] = 0
    return label


def _level(number: int, picture: NDArray[np.uint8], flavor: list[str]) -> Dataset:
    from pydicom.dataset import Dataset

    rows, columns = picture.shape[:2]
    tile = min(TILE, rows)
    dataset = new_object(SLIDE_IMAGE, SeriesHead("slide", SLIDE_STUDY, "SM", 1, "H&E biopsy"), number)
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("slide frame of reference"), "SLIDE_CORNER"
    dataset.ImageType = ["ORIGINAL" if number == 0 else "DERIVED", "PRIMARY", *flavor, "NONE" if number == 0 else "RESAMPLED"]
    dataset.InstanceNumber, dataset.ContainerIdentifier, dataset.SpecimenLabelInImage = number + 1, "DEMO-1", "YES" if flavor == ["LABEL"] else "NO"
    dataset.AcquisitionDateTime, dataset.BurnedInAnnotation, dataset.LossyImageCompression = "20240426083000", "NO", "00"
    dataset.VolumetricProperties, dataset.FocusMethod, dataset.ExtendedDepthOfField = "VOLUME", "AUTO", "NO"
    dataset.TotalPixelMatrixRows, dataset.TotalPixelMatrixColumns, dataset.TotalPixelMatrixFocalPlanes = rows, columns, 1
    size = SIZE * PIXEL_MM
    dataset.ImagedVolumeWidth, dataset.ImagedVolumeHeight, dataset.ImagedVolumeDepth = size, size, 1.0
    origin, shared, measures, light = Dataset(), Dataset(), Dataset(), Dataset()
    light.OpticalPathIdentifier, light.OpticalPathDescription = "1", "Brightfield"
    light.IlluminationTypeCodeSequence = sequence(code_item(Code("111744", "DCM", "Brightfield illumination")))
    light.IlluminationColorCodeSequence = sequence(code_item(Code("414298005", "SCT", "Full Spectrum")))
    dataset.OpticalPathSequence = sequence(light)
    origin.XOffsetInSlideCoordinateSystem, origin.YOffsetInSlideCoordinateSystem = decimals(first_center(size / rows))
    dataset.TotalPixelMatrixOriginSequence = sequence(origin)
    dataset.ImageOrientationSlide = decimals(ORIENTATION)
    measures.PixelSpacing, measures.SliceThickness = decimals([size / rows, size / columns]), "0.001"
    shared.PixelMeasuresSequence = sequence(measures)
    dataset.SharedFunctionalGroupsSequence = sequence(shared)
    dataset.DimensionOrganizationType, dataset.NumberOfOpticalPaths = "TILED_FULL", 1
    tiles = [picture[row : row + tile, column : column + tile] for row in range(0, rows, tile) for column in range(0, columns, tile)]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = tile, tile, len(tiles)
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.add_new("PixelData", "OB", np.stack(tiles).tobytes())
    if number == 0:
        # As slides are stored; the small ones lie beside it uncompressed, which occurs as well.
        _compress(dataset, tiles)
    return dataset


def first_center(pixel_mm: float) -> tuple[float, float]:
    """x and y on the glass of the first pixel's center in a level with such pixels: all levels share a corner, from which x and y decrease."""
    shift = (pixel_mm - PIXEL_MM) / 2
    return ORIGIN[0] - shift, ORIGIN[1] - shift


def _compress(dataset: Dataset, tiles: Sequence[NDArray[np.uint8]]) -> None:
    """JPEG 2000 without loss, with its color transform."""
    from openjpeg.utils import encode_array
    from pydicom.dataset import FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEG2000Lossless

    dataset.PhotometricInterpretation = "YBR_RCT"
    dataset.add_new("PixelData", "OB", encapsulate([encode_array(np.ascontiguousarray(tile), photometric_interpretation=1) for tile in tiles]))
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless


def _annotations(nuclei: NDArray[np.float64]) -> Dataset:
    from pydicom.dataset import Dataset

    dataset = new_object(SLIDE_ANNOTATIONS, SeriesHead("nuclei", SLIDE_STUDY, "ANN", 2, "Nuclei"))
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("slide frame of reference"), "SLIDE_CORNER"
    dataset.InstanceNumber, dataset.ContentLabel, dataset.ContentDescription = 1, "NUCLEI", "Nuclei of the phantom"
    dataset.AnnotationCoordinateType, dataset.PixelOriginInterpretation = "2D", "VOLUME"
    dataset.ReferencedImageSequence = sequence(reference(SLIDE_IMAGE, instance_uid("slide", 0)))
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedInstanceSequence = uid("slide"), sequence(reference(SLIDE_IMAGE, instance_uid("slide", 0)))
    dataset.ReferencedSeriesSequence = sequence(series)
    polygons = outlines(nuclei)
    group = Dataset()
    group.AnnotationGroupNumber, group.AnnotationGroupUID, group.AnnotationGroupLabel = 1, uid("nuclei group"), "Nuclei"
    group.AnnotationGroupGenerationType = "AUTOMATIC"
    group.AnnotationPropertyCategoryCodeSequence = sequence(code_item(Code("91723000", "SCT", "Anatomical Structure")))
    group.AnnotationPropertyTypeCodeSequence = sequence(code_item(Code("84640000", "SCT", "Nucleus")))
    group.NumberOfAnnotations, group.AnnotationAppliesToAllOpticalPaths, group.GraphicType = len(polygons), "YES", "POLYGON"
    group.PointCoordinatesData = polygons.astype("<f4").tobytes()
    group.LongPrimitivePointIndexList = (1 + 2 * _CORNERS * np.arange(len(polygons))).astype("<u4").tobytes()
    dataset.AnnotationGroupSequence = sequence(group)
    return dataset


def outlines(nuclei: NDArray[np.float64]) -> NDArray[Any]:
    """(n, corners, 2): column and row."""
    turn = 2 * np.pi * np.arange(_CORNERS) / _CORNERS
    column, row, long, short, angle = (values[:, None] for values in nuclei.T)
    across, along = long * np.cos(turn), short * np.sin(turn)
    return np.stack([column + across * np.cos(angle) - along * np.sin(angle), row + across * np.sin(angle) + along * np.cos(angle)], axis=2)
