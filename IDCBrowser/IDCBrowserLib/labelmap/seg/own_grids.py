"""A SEG on grids of its own: each stack that its frames form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.seg.frame_places import WHYS, FramePlaces
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.mapping import PlaneMap, frame_place, plane_map
from IDCBrowserLib.labelmap.seg.placement import Placement
from IDCBrowserLib.labelmap.seg.references import source_instances
from IDCBrowserLib.labelmap.seg.stacks import FrameStack, PlaneStack, stack_planes, stacks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def place_on_own_grids(seg: SegHeader, frames: FrameTable) -> list[Placement]:
    """One placement for each stack that the frames form. Raises ``ConversionError``."""
    places = FramePlaces.nowhere(frames.count)
    return [_own(seg, frames, stack, places, number) for number, stack in enumerate(stacks_of(frames))]


def _own(seg: SegHeader, frames: FrameTable, part: FrameStack, places: FramePlaces, number: int) -> Placement:
    own = part.frames
    stack = stack_planes(frames, part.planes, seg.path, partial(_names_no_other, seg, frames, own))
    slice_of_frame = np.full(frames.count, -1)
    slice_of_frame[own] = stack.slices[frames.plane[own]]
    places.grid[own], places.why[own] = number, WHYS.index(Why.OWN)
    places.k[own] = slice_of_frame[own] if stack.source is None else _first_shown(stack)[slice_of_frame[own]]
    return Placement(
        stack.geometry,
        slice_of_frame,
        stack.stored,
        np.full(stack.geometry.shape[0], stack.geometry.slice_step),
        places,
        own_maps(frames, own, stack, slice_of_frame) if stack.shifts else None,
        stack.source,
        None if stack.source is None else stack.thicknesses,
        label=part.label,
        warnings=stack.warnings,
    )


def _first_shown(stack: PlaneStack) -> NDArray[np.int64]:
    """For each stored slice the first slice of the result that shows it."""
    assert stack.source is not None
    return np.searchsorted(stack.source, np.arange(stack.stored))


def _names_no_other(seg: SegHeader, frames: FrameTable, own: NDArray[np.int64]) -> bool:
    """Whether every image that the SEG names has its own frame among these."""
    named = {references[0][0] for frame in own.tolist() if len(references := frames.references[frame]) == 1}
    return bool(named) and source_instances(seg.root) == named


def own_maps(frames: FrameTable, own: NDArray[np.int64], stack: PlaneStack, slice_of_frame: NDArray[np.int64]) -> dict[int, PlaneMap]:
    """How each frame lies on the slice of its stack, which begins on the stack's axis."""
    matrix = stack.geometry.index_to_lps()
    normal = np.cross(stack.geometry.directions[0], stack.geometry.directions[1])
    shape = (stack.geometry.shape[1], stack.geometry.shape[2])
    maps: dict[int, PlaneMap] = {}
    by_plane: dict[int, PlaneMap] = {}
    for frame in own.tolist():
        plane = int(frames.plane[frame])
        if plane not in by_plane:
            height = float((frames.positions[plane] - matrix[:3, 3]) @ normal)
            axis = matrix[:3, 2] / float(matrix[:3, 2] @ normal)
            by_plane[plane] = plane_map((matrix[:3, 3] + height * axis, matrix[:3, :2].T, shape), frame_place(frames, plane))
        maps[frame] = by_plane[plane]
    return maps
