"""SEG drawn on slide microscopy as one labelmap: its total pixel matrix, in the slide's coordinate system."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.slide_matrix import SlideMatrix
from IDCBrowserLib.labelmap.seg.slide_tiles import matrix_size
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Task

# 8192 x 8192: what a labelmap volume viewer still shows with ease. Whole slides are a hundred times larger.
_LARGEST_MATRIX = 1 << 26
_SLIM = "https://viewer.imaging.datacommons.cancer.gov/slim/studies/{study}/series/{series}"


def convert_slide(seg: SegHeader, chosen: dict[int, Segment], options: ConvertOptions, task: Task) -> Labelmap:
    """The total pixel matrix as one slice (1, rows, columns), or its pixels at the step of the ``options``, when it is small enough.

    Raises ``ConversionError`` with a link to the Slim viewer for a larger one, and when the grid of images is asked for.
    """
    rows, columns = matrix_size(seg)
    if not rows or not columns or options.grid == "images":
        raise ConversionError(f"{seg.path} was made on a slide, which is not a volume. It opens in Slim: {_link(seg)}")
    return convert_matrix(SlideMatrix(seg), chosen, options, task)


def convert_matrix(matrix: SlideMatrix, chosen: dict[int, Segment], options: ConvertOptions, task: Task) -> Labelmap:
    """As ``convert_slide``, also of an object elsewhere. Raises ``ConversionError`` for one that is too large, ``TransferError``."""
    seg, step = matrix.seg, options.slide_step
    if matrix.rows * matrix.columns > _LARGEST_MATRIX * step**2:
        enough = ceil(sqrt(matrix.rows * matrix.columns / _LARGEST_MATRIX))
        raise ConversionError(
            f"{seg.path} was made on a slide of {matrix.columns:,} x {matrix.rows:,} pixels, too many for a labelmap volume. Convert one of {enough} "
            f"pixels each way (--slide-step {enough}), load it over its slide, or open it in Slim: {_link(seg)}"
        )
    part = matrix.whole(chosen, options, task)
    geometry = matrix.geometry(step)
    volume = geometry.voxel_volume_mm3
    segments = tuple(
        replace(segment, layer=part.layer_of[number], voxels=part.voxels[number], volume_mm3=part.voxels[number] * volume)
        for number, segment in chosen.items()
    )
    warning = f"Made on a slide: coordinates are those of the slide, not of the patient. It also opens in Slim: {_link(seg)}"
    return Labelmap(part.layers.layers, geometry, segments, seg.source, part.layers.overlapping_voxels(), (warning,))


def _link(seg: SegHeader) -> str:
    return _SLIM.format(study=seg.source.study_uid, series=seg.source.series_uid)
