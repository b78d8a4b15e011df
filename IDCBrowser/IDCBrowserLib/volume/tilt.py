"""The axis from slice to slice: straight, oblique after a gantry tilt, or none where slices are shifted by differing amounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.volume.geometry import Vector, vector
from IDCBrowserLib.volume.tolerances import DRIFT_DEGREES, same_pixel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.volume.spacing import Spacing


@dataclass(frozen=True)
class SliceAxis:
    """``direction`` (unit vector, LPS) and ``length`` (mm) from a slice to the next; ``degrees`` it is oblique to the slices' normal.

    ``is_straight`` is False where no one axis fits: slices lie up to ``shift`` mm beside it, each where its position says.
    """

    direction: Vector
    length: float
    degrees: float = 0.0
    is_straight: bool = True
    shift: float = 0.0

    def warning(self) -> str:
        """A sentence for the user, "" for a plain stack."""
        if not self.is_straight:
            return f"The slices are shifted sideways against each other by differing amounts, up to {self.shift:.3g} mm; each is where it says."
        if self.degrees:
            return f"The slices are tilted by {self.degrees:.1f} degrees against the stacking direction (gantry tilt); the grid is oblique."
        return ""


def slice_axis(positions: NDArray[np.float64], normal: NDArray[np.float64], spacing: Spacing, pixel: float) -> SliceAxis:
    """The axis of slices at ``positions`` (n, 3), one per entry of ``spacing.indices``. ``pixel`` is the smaller pixel spacing (mm)."""
    straight = SliceAxis(vector(normal), spacing.step)
    if len(positions) == 1:
        return straight
    relative = positions - positions[0]
    shifts = relative - np.outer(relative @ normal, normal)
    along = spacing.indices if spacing.is_even else (spacing.centers[spacing.indices] - spacing.centers[0]) / spacing.step
    per_slice = shifts[-1] / along[-1]
    largest = float(np.linalg.norm(shifts, axis=1).max())
    oblique = normal * spacing.step + per_slice
    length = float(np.linalg.norm(oblique))
    degrees = float(np.degrees(np.arccos(min(1.0, spacing.step / length))))
    # Rounded direction cosines let a long stack drift a little; that is no tilt.
    if largest <= 0.1 * pixel or (degrees < DRIFT_DEGREES and largest <= 0.5 * pixel):
        return straight
    beside = float(np.linalg.norm(shifts - np.outer(along, per_slice), axis=1).max())
    if beside > same_pixel(pixel):
        return SliceAxis(vector(normal), spacing.step, is_straight=False, shift=largest)
    return SliceAxis(vector(oblique / length), length, degrees) if largest > same_pixel(pixel) else straight
