"""DICOM Segmentation (PS3.3 A.51) and Label Map Segmentation (A.91) objects to ``Labelmap``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.layers import label_dtype, overlapping_voxels
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.decode import Decoded, check_memory, decode_labels, decode_masks, recount
from IDCBrowserLib.labelmap.seg.frames import FrameTable, read_frames
from IDCBrowserLib.labelmap.seg.header import SegHeader, open_seg
from IDCBrowserLib.labelmap.seg.pixels import open_pixels
from IDCBrowserLib.labelmap.seg.placement import Placement, place
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.volume.image_grid import ImageGrid


def describe_seg(path: str | Path) -> Description:
    """The segments and references of a SEG; decodes no pixel."""
    seg = open_seg(path)
    source = seg.source
    return Description("SEG", tuple(seg.segments.values()), source.referenced_series_uids, source.frame_of_reference_uid, source)


def convert_seg(path: str | Path, image_grids: Sequence[ImageGrid] | None, options: ConvertOptions, task: Task) -> Labelmap:
    """The voxels of a SEG, on its own grid or on that of one of ``image_grids`` (the one it refers to).

    ``label_value`` is the segment number. Overlapping segments lie in several layers. Raises ``ConversionError``.
    """
    seg = open_seg(path)
    chosen = seg.chosen(options)
    if seg.is_on_slide:
        from IDCBrowserLib.labelmap.seg.slide import convert_slide

        return convert_slide(seg, chosen, options, task)
    frames = read_seg_frames(seg)
    placement = place(seg, frames, image_grids, options)
    decoded = _decode(seg, chosen, frames, placement, options, task)
    warnings = (*placement.warnings, *decoded.warnings)
    if placement.moves_voxels:
        layers = placement.apply(decoded.layers, task)
        voxels = recount(layers, chosen.values(), decoded.layer_of)
        lost = [str(number) for number, count in voxels.items() if count == 0 and decoded.voxels[number]]
        if lost:
            warnings = (*warnings, f"No voxel of segment {', '.join(lost)} lies within the grid.")
        decoded = replace(decoded, layers=layers, voxels=voxels, overlapping_voxels=overlapping_voxels(layers))
    return _labelmap(seg, chosen, decoded, placement, warnings)


def read_seg_frames(seg: SegHeader) -> FrameTable:
    """The frames, each of them of a described segment."""
    frames = read_frames(seg.root, seg.kind == "LABELMAP")
    if seg.kind != "LABELMAP":
        seg.check_described(set(np.unique(frames.segment).tolist()))
    return frames


def _decode(seg: SegHeader, chosen: dict[int, Segment], frames: FrameTable, placement: Placement, options: ConvertOptions, task: Task) -> Decoded:
    pixels = open_pixels(seg.file, frames.rows, frames.columns, frames.count)
    size = label_dtype(max((segment.label_value for segment in chosen.values()), default=1)).itemsize
    stored = (placement.stored_slices, frames.rows, frames.columns)
    for shape in (stored, placement.geometry.shape):
        check_memory(shape, size, seg.path)
    where = placement.slice_of_frame
    # Voxels that move are counted in the layers afterwards, which must then keep them all.
    one_layer = options.one_layer and not placement.moves_voxels
    if seg.kind == "LABELMAP":
        return decode_labels(frames, where, stored[0], pixels, values=seg.values(chosen), task=task, path=seg.path)
    threshold = seg.threshold(options)
    return decode_masks(frames, where, stored[0], pixels, segments=chosen.values(), threshold=threshold, one_layer=one_layer, task=task)


def _labelmap(seg: SegHeader, chosen: dict[int, Segment], decoded: Decoded, placement: Placement, warnings: tuple[str, ...]) -> Labelmap:
    volume = placement.geometry.voxel_volume_mm3
    segments = tuple(
        replace(segment, layer=decoded.layer_of[number], voxels=decoded.voxels[number], volume_mm3=decoded.voxels[number] * volume)
        for number, segment in chosen.items()
    )
    return Labelmap(
        layers=decoded.layers,
        geometry=placement.geometry,
        segments=segments,
        source=seg.source,
        overlapping_voxels=decoded.overlapping_voxels,
        warnings=warnings,
    )
