"""A frame onto the pixels of a slice that it lies on: the same pixels, shifted ones, or the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.seg.frames import FrameTable

# Half a pixel belongs to the lower neighbor on both sides of zero, so that halves never depend on rounding to even.
HALF = 0.5 - 1e-6


@dataclass(frozen=True)
class PlaneMap:
    """From pixels (i, j) of a slice to those of a frame: ``linear`` (2, 2) and ``offset`` (2,) of (column, row).

    ``shape`` is (rows, columns) of the slice. ``shift`` is (rows, columns) to add to a frame's pixel to get the slice's, None where the grids are
    not just shifted; (0, 0) with ``is_identity``.
    """

    linear: NDArray[np.float64]
    offset: NDArray[np.float64]
    shape: tuple[int, int]
    shift: tuple[int, int] | None
    is_identity: bool

    def place(self, values: NDArray[Any]) -> NDArray[Any]:
        """The frame's values (rows, columns) on the slice, 0 outside the frame."""
        out = np.zeros(self.shape, values.dtype)
        if self.shift is not None:
            down, across = self.shift
            rows = slice(max(0, down), min(self.shape[0], values.shape[0] + down))
            columns = slice(max(0, across), min(self.shape[1], values.shape[1] + across))
            if rows.start < rows.stop and columns.start < columns.stop:
                out[rows, columns] = values[rows.start - down : rows.stop - down, columns.start - across : columns.stop - across]
            return out
        j, i = np.indices(self.shape)
        u, v = (np.floor(self.linear[axis, 0] * i + self.linear[axis, 1] * j + (self.offset[axis] + HALF)).astype(np.int64) for axis in (0, 1))
        inside = (u >= 0) & (u < values.shape[1]) & (v >= 0) & (v < values.shape[0])
        out[inside] = values[v[inside], u[inside]]
        return out

    def outside(self, mask: NDArray[np.bool_]) -> int:
        """How many of the frame's pixels have their center outside the slice."""
        v, u = np.nonzero(mask)
        i, j = np.linalg.solve(self.linear, np.stack([u, v]) - self.offset[:, None])
        edge = 0.5 + 1e-6
        return int(np.count_nonzero((i < -edge) | (i > self.shape[1] - 1 + edge) | (j < -edge) | (j > self.shape[0] - 1 + edge)))


def plane_map(
    slice_place: tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, int]],
    frame_place: tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, int]],
) -> PlaneMap:
    """Each place is: where the first pixel lies (3,), mm per pixel along i and j as rows (2, 3), and (rows, columns)."""
    (origin, axes, shape), (own_origin, own_axes, own_shape) = slice_place, frame_place
    # Pixels per mm along each axis of the frame; its axes are perpendicular.
    inverse = own_axes / (own_axes * own_axes).sum(axis=1, keepdims=True)
    linear, offset = inverse @ axes.T, inverse @ (origin - own_origin)
    corners = np.array([(i, j) for i in (0, own_shape[1] - 1) for j in (0, own_shape[0] - 1)], float)
    # The slice's pixels at the frame's corners, and where the frame's own ones are.
    there = np.linalg.solve(linear, (corners - offset).T).T if abs(np.linalg.det(linear)) > 1e-12 else corners + 1e9
    apart = there - corners
    middle = np.floor(apart.mean(axis=0) + HALF)
    is_shifted = bool(np.abs(apart - middle).max() <= 0.5 + 1e-6)
    shift = (int(middle[1]), int(middle[0])) if is_shifted else None
    return PlaneMap(linear, offset, shape, shift, shift == (0, 0) and shape == own_shape)


def frame_place(frames: FrameTable, plane: int) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, int]]:
    """Where the first pixel of a plane of ``frames`` lies (3,), mm per pixel along i and j as rows (2, 3), and (rows, columns)."""
    down, across = frames.pixel_spacings[plane]
    axes = np.stack([frames.orientations[plane, :3] * across, frames.orientations[plane, 3:] * down])
    return frames.positions[plane], axes, (frames.rows, frames.columns)
