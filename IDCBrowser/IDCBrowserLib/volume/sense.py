"""What no image can be: sizes and places that only a damaged or invented header states."""

from __future__ import annotations

from collections.abc import Iterable

# mm: no scanner makes smaller or larger voxels, or images farther from the origin of its coordinates.
SMALLEST_VOXEL, LARGEST_VOXEL, FARTHEST = 1e-7, 1e4, 1e7


def nonsense(spacing: Iterable[float], position: Iterable[float]) -> str:
    """What makes no sense of the distances between voxels and of a position, all in mm; "" where all does."""
    wrong = next((value for value in spacing if not SMALLEST_VOXEL <= value <= LARGEST_VOXEL), None)
    if wrong is not None:
        return f"its voxels are {wrong:.3g} mm large"
    far = next((value for value in position if not abs(value) <= FARTHEST), None)
    return "" if far is None else f"it lies {far:.3g} mm away from the origin"
