"""Moves voxels to another grid with the same voxel centers: rotated, flipped or shifted by whole voxels, never interpolated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.volume.geometry import Geometry, vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of a voxel: centers this close are meant as the same. Positions in DICOM and NIfTI are rounded; what is drawn on another grid is off by more.
_SAME_CENTER = 0.05


@dataclass(frozen=True)
class Placement:
    """Where voxels go. Target axis ``t`` (k, j, i) runs along source axis ``axes[t]``, backward where ``flipped[t]``; ``first`` is the target index
    of the source's lowest corner, ``shape`` what the source spans there. All in (k, j, i)."""

    axes: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]
    first: tuple[int, int, int]
    shape: tuple[int, int, int]

    def lies_in(self, shape: tuple[int, int, int]) -> bool:
        """Whether all of it is within a target of this shape."""
        return all(first >= 0 and first + size <= whole for first, size, whole in zip(self.first, self.shape, shape, strict=True))

    def fills(self, shape: tuple[int, int, int]) -> bool:
        """Whether it is exactly that target."""
        return self.first == (0, 0, 0) and self.shape == shape


def placement(source: Geometry, target: Geometry) -> Placement | None:
    """How ``source`` lies on ``target``; None where their voxel centers differ."""
    to_target = np.linalg.inv(target.index_to_lps()) @ source.index_to_lps()
    turn = np.rint(to_target[:3, :3])
    if not (np.abs(turn).sum(0) == 1).all() or not (np.abs(turn).sum(1) == 1).all():
        return None
    last = np.array(source.shape[::-1]) - 1
    corners = np.array([[x, y, z, 1] for x in (0, last[0]) for y in (0, last[1]) for z in (0, last[2])], float)
    exact = corners @ to_target.T[:, :3]
    whole = corners[:, :3] @ turn.T + np.rint(to_target[:3, 3])
    if np.abs(exact - whole).max() > _SAME_CENTER:
        # The rounded corner may be off by one voxel where the turn is inexact: judged by where corners truly are.
        return None
    axis_of = np.abs(turn).argmax(1)
    k, j, i = (2 - int(axis_of[t]) for t in (2, 1, 0))
    flips = [bool(turn[t, axis_of[t]] < 0) for t in (2, 1, 0)]
    low = whole.min(0)
    shape = source.shape[k], source.shape[j], source.shape[i]
    return Placement((k, j, i), (flips[0], flips[1], flips[2]), (int(low[2]), int(low[1]), int(low[0])), shape)


def moved(labelmap: Labelmap, where: Placement, target: Geometry) -> tuple[Labelmap, int]:
    """On the grid ``target``, and how many of its voxels lie outside and are lost. Layers that fill the target are not copied."""
    lost = 0
    layers = []
    for layer in labelmap.layers:
        turned = layer.transpose(where.axes)[tuple(slice(None, None, -1) if flip else slice(None) for flip in where.flipped)]
        if where.fills(target.shape):
            layers.append(turned)
            continue
        placed, outside = _placed(turned, where, target.shape)
        layers.append(placed)
        lost += outside
    return replace(labelmap, layers=tuple(layers), geometry=target), lost


def _placed(turned: NDArray[Any], where: Placement, shape: tuple[int, int, int]) -> tuple[NDArray[Any], int]:
    placed = np.zeros(shape, turned.dtype)
    low = [max(0, first) for first in where.first]
    high = [min(whole, first + size) for first, size, whole in zip(where.first, where.shape, shape, strict=True)]
    inside = turned[tuple(slice(max(0, a - first), max(0, b - first)) for a, b, first in zip(low, high, where.first, strict=True))]
    if inside.size:
        placed[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = inside
    return placed, int(np.count_nonzero(turned)) - int(np.count_nonzero(inside))


def spanned(target: Geometry, placements: list[Placement]) -> Geometry:
    """The smallest grid with the voxel centers of ``target`` that everything placed on it fits in."""
    low = np.min([place.first for place in placements], 0)
    high = np.max([np.add(place.first, place.shape) for place in placements], 0)
    origin = target.index_to_lps() @ [*low[::-1], 1]
    k, j, i = (int(size) for size in high - low)
    return replace(target, shape=(k, j, i), origin=vector(origin[:3]))
