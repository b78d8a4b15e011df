"""How much places, directions and distances may differ and still be meant as the same: one table for images, segmentations and contours.

Each is a fraction of a slice or a pixel, since that is what an error costs, with a floor for the rounding of Decimal Strings: numbers that mean the
same are written with one to twelve decimals, and two writings of one plane differ by up to a tenth of a millimeter. Whatever an object states (the
image that a frame names, a spacing that fits) goes before geometry; these allowances judge geometry alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROUNDING_MM = 0.1
"""Two positions written with one decimal differ by up to this although they are meant as one."""

HAIR = 1e-6
"""Of a millimeter or pixel: the noise of double precision."""

SAME_GRID_MM = 1e-3
"""Two grids are one and the same up to here: phases are copied, not placed anew."""

SAME_NAMED_PLACE_MM = 0.01
"""Images that one frame names for its place lie at one place up to here: they are phases of it, whose positions are copies."""

SAME_DIRECTION = 1e-3
"""Direction cosines are the same up to here: written with three decimals. At the far corner of 512 pixels that is half a pixel."""

SAME_PIXEL_SPACING = 1e-3
"""Relative: half a pixel across 512."""

SAME_THICKNESS = 0.05
"""Relative: a stated thickness fits a distance up to here; scanners state the nominal one."""

FLAT = 0.1
"""Of a slice: a contour whose points leave the plane by no more is flat, which is not worth a word."""

PARALLEL = 0.5
"""Of a slice: a contour whose points leave the plane by more reaches into the next slice, so it is not parallel to them."""

LEANING = 1.0
"""Degrees: a flat contour that leans less was drawn on the slices; a body outline at 0.1 degrees reaches through half a millimeter."""

CONTOUR_NAMED_WITHIN = 1.0
"""Of a slice: a contour belongs to the image that it names unless it lies farther away; planning systems draw between images."""

FRAME_NAMED_WITHIN = 0.5
"""Of a slice, and the rounding: a frame farther from the image that it names lies on another one. Some are made half a slice off."""

DRIFT_DEGREES = 0.1
"""A stack whose slices drift sideways by less, and by at most half a pixel in all, has rounded direction cosines, no gantry tilt."""

ONE_DRAWING = 0.25
"""Of the distance to the planes of the next slice: contours of one slice that are nearer to each other along the normal were drawn on one plane."""

ONE_DRAWING_AT_LEAST = 0.05
"""Of a slice: the same where the planes of the next slice are nearer than a fifth of a slice."""

EVEN_PLANES = 0.1
"""Of their distance: planes of contours across the slices are even up to here; they were drawn by hand on a turned image."""

SIZE_OF_A_COPY = 0.5
"""A copy of a contour has at least so much of its area: contours of a few pixels lie within a pixel of each other whatever they are."""

SAME_CONTOUR_PIXELS = 1.0
"""Two contours whose borders are nowhere farther apart are one, drawn twice: below a pixel nobody draws a wall."""

SAME_BORDER_PIXELS = 0.02
"""Two writings of one border: coordinates rounded to a hundredth of a millimeter."""


def same_place(step: float) -> float:
    """mm along the normal up to which planes of slices ``step`` apart are one plane: the rounding, but never a quarter of a slice."""
    return min(ROUNDING_MM, step / 4) + HAIR * min(1.0, step)


def off_grid(step: float) -> float:
    """mm by which a plane may lie off an even grid: the rounding, at most a tenth of a slice; on thick slices a fiftieth (tables wobble)."""
    return max(0.02 * step, min(ROUNDING_MM, 0.1 * step)) + HAIR * min(1.0, step)


def same_pixel(pixel: float) -> float:
    """mm in the plane up to which two planes begin at the same pixel: a tenth of a pixel or the rounding, but never half a pixel."""
    return min(max(0.1 * pixel, ROUNDING_MM), 0.5 * pixel)


def on_border(step: float) -> float:
    """mm from the middle between two slices up to which a plane counts as lying on it: rounded at the fourth decimal, which is no side."""
    return max(1e-4, 1e-4 * step)


def rounding_of(values: NDArray[np.float64]) -> float:
    """mm by which each of the coordinates (n,) may be off: half of the last decimal that any of them has, 0 from the fifth on."""
    for unit in (0.1, 0.01, 0.001, 0.0001):
        lattice = values / unit
        if float(abs(lattice - lattice.round()).max(initial=0)) < HAIR * 10:
            return unit / 2
    return 0.0


def fits(distance: float, thickness: float) -> bool:
    """Whether slices of this thickness lie one at the other at this distance; False for a thickness that is not a number."""
    return abs(distance - thickness) <= max(SAME_THICKNESS * thickness, min(ROUNDING_MM, 0.1 * thickness))
