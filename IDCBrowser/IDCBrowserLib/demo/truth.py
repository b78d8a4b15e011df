"""What a right conversion of the phantom finds: voxels per segment, counted without any converter.

For the SEGs these are the masks that were drawn. For the RTSTRUCT they are the voxel centers inside the written polygons, decided in whole
numbers (hundredths of a millimeter), so exactly: even-odd over the contours of a slice, as CLOSEDPLANAR_XOR and keyholes want it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo.grid import Array, Grid
from IDCBrowserLib.demo.rtstruct import Contour, Roi
from IDCBrowserLib.demo.segmentation import DrawnSegment

_PER_MM = 100


def of_segments(segments: Sequence[DrawnSegment]) -> dict[str, Any]:
    """``{"segments": [{"number", "name", "voxels"}], "overlapping_voxels"}``."""
    counts = sum((segment.mask.astype(np.uint8) for segment in segments[1:]), segments[0].mask.astype(np.uint8))
    return {
        "segments": [{"number": segment.number, "name": segment.name, "voxels": int(segment.mask.sum())} for segment in segments],
        "overlapping_voxels": int((counts > 1).sum()),
    }


def of_rois(rois: Sequence[Roi], grid: Grid) -> dict[str, Any]:
    """As ``of_segments`` for the regions with area, on an axial grid; points are listed under ``"points"``."""
    segments, points = [], []
    covered = np.zeros(grid.shape, dtype=np.uint8)
    for roi in rois:
        if all(contour.kind == "POINT" for contour in roi.contours):
            points.append({"number": roi.number, "name": roi.name, "position": list(roi.contours[0].points[0])})
            continue
        inside = filled(roi.contours, grid)
        covered += inside
        segments.append({"number": roi.number, "name": roi.name, "voxels": int(inside.sum())})
    return {"segments": segments, "overlapping_voxels": int((covered > 1).sum()), "points": points}


def filled(contours: Sequence[Contour], grid: Grid) -> NDArray[np.bool_]:
    """Voxels (k, j, i) of an axial grid whose center is inside the contours of its slice, even-odd."""
    inside = np.zeros(grid.shape, dtype=bool)
    x = _whole(grid.origin[0] + grid.spacing[0] * np.arange(grid.shape[2]))
    y = _whole(grid.origin[1] + grid.spacing[1] * np.arange(grid.shape[1]))
    for contour in contours:
        corners = _whole(np.array([point[:2] for point in contour.points]))
        inside[contour.k] ^= _inside(corners, x, y)
    return inside


def _inside(corners: NDArray[np.int64], x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Even-odd by crossings of the ray toward larger x; an edge owns its lower end, not its upper."""
    odd = np.zeros((y.size, x.size), dtype=bool)
    for start, end in zip(corners.tolist(), np.roll(corners, -1, axis=0).tolist(), strict=True):
        (x0, y0), (x1, y1) = (start, end) if start[1] < end[1] else (end, start)
        rows = np.flatnonzero((y >= y0) & (y < y1))
        if rows.size:
            # (x - x0) (y1 - y0) < (x1 - x0) (y - y0): the voxel lies on the side of smaller x, in whole numbers.
            odd[rows] ^= (x[None, :] - x0) * (y1 - y0) < (x1 - x0) * (y[rows, None] - y0)
    return odd


def _whole(values: Array) -> NDArray[np.int64]:
    return np.round(values * _PER_MM).astype(np.int64)
