"""A picture of a SEG: the plane on which one segment has the most voxels, with every segment there in its color."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.convert_seg import read_seg_frames
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.header import SegHeader, open_seg
from IDCBrowserLib.labelmap.seg.pixels import FramePixels, open_pixels, packed_masks
from IDCBrowserLib.preview.picture import Picture, fitted, to_bytes
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Frames that have to be decoded one by one; of more only some are looked at.
_MOST_DECODED = 300
_STEP_BYTES = 1 << 22
_NAMES = 3


def picture_of_seg(path: Path, task: Task) -> Picture:
    """Raises ``ConversionError``."""
    seg = open_seg(path)
    if seg.is_on_slide:
        raise ConversionError("Segmentations of slides have no preview; they open in Slim.")
    frames = read_seg_frames(seg)
    pixels = open_pixels(seg.file, frames.rows, frames.columns, frames.segment)
    counts = _voxels_of_frames(seg, frames, pixels, task)
    best = int(counts.argmax())
    same_plane = np.flatnonzero(frames.plane == frames.plane[best])
    # The larger first, so that it does not hide the smaller.
    order = same_plane[np.argsort(-counts[same_plane], kind="stable")]
    masks = _masks(seg, frames, pixels, order)
    image = np.zeros((frames.rows, frames.columns, 3), np.float32)
    for number, mask in masks:
        image[mask] = seg.segments[number].color
    aspect = frames.pixel_spacing[0] / frames.pixel_spacing[1]
    return Picture(to_bytes(fitted(image, aspect)), _description(seg, [number for number, mask in masks if mask.any()]))


def _voxels_of_frames(seg: SegHeader, frames: FrameTable, pixels: FramePixels, task: Task) -> NDArray[np.int64]:
    """Voxels of each frame; 0 for those that were not looked at."""
    counts = np.zeros(frames.count, np.int64)
    threshold = seg.threshold(ConvertOptions())
    every = np.arange(frames.count)
    if seg.kind != "LABELMAP" and pixels.packed(every[:1]) is not None:
        table = np.array([value.bit_count() for value in range(256)], np.uint8)
        step = max(1, _STEP_BYTES * 8 // (frames.rows * frames.columns))
        for begin in range(0, frames.count, step):
            task.raise_if_cancelled()
            chosen = every[begin : begin + step]
            counts[chosen] = table[packed_masks(pixels, chosen, threshold)].reshape(len(chosen), -1).sum(axis=1, dtype=np.int64)
        return counts
    for frame in every if frames.count <= _MOST_DECODED else np.unique(np.linspace(0, frames.count - 1, _MOST_DECODED).astype(int)):
        task.raise_if_cancelled()
        values = pixels.values(int(frame))
        counts[frame] = np.count_nonzero(values != seg.background if seg.kind == "LABELMAP" else values >= threshold)
    return counts


def _masks(seg: SegHeader, frames: FrameTable, pixels: FramePixels, order: NDArray[np.int64]) -> list[tuple[int, NDArray[np.bool_]]]:
    """Segment number and where it is, in the order in which they are drawn."""
    if seg.kind != "LABELMAP":
        threshold = seg.threshold(ConvertOptions())
        return [(int(frames.segment[frame]), pixels.values(int(frame)) >= threshold) for frame in order]
    found: list[tuple[int, Any]] = []
    for frame in order[:1]:
        stored = pixels.values(int(frame))
        found += [(int(value), stored == value) for value in np.unique(stored) if int(value) in seg.segments]
    return found


def _description(seg: SegHeader, shown: list[int]) -> str:
    names = [seg.segments[number].name for number in shown]
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    if not names:
        return f"Segmentation without voxels, {len(seg.segments)} segments"
    return f"Segmentation: {', '.join(names[:_NAMES])}{more}"
