"""Which slice of which images each frame of a SEG belongs to.

A frame belongs to the image it names; without one among those given to the image at its position; only then by geometry: to the nearest slice, or,
where the planes of the SEG are others than those of the images, voxel by voxel.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.seg.frame_places import WHYS, FramePlaces
from IDCBrowserLib.labelmap.seg.frames import FrameTable, Reference
from IDCBrowserLib.volume.tolerances import FLAT, FRAME_NAMED_WITHIN, HAIR, PARALLEL, SAME_PIXEL_SPACING, same_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.image_grid import ImageGrid


class GridSlices:
    """The slices of one grid, for asking which a plane lies on."""

    def __init__(self, grid: ImageGrid) -> None:
        self.grid = grid
        self.axes = np.array(grid.geometry.directions[:2])
        normal = np.cross(self.axes[0], self.axes[1])
        self.normal = normal / np.linalg.norm(normal)

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """(k, 3) LPS mm."""
        return self.grid.slice_positions()

    @cached_property
    def heights(self) -> NDArray[np.float64]:
        """(k,) mm along the normal, ascending."""
        heights: NDArray[np.float64] = self.positions @ self.normal
        return heights

    @cached_property
    def thicknesses(self) -> NDArray[np.float64]:
        """(k,) mm."""
        return self.grid.thicknesses()


@dataclass(frozen=True)
class _Candidate:
    grid: int
    k: int
    distance: float


class _Finder:
    """Asks all grids about a plane."""

    def __init__(self, frames: FrameTable, slices: Sequence[GridSlices]) -> None:
        self._frames, self._slices = frames, slices
        self.named: dict[Reference, list[tuple[int, int]]] = defaultdict(list)
        for g, own in enumerate(slices):
            for k, image in enumerate(own.grid.slices):
                if image is not None and image.sop_instance_uid:
                    self.named[image.sop_instance_uid, image.frame_number].append((g, k))
                    self.named[image.sop_instance_uid, 0].append((g, k))
        size = np.array([frames.columns - 1, frames.rows - 1]) / 2
        spacing = frames.pixel_spacings[:, ::-1] * size
        self._half = np.stack([frames.orientations[:, :3] * spacing[:, :1], frames.orientations[:, 3:] * spacing[:, 1:]], axis=1)

    def at(self, plane: int, grid: int, k: int | None = None) -> tuple[_Candidate, float]:
        """The slice k of a grid, else the nearest, how far the plane's middle is from it; and by how many mm the plane leans against it."""
        own = self._slices[grid]
        middle = self._frames.positions[plane] + self._half[plane].sum(axis=0)
        height = float(middle @ own.normal)
        if k is None:
            k = int(np.abs(own.heights - height).argmin())
        lean = 2 * float(np.abs(self._half[plane] @ own.normal).sum())
        return _Candidate(grid, k, height - float(own.heights[k])), lean

    def thickness(self, candidate: _Candidate) -> float:
        """mm of its slice."""
        return float(self._slices[candidate.grid].thicknesses[candidate.k])

    def among_named(self, plane: int, references: Sequence[Reference], rank: Sequence[int]) -> _Candidate | None:
        """The nearest of the images that are named and given, within half a slice and the rounding; of equals that of lowest ``rank``."""
        found = []
        for place in dict.fromkeys(place for reference in references for place in self.named.get(reference, ())):
            candidate, lean = self.at(plane, *place)
            thickness = self.thickness(candidate)
            if abs(candidate.distance) <= FRAME_NAMED_WITHIN * thickness + same_place(thickness) and lean <= PARALLEL * thickness:
                found.append((round(abs(candidate.distance) / thickness, 3), rank[candidate.grid], candidate))
        return min(found, key=lambda entry: entry[:2])[2] if found else None

    def away_from_named(self, plane: int, references: Sequence[Reference]) -> float:
        """mm from the plane to the nearest of the images that are named and given; 0 where there is none."""
        distances = [abs(self.at(plane, *place)[0].distance) for reference in references for place in self.named.get(reference, ())]
        return min(distances, default=0.0)

    def at_place(self, plane: int, grids: Sequence[int], *, exact: bool) -> list[_Candidate]:
        """The slices on which the plane lies: at their very place, or (not ``exact``) within their thickness."""
        found = []
        for grid in grids:
            candidate, lean = self.at(plane, grid)
            thickness = self._slices[grid].thicknesses[candidate.k]
            limit = same_place(thickness) if exact else thickness / 2 + HAIR
            if abs(candidate.distance) <= limit and lean <= FLAT * thickness:
                found.append(candidate)
        return sorted(found, key=lambda candidate: not self._has_pixels_of(plane, candidate.grid))

    def leans(self, plane: int, grid: int) -> bool:
        """Whether a plane is not parallel to the slices of a grid: it would reach into others."""
        candidate, lean = self.at(plane, grid)
        return lean > FLAT * float(self._slices[grid].thicknesses[candidate.k])

    def _has_pixels_of(self, plane: int, grid: int) -> bool:
        geometry = self._slices[grid].grid.geometry
        sizes = geometry.shape[1:] == (self._frames.rows, self._frames.columns)
        return sizes and bool(np.allclose(geometry.spacing[1::-1], self._frames.pixel_spacings[plane], rtol=SAME_PIXEL_SPACING))


