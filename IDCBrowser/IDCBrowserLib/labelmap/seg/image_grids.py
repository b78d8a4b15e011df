"""A SEG on the grids of the images it was drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.seg.frame_places import WHYS, FramePlaces
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.mapping import PlaneMap, frame_place, plane_map
from IDCBrowserLib.labelmap.seg.on_images import place_frames
from IDCBrowserLib.labelmap.seg.own_grids import own_maps
from IDCBrowserLib.labelmap.seg.placement import Placement
from IDCBrowserLib.labelmap.seg.references import absent_warning, related_grids, source_instances
from IDCBrowserLib.labelmap.seg.resample import is_exact, sampled_slices
from IDCBrowserLib.labelmap.seg.stacks import parallel_groups, plane_axes, stack_planes
from IDCBrowserLib.volume.image_grid import ImageGrid, is_one_of_several
from IDCBrowserLib.volume.spacing import levels_of
from IDCBrowserLib.volume.tolerances import SAME_PIXEL_SPACING, fits, same_place
from IDCBrowserLib.volume.vectors import distinct
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from numpy.typing import NDArray


def place_on_images(seg: SegHeader, frames: FrameTable, grids: Sequence[ImageGrid]) -> list[Placement]:
    """One placement for each grid on which frames lie; a frame on none is told with the first. Raises ``ConversionError``."""
    instances = source_instances(seg.root, frames)
    order, is_named = related_grids(seg.source, instances, grids, seg.path)
    warnings = () if is_named else ("The SEG does not name these images; they lie in the same frame of reference.",)
    absent = absent_warning(instances, grids)
    places = place_frames(frames, grids, order)
    found = [_on_grid(seg, frames, grids[number], own, places) for number in range(len(grids)) if len(own := np.flatnonzero(places.grid == number))]
    across = np.flatnonzero(places.across)
    for planes in parallel_groups(frames, distinct(frames.plane[across])):
        own = across[np.isin(frames.plane[across], planes)]
        places.put(own, order[0], -1, Why.RESAMPLED, 0.0)
        found.append(_resampled(seg, frames, grids[order[0]], own, places))
    if not found:
        raise ConversionError(
            f"No frame of {seg.path} is on the images (series {grids[order[0]].series_uid}). "
            "Give the images it was drawn on, or convert on the SEG's own grid."
        )
    said = (*warnings, *((absent,) if absent else ()))
    away = _away_warning(places)
    return _labeled([replace(found[0], warnings=(*said, *found[0].warnings, *((away,) if away else ()))), *found[1:]], grids)


def _away_warning(places: FramePlaces) -> str:
    """That frames lie elsewhere than the images they name, and which of both decided."""
    sentences = []
    for is_named, decides in ((False, "positions decide"), (True, "names decide, since other frames of the segment are at those positions")):
        away = places.away[(places.away > 0) & (places.is_why(Why.NAMED) == is_named)]
        if len(away):
            frames, named = ("1 frame lies", "it names") if len(away) == 1 else (f"{len(away):,} frames lie", "they name")
            sentences.append(f"{frames} up to {float(away.max()):.3g} mm from the image that {named}; {decides}.")
    return " ".join(sentences)


def _on_grid(seg: SegHeader, frames: FrameTable, grid: ImageGrid, own: NDArray[np.int64], places: FramePlaces) -> Placement:
    if not _fit_slices(frames, grid, own, places):
        return _resampled(seg, frames, grid, own, places)
    _cover(frames, own, places, grid.thicknesses())
    slice_of_frame = np.full(frames.count, -1)
    own = own[~places.is_why(Why.COVERED)[own]]
    slice_of_frame[own] = places.k[own]
    maps = _maps(seg, frames, grid, own, places)
    warnings = [*grid.warnings]
    between = own[places.is_why(Why.NEAREST)[own]]
    if len(between):
        farthest = float(np.abs(places.distance[between]).max())
        warnings.append(
            f"The planes of the SEG and of the images do not coincide; {human_count(len(between), 'frame', 'frames')} went to the nearest slice, "
            f"up to {farthest:.3g} mm away."
        )
    if any(found.shift is None for found in maps.values()):
        warnings.append("The pixels of the SEG and of the images do not coincide; each image voxel shows the nearest voxel of the SEG.")
    needs_maps = any(not found.is_identity for found in maps.values())
    return Placement(
        grid.geometry,
        slice_of_frame,
        grid.geometry.shape[0],
        grid.thicknesses(),
        places,
        maps if needs_maps else None,
        grid=grid,
        label=grid.label,
        warnings=tuple(warnings),
    )


def _fit_slices(frames: FrameTable, grid: ImageGrid, own: NDArray[np.int64], places: FramePlaces) -> bool:
    """Whether frames stand for one slice each: not where the SEG says that its slices are of another thickness, and frames name several images."""
    if not grid.is_regular or places.named_once[own].all():
        return True
    spacing = _confirmed_spacing(frames, distinct(frames.plane[own]))
    return spacing is None or fits(spacing, grid.geometry.slice_step)


def _confirmed_spacing(frames: FrameTable, planes: NDArray[np.int64]) -> float | None:
    """Spacing Between Slices (0018,0088), else Slice Thickness, if two neighboring frames really are that far apart; None otherwise.

    Some writers state anything.
    """
    stated = frames.spacings_between_slices[planes]
    stated = frames.thicknesses[planes] if np.isnan(stated).all() else stated
    normal = plane_axes(frames.orientations[planes[0]])[2]
    _, levels = levels_of(frames.positions[planes] @ normal, float(frames.pixel_spacings[planes[0]].min()))
    for value in distinct(stated[np.isfinite(stated)]).tolist():
        if any(fits(gap, value) for gap in np.diff(levels).tolist()):
            return float(value)
    return None


def _cover(frames: FrameTable, own: NDArray[np.int64], places: FramePlaces, thickness: NDArray[np.float64]) -> None:
    """Where planes of several heights fall on one slice, those of the plane nearest to its middle count."""
    order = np.lexsort((np.abs(places.distance[own]), places.k[own], frames.segment[own]))
    last: tuple[int, int] | None = None
    nearest = 0.0
    for frame in own[order].tolist():
        key = (int(frames.segment[frame]), int(places.k[frame]))
        distance = float(places.distance[frame])
        if key != last:
            last, nearest = key, distance
        elif abs(distance - nearest) > same_place(float(thickness[key[1]])):
            places.why[frame] = WHYS.index(Why.COVERED)


def _maps(seg: SegHeader, frames: FrameTable, grid: ImageGrid, own: NDArray[np.int64], places: FramePlaces) -> dict[int, PlaneMap]:
    """How each frame lies on its slice. Raises ``ConversionError`` where a frame cannot be meant for the image that it names."""
    positions = grid.slice_positions()
    axes = np.array(grid.geometry.directions[:2]) * np.array(grid.geometry.spacing[:2])[:, None]
    shape = (grid.geometry.shape[1], grid.geometry.shape[2])
    known: dict[tuple[int, int], PlaneMap] = {}
    maps: dict[int, PlaneMap] = {}
    for frame in own.tolist():
        key = int(frames.plane[frame]), int(places.k[frame])
        if key not in known:
            known[key] = plane_map((positions[key[1]], axes, shape), frame_place(frames, key[0]))
            if places.is_why(Why.NAMED)[frame]:
                _check_size(seg, frames, grid, frame, known[key])
        maps[frame] = known[key]
    return maps


def _check_size(seg: SegHeader, frames: FrameTable, grid: ImageGrid, frame: int, found: PlaneMap) -> None:
    """A part of an image lies inside it and begins elsewhere; a frame of the image's corner and pixels has the image's size."""
    rows, columns = grid.geometry.shape[1:]
    spacing = np.array(grid.geometry.spacing[1::-1])
    if (rows, columns) == (frames.rows, frames.columns) or found.shift is None:
        return
    if (np.abs(frames.pixel_spacings[frames.plane[frame]] - spacing) > SAME_PIXEL_SPACING * spacing).any():
        return
    down, across = found.shift
    is_inside = down >= 0 and across >= 0 and down + frames.rows <= rows and across + frames.columns <= columns
    if found.shift == (0, 0) or not is_inside:
        seg.root.stream.fail(
            f"Rows (0028,0010) and Columns (0028,0011) are {frames.rows} x {frames.columns}, but the image that frame {frame + 1} names has "
            f"{rows} x {columns} pixels of the same size. Report it to whoever made the file, or convert on the SEG's own grid."
        )


def _resampled(seg: SegHeader, frames: FrameTable, grid: ImageGrid, own: NDArray[np.int64], places: FramePlaces) -> Placement:
    """Voxel by voxel, from a stack that the frames form themselves."""
    stack = stack_planes(frames, distinct(frames.plane[own]), seg.path)
    slice_of_frame = np.full(frames.count, -1)
    slice_of_frame[own] = stack.slices[frames.plane[own]]
    warnings = (*grid.warnings, *stack.warnings)
    if not is_exact(stack.geometry, grid):
        warnings = (*warnings, "The planes of the SEG and of the images do not coincide; each image voxel shows the nearest voxel of the SEG.")
    places.why[own], places.k[own] = WHYS.index(Why.RESAMPLED), -1
    shown = sampled_slices(stack.geometry, grid)
    if shown is not None:
        # Planes finer than the images: what no voxel shows is told as skipped.
        stored = shown if stack.source is None else stack.source[shown[(shown >= 0) & (shown < len(stack.source))]]
        between = own[~np.isin(slice_of_frame[own], stored)]
        places.why[between] = WHYS.index(Why.COVERED)
        slice_of_frame[between] = -1
    return Placement(
        grid.geometry,
        slice_of_frame,
        stack.stored,
        grid.thicknesses(),
        places,
        own_maps(frames, own, stack, slice_of_frame) if stack.shifts else None,
        stack.source,
        stack=stack.geometry,
        grid=grid,
        label=grid.label,
        warnings=warnings,
    )


def _labeled(found: list[Placement], grids: Sequence[ImageGrid]) -> list[Placement]:
    """With labels that tell several apart, and that say which of the phases of the images a single one is of."""
    if len(found) == 1:
        return [replace(found[0], label=found[0].label if is_one_of_several(found[0].grid, grids) else "")]
    labels = [placement.label or (placement.grid.series_description if placement.grid is not None else "") for placement in found]
    if len(set(labels)) < len(labels) or "" in labels:
        labels = [f"{label} stack {number}".strip() for number, label in enumerate(labels, 1)]
    return [replace(placement, label=label) for placement, label in zip(found, labels, strict=True)]
