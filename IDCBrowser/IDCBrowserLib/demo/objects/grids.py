"""Grids of the further objects, and points of the body where their values are known."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo import body, organs
from IDCBrowserLib.demo.grid import BODY_ORIGIN_LPS, Box, Grid
from IDCBrowserLib.demo.shapes import Field
from IDCBrowserLib.demo.tissue import CYST, EVERYWHERE, LEFT_KIDNEY, LIVER, RIGHT_KIDNEY, SPLEEN, TUMOR, mask

Point = tuple[float, float, float]

# Twice as coarse as the CT, over the same part of the body.
COARSE_GRID = Grid(
    shape=(56, 96, 96),
    spacing=(4.0, 4.0, 4.0),
    origin=(-189.5, -200.0, -410.0),
    axes=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
)
# Where the body lies on another day, before ``objects.registration`` moves it.
OTHER_DAY_GRID = Grid(
    shape=(24, 96, 96),
    spacing=(4.0, 4.0, 8.0),
    origin=(-189.5, -200.0, -386.0),
    axes=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
)
# None of them halfway between voxels.
_PLACES = {"Liver tumor": (-92.0, -7.0, 169.0), "Left kidney": (85.0, 35.0, 133.0), "Renal cyst": (77.0, 27.0, 89.0), "Spleen": (100.0, 41.0, 181.0)}
_DRAWN: dict[str, tuple[Field, Box]] = {
    "Body": (body.skin, EVERYWHERE),
    "Liver": (organs.liver, LIVER),
    "Spleen": (organs.spleen, SPLEEN),
    "Left kidney": (partial(organs.kidney, side=1), LEFT_KIDNEY),
    "Right kidney": (partial(organs.kidney, side=-1), RIGHT_KIDNEY),
    "Renal cyst": (organs.cyst, CYST),
    "Liver tumor": (organs.liver_tumor, TUMOR),
}


def painted(grid: Grid, values: dict[str, float]) -> NDArray[np.float64]:
    """(k, j, i): 0 outside the body, the value of the last of the named parts that holds the voxel's center."""
    volume = np.zeros(grid.shape)
    for name, value in values.items():
        volume[mask(grid, *_DRAWN[name])] = value
    return volume


def points_in(names: tuple[str, ...]) -> dict[str, Point]:
    """A point well inside each of these parts, LPS mm of the CT."""
    return {name: _lps(_PLACES[name]) for name in names}


def known_points(grid: Grid, values: NDArray[np.float64], names: tuple[str, ...]) -> list[dict[str, object]]:
    """``[{"name", "lps", "value"}]``: what a viewer shows at points inside these parts, at the nearest voxel."""
    return [{"name": name, "lps": list(point), "value": float(values[index_of(grid, point)])} for name, point in points_in(names).items()]


def index_of(grid: Grid, point: Point) -> tuple[int, int, int]:
    """(k, j, i) of the voxel nearest to a point (LPS mm)."""
    steps = np.column_stack([np.asarray(axis) * size for axis, size in zip(grid.axes, grid.spacing, strict=True)])
    i, j, k = (round(float(value)) for value in np.linalg.solve(steps, np.asarray(point) - np.asarray(grid.origin)))
    return k, j, i


def _lps(point: Point) -> Point:
    x, y, z = (round(a + b, 6) for a, b in zip(point, BODY_ORIGIN_LPS, strict=True))
    return x, y, z