def place_frames(frames: FrameTable, grids: Sequence[ImageGrid], order: Sequence[int]) -> FramePlaces:
    """Where every frame goes. ``order`` are the indices of grids that may be taken without being named, the best first."""
    slices = [GridSlices(grid) for grid in grids]
    finder = _Finder(frames, slices)
    rank = [order.index(grid) if grid in order else len(order) + grid for grid in range(len(grids))]
    places = FramePlaces.nowhere(frames.count)
    unnamed: list[tuple[int, tuple[Reference, ...], NDArray[np.int64]]] = []
    combinations = _combinations(frames)
    rank = _most_named_first(finder, combinations, rank)
    lacks_place = frames.lacks_place
    for plane, references, own in combinations:
        if lacks_place[plane]:
            places.why[own] = WHYS.index(Why.ABSENT)
            continue
        candidate = finder.among_named(plane, references, rank)
        if candidate is None:
            unnamed.append((plane, references, own))
            places.away[own] = finder.away_from_named(plane, references)
            continue
        places.put(own, candidate.grid, candidate.k, Why.NAMED, candidate.distance)
        named = {place for reference in references for place in finder.named.get(reference, ()) if place[0] == candidate.grid}
        places.named_once[own] = len(named) == 1
    _place_unnamed(frames, finder, unnamed, places, sorted(order, key=lambda grid: rank[grid]))
    return places


def _combinations(frames: FrameTable) -> list[tuple[int, tuple[Reference, ...], NDArray[np.int64]]]:
    """Each distinct plane and set of references, with its frames; frames that name no image apart by their moment, too."""
    found: dict[tuple[int, tuple[Reference, ...], int], list[int]] = defaultdict(list)
    moments = (0,) * frames.count if all(frames.references) else frames.moments
    for frame, (plane, references, moment) in enumerate(zip(frames.plane.tolist(), frames.references, moments, strict=True)):
        found[plane, references, 0 if references else moment].append(frame)
    return [(plane, references, np.array(own)) for (plane, references, _), own in found.items()]


def _most_named_first(finder: _Finder, combinations: list[tuple[int, tuple[Reference, ...], NDArray[np.int64]]], rank: list[int]) -> list[int]:
    """The rank of each grid where frames name images of several: grids whose images are named alone, by most frames, come first."""
    alone: Counter[int] = Counter()
    for _, references, own in combinations:
        grids = {grid for reference in references for grid, _ in finder.named.get(reference, ())}
        if len(grids) == 1:
            alone[grids.pop()] += len(own)
    ordered = sorted(range(len(rank)), key=lambda grid: (-alone[grid], rank[grid]))
    return [ordered.index(grid) for grid in range(len(rank))]


def _place_unnamed(
    frames: FrameTable,
    finder: _Finder,
    unnamed: list[tuple[int, tuple[Reference, ...], NDArray[np.int64]]],
    places: FramePlaces,
    order: list[int],
) -> None:
    taken = {(int(places.grid[frame]), int(places.k[frame]), int(frames.segment[frame])) for frame in np.flatnonzero(places.grid >= 0)}
    for plane, references, own in unnamed:
        # Its image is not given, but others that the SEG names are: a neighbor's place is not its own.
        is_absent = bool(references) and bool(taken) and not any(reference in finder.named for reference in references)
        exact = finder.at_place(plane, order, exact=True)
        if is_absent:
            if len(exact) == 1 and not any((exact[0].grid, exact[0].k, segment) in taken for segment in frames.segment[own].tolist()):
                places.put(own, exact[0].grid, exact[0].k, Why.AT_PLACE, exact[0].distance)
            elif finder.at_place(plane, order, exact=False):
                places.why[own] = WHYS.index(Why.ABSENT)
            continue
        near = exact or finder.at_place(plane, order, exact=False)
        if len(near) > 1 and references:
            # It lies beside the images that it names, which still tell the phase.
            phase = {grid for reference in references for grid, _ in finder.named.get(reference, ())}
            near.sort(key=lambda candidate: candidate.grid not in phase)
        moment = 0 if references else frames.moments[int(own[0])]
        if len(near) > 1 and 0 < moment <= len(near) and (moment > 1 or len(set(frames.moments)) > 1):
            # Phases at one place: grids are in the order of what tells them apart.
            near = [sorted(near, key=lambda candidate: candidate.grid)[moment - 1]]
        if near and (named := _named_since_taken(frames, finder, (plane, references, own), near[0], taken)):
            places.put(own, named.grid, named.k, Why.NAMED, named.distance)
            taken |= {(named.grid, named.k, segment) for segment in frames.segment[own].tolist()}
        elif near:
            places.put(own, near[0].grid, near[0].k, Why.AT_PLACE if exact else Why.NEAREST, near[0].distance)
        else:
            places.across[own] = all(finder.leans(plane, grid) for grid in order)


def _named_since_taken(
    frames: FrameTable,
    finder: _Finder,
    combination: tuple[int, tuple[Reference, ...], NDArray[np.int64]],
    there: _Candidate,
    taken: set[tuple[int, int, int]],
) -> _Candidate | None:
    """The one image that a frame names, although it lies elsewhere, where only that leaves its voxels: others of its segment are at its place."""
    plane, references, own = combination
    segments = frames.segment[own].tolist()
    named = list(dict.fromkeys(place for reference in references for place in finder.named.get(reference, ())))
    if len(named) != 1 or not any((there.grid, there.k, segment) in taken for segment in segments):
        return None
    if any((*named[0], segment) in taken for segment in segments):
        return None
    candidate, lean = finder.at(plane, *named[0])
    return candidate if lean <= PARALLEL * finder.thickness(candidate) else None
