"""The fractions of a FRACTIONAL SEG (PS3.3 C.8.20.2) kept as they are: one volume of 0 to 1 per segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.convert_seg import read_seg_frames
from IDCBrowserLib.labelmap.seg.decode import check_memory
from IDCBrowserLib.labelmap.seg.decode_mapped import MappedFrames
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.header import open_seg
from IDCBrowserLib.labelmap.seg.pixels import FramePixels, open_pixels
from IDCBrowserLib.labelmap.seg.place import place
from IDCBrowserLib.labelmap.seg.placement import Placement
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid

FractionVolumes = Iterator[tuple[Segment, "NDArray[np.float32]"]]


def read_fractions(
    source: str | Path | DicomFile, image_grids: Sequence[ImageGrid] | None, options: ConvertOptions, task: Task
) -> list[tuple[Geometry, FractionVolumes]]:
    """For each labelmap that ``convert_seg`` makes: the geometry, and for each segment its float32 volume (k, j, i), one at a time.

    Raises ``InputError`` for a SEG that is not FRACTIONAL or was made on a slide, ``ConversionError`` as ``convert_seg``.
    """
    seg = open_seg(source)
    if seg.kind != "FRACTIONAL" or seg.is_on_slide:
        raise InputError(f"{seg.path} contains no fractions (Segmentation Type (0062,0001) is {seg.kind}). Convert it without fractions.")
    frames = read_seg_frames(seg, image_grids)
    pixels = open_pixels(seg.file, frames.rows, frames.columns, frames.segment)
    largest = seg.largest_fraction
    chosen = seg.chosen(options)
    found: list[tuple[Geometry, FractionVolumes]] = []
    for placement in place(seg, frames, image_grids, options):
        for shape in ((placement.stored, frames.rows, frames.columns), placement.geometry.shape):
            check_memory(shape, 4, seg.path)
        found.append((placement.geometry, _volumes(chosen, frames, placement, pixels, largest, task)))
    return found


def _volumes(chosen: dict[int, Segment], frames: FrameTable, placement: Placement, pixels: FramePixels, largest: int, task: Task) -> FractionVolumes:
    for number, segment in chosen.items():
        yield segment, _volume(number, frames, placement, pixels, largest, task)


def _volume(number: int, frames: FrameTable, placement: Placement, pixels: FramePixels, largest: int, task: Task) -> NDArray[Any]:
    if placement.maps is not None:
        return placement.apply((MappedFrames(frames, placement, pixels, task).fractions(number, largest),), task)[0]
    out = np.zeros((placement.stored, frames.rows, frames.columns), np.float32)
    own = placement.frames
    for frame in own[frames.segment[own] == number].tolist():
        task.raise_if_cancelled()
        target = out[int(placement.slice_of_frame[frame])]
        np.maximum(target, pixels.values(frame).astype(np.float32) / np.float32(largest), out=target)
    return placement.apply((out,), task)[0]
