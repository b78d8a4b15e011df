"""A second reader of structure sets, which shares no code with ours: pydicom for the file, fractions for the voxels.

It knows only the plain case (closed contours, one of an ROI on a slice) and says nothing of others, so that it can judge damaged files.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from helpers.rtstruct_files import Stack, reference_mask, to_pixels

# Beyond this no pixel is reached, and exact arithmetic takes long.
_FAR = 10**6


def voxels_and_names(path: Path, stack: Stack) -> tuple[dict[str, int], dict[str, str]] | None:
    """Voxels on ``stack`` and names by ROI Number; None where pydicom cannot read the file, or where it holds more than the plain case."""
    from pydicom import dcmread

    try:
        dataset = dcmread(path, force=True)
        names = {str(int(item.ROINumber)): _text(item.get("ROIName")) for item in dataset.StructureSetROISequence}
        drawn = [(str(int(item.ReferencedROINumber)), _contours(item)) for item in dataset.ROIContourSequence]
    except Exception:  # pydicom gives up on what is damaged
        return None
    voxels: dict[str, int] = {}
    for number, contours in drawn:
        if number in voxels or contours is None:
            return None
        counted = _voxels(contours, stack)
        if counted is None:
            return None
        voxels[number] = counted
    return voxels, names


def _text(value: Any) -> str:
    """A name as it is stored: one with a backslash, which it must not have, is several to pydicom."""
    return "" if value is None else value if isinstance(value, str) else "\\".join(str(part) for part in value)


def _contours(item: Any) -> list[list[tuple[Fraction, ...]]] | None:
    found = []
    for contour in item.get("ContourSequence", []):
        if contour.get("ContourGeometricType") != "CLOSED_PLANAR":
            return None
        values = [Fraction(str(value)) for value in contour.ContourData]
        if len(values) % 3 or any(abs(value) > _FAR for value in values):
            return None
        found.append([tuple(values[at : at + 3]) for at in range(0, len(values), 3)])
    return found


def _voxels(contours: list[list[tuple[Fraction, ...]]], stack: Stack) -> int | None:
    """Of contours on the slices at whose height they are; None where two share a slice or one lies off all of them."""
    heights = [position[2] for position in stack.positions]
    step = heights[1] - heights[0]
    taken: set[int] = set()
    total = 0
    for points in contours:
        middle = (min(point[2] for point in points) + max(point[2] for point in points)) / 2
        k = min(range(len(heights)), key=lambda n: abs(heights[n] - middle))
        if k in taken or any(abs(point[2] - heights[k]) * 4 > step for point in points):
            return None
        taken.add(k)
        outline = tuple(to_pixels(stack, k, point) for point in points)
        total += int(reference_mask(outline, stack.rows, stack.columns).sum())
    return total
