"""DICOM Segmentation (PS3.3 A.51) and Label Map Segmentation (A.91) objects to labelmaps: one for each grid and phase that their frames lie on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.evened import told_uneven
from IDCBrowserLib.labelmap.explain import SlicePlacement
from IDCBrowserLib.labelmap.layers import label_dtype, overlapping_voxels
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.bit_layout import bit_layout, surplus_warning
from IDCBrowserLib.labelmap.seg.decode import Decoded, check_memory, decode_labels, decode_masks, recount
from IDCBrowserLib.labelmap.seg.decode_mapped import MappedFrames, lost_warning
from IDCBrowserLib.labelmap.seg.frame_places import WHYS
from IDCBrowserLib.labelmap.seg.frames import FrameTable, check_places, read_frames
from IDCBrowserLib.labelmap.seg.header import SegHeader, open_seg
from IDCBrowserLib.labelmap.seg.left_out import left_out_warnings
from IDCBrowserLib.labelmap.seg.pixels import FramePixels, open_pixels
from IDCBrowserLib.labelmap.seg.place import place
from IDCBrowserLib.labelmap.seg.placement import Placement
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.vectors import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid


def describe_seg(source: str | Path | DicomFile) -> Description:
    """The segments and references of a SEG; decodes no pixel."""
    seg = open_seg(source)
    about = seg.source
    return Description(
        "SEG",
        tuple(seg.segments.values()),
        about.referenced_series_uids,
        about.frame_of_reference_uid,
        about,
        seg.warnings,
        on_slide=seg.is_on_slide,
    )


def convert_seg(source: str | Path | DicomFile, image_grids: Sequence[ImageGrid] | None, options: ConvertOptions, task: Task) -> tuple[Labelmap, ...]:
    """The voxels of a SEG, on its own grid or on those of ``image_grids`` that it refers to.

    ``label_value`` is the segment number. Overlapping segments lie in several layers. Raises ``ConversionError``.
    """
    seg = open_seg(source)
    chosen = seg.chosen(options)
    if seg.is_on_slide:
        from IDCBrowserLib.labelmap.seg.slide import convert_slide

        return (convert_slide(seg, chosen, options, task),)
    frames = read_seg_frames(seg, image_grids)
    placements = place(seg, frames, image_grids, options)
    pixels = open_pixels(seg.file, frames.rows, frames.columns, frames.segment)
    parts = [_part(seg, chosen, frames, placement, pixels, options, task) for placement in placements]
    if options.segments is None and not options.may_be_empty and not any(segment.voxels for part in parts for segment in part.segments):
        seg.root.stream.fail(f"No voxel is set in any of its {frames.count:,} frames that could be placed, so there is nothing to show.")
    layout = bit_layout(seg.file, frames.rows * frames.columns, frames.segment)
    about_pixels = (layout.warning if layout else "", surplus_warning(seg.file, frames.rows * frames.columns, layout, frames.count))
    said = (
        *seg.warnings,
        *(sentence for sentence in about_pixels if sentence),
        *left_out_warnings(seg, frames, placements[0].places, pixels, options),
    )
    parts[0] = replace(parts[0], warnings=(*said, *parts[0].warnings))
    return _with_segments_once(parts, frames, placements, seg)


def read_seg_frames(seg: SegHeader, image_grids: Sequence[ImageGrid] | None = None) -> FrameTable:
    """The frames, each of them of a described segment and at a place: its own, or that of the image it names.

    Where that image is not among those given, and others are, the frame has no place and will be left out.
    """
    frames = read_frames(seg.root, seg.kind == "LABELMAP")
    if image_grids and frames.lacks_place.any():
        from IDCBrowserLib.labelmap.seg.borrowed import borrowed

        frames = borrowed(frames, image_grids, seg.root.stream)
    check_places(frames, seg.root.stream, some=bool(image_grids))
    if seg.kind != "LABELMAP":
        seg.check_described(set(distinct(frames.segment).tolist()))
    return frames


def _part(
    seg: SegHeader, chosen: dict[int, Segment], frames: FrameTable, placement: Placement, pixels: FramePixels, options: ConvertOptions, task: Task
) -> Labelmap:
    decoded = _decode(seg, chosen, frames, placement, pixels, options, task)
    warnings = (*placement.warnings, *decoded.warnings)
    volumes = None if placement.stored_thicknesses is None else _volumes(chosen, decoded, placement, placement.stored_thicknesses)
    if placement.moves_voxels:
        layers = placement.apply(decoded.layers, task)
        voxels = recount(layers, chosen.values(), decoded.layer_of)
        lost = [str(number) for number, count in voxels.items() if count == 0 and decoded.voxels[number]]
        if lost:
            warnings = (*warnings, f"No voxel of segment {', '.join(lost)} lies within the grid.")
        warnings = (*warnings, *lost_warning(placement.lost_voxels(decoded.layers)))
        decoded = replace(decoded, layers=layers, voxels=voxels, overlapping_voxels=overlapping_voxels(layers))
    volumes = volumes or _volumes(chosen, decoded, placement, placement.thicknesses)
    segments = tuple(
        replace(segment, layer=decoded.layer_of[number], voxels=decoded.voxels[number], volume_mm3=volumes[number])
        for number, segment in chosen.items()
    )
    labelmap = Labelmap(
        layers=decoded.layers,
        geometry=placement.geometry,
        segments=segments,
        source=seg.source,
        overlapping_voxels=decoded.overlapping_voxels,
        warnings=tuple(dict.fromkeys(warnings)),
        label=placement.label,
        series_uid="" if placement.grid is None else placement.grid.series_uid,
        slice_thicknesses=() if np.ptp(placement.thicknesses) < 1e-9 else tuple(placement.thicknesses.tolist()),
        holds={"frames": (placement.frames + 1).tolist()},
        placed=_placed(frames, placement, chosen) if options.explain else (),
    )
    return told_uneven(labelmap, placement.grid, even=options.even)


def _decode(
    seg: SegHeader, chosen: dict[int, Segment], frames: FrameTable, placement: Placement, pixels: FramePixels, options: ConvertOptions, task: Task
) -> Decoded:
    size = label_dtype(max((segment.label_value for segment in chosen.values()), default=1)).itemsize
    stored = placement.stored
    in_plane = placement.geometry.shape[1:] if placement.maps is not None else (frames.rows, frames.columns)
    for shape in ((stored, *in_plane), placement.geometry.shape):
        check_memory(shape, size, seg.path)
    if placement.maps is not None:
        mapped = MappedFrames(frames, placement, pixels, task)
        return mapped.labels(chosen, seg.values(chosen), seg.path) if seg.kind == "LABELMAP" else mapped.masks(chosen, seg.threshold(options))
    where = placement.slice_of_frame
    if seg.kind == "LABELMAP":
        return decode_labels(frames, where, stored, pixels, values=seg.values(chosen), task=task, path=seg.path)
    # Voxels that move are counted in the layers afterwards, which must then keep them all.
    one_layer = options.one_layer and not placement.moves_voxels
    threshold = seg.threshold(options)
    return decode_masks(frames, where, stored, pixels, segments=chosen.values(), threshold=threshold, one_layer=one_layer, task=task)


def _volumes(chosen: dict[int, Segment], decoded: Decoded, placement: Placement, thicknesses: NDArray[np.float64]) -> dict[int, float]:
    """mm3 of each segment: slices are as thick as they are, (k,) mm."""
    pixel = placement.geometry.spacing[0] * placement.geometry.spacing[1]
    if np.ptp(thicknesses) < 1e-9:
        return {number: decoded.voxels[number] * pixel * float(thicknesses[0]) for number in chosen}
    found = dict.fromkeys(chosen, 0.0)
    for number, segment in chosen.items():
        layer: NDArray[Any] = decoded.layers[decoded.layer_of[number]]
        counts = np.array([np.count_nonzero(plane == segment.label_value) for plane in layer])
        found[number] = float(counts @ thicknesses) * pixel
    return found


def _placed(frames: FrameTable, placement: Placement, chosen: dict[int, Segment]) -> tuple[SlicePlacement, ...]:
    """Every frame of this labelmap, and those of none, which are told with the first."""
    places, grid = placement.places, placement.grid
    found = []
    for frame in np.flatnonzero((placement.slice_of_frame >= 0) | (places.grid < 0)).tolist():
        number, k = int(frames.segment[frame]), int(places.k[frame])
        if number and number not in chosen:
            continue
        image = grid.slices[k] if grid is not None and k >= 0 else None
        distance = float(places.distance[frame]) if places.grid[frame] >= 0 else None
        place = (image.sop_instance_uid, image.frame_number) if image is not None else ("", 0)
        label = chosen[number].label_value if number else 0
        found.append(SlicePlacement(label, frame + 1, WHYS[int(places.why[frame])], k if k >= 0 else None, *place, distance))
    return tuple(found)


def _with_segments_once(parts: list[Labelmap], frames: FrameTable, placements: Sequence[Placement], seg: SegHeader) -> tuple[Labelmap, ...]:
    """Of several labelmaps each has the segments that it shows; the first has also those that none does."""
    if len(parts) == 1:
        return tuple(parts)
    shown = [_shown(part, frames, placement, seg) for part, placement in zip(parts, placements, strict=True)]
    nowhere = {segment.number for segment in parts[0].segments}.difference(*shown)
    kept = []
    for n, (part, numbers) in enumerate(zip(parts, shown, strict=True)):
        segments = tuple(segment for segment in part.segments if segment.number in numbers or (n == 0 and segment.number in nowhere))
        placed = part.placed if n == 0 else tuple(placed for placed in part.placed if placed.why.is_placed or placed.k is not None)
        kept.append(replace(part, segments=segments, placed=placed))
    return tuple(part for part in kept if part.segments)


def _shown(part: Labelmap, frames: FrameTable, placement: Placement, seg: SegHeader) -> set[int]:
    if seg.kind == "LABELMAP":
        return {segment.number for segment in part.segments if segment.voxels}
    return set(frames.segment[placement.frames].tolist())
