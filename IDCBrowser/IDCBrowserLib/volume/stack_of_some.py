"""Where slices lie of which only some are here: the regular stack that the whole series will be, as far as they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.volume.frames import Frame
from IDCBrowserLib.volume.geometry import Geometry, vector
from IDCBrowserLib.volume.spacing import Spacing, levels_of, space_some
from IDCBrowserLib.volume.tolerances import SAME_DIRECTION, SAME_PIXEL_SPACING, same_pixel
from IDCBrowserLib.volume.vectors import cross

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST = 3
# Without numbers that fit, two phases would look like one stack until they have a place in common.
_FEWEST_BY_PLACE = 8


@dataclass(frozen=True)
class StackOfSome:
    """``indices`` (n,) is the k of each known slice in ``geometry``, whose k axis ascends along row x column direction."""

    geometry: Geometry
    indices: tuple[int, ...]


def is_like(frame: Frame, first: Frame) -> bool:
    """Whether a slice may belong to the same stack: size, directions and pixels are those of the first one."""
    near = np.allclose((*frame.row, *frame.column), (*first.row, *first.column), rtol=0, atol=SAME_DIRECTION)
    pixels = np.allclose(frame.spacing, first.spacing, rtol=SAME_PIXEL_SPACING, atol=0)
    return (frame.rows, frame.columns, frame.is_color) == (first.rows, first.columns, first.is_color) and near and pixels


def stack_of_some(frames: Sequence[Frame], expected: int) -> StackOfSome | None:
    """The stack of ``expected`` slices of which ``frames``, all alike, are a part; None where they do not tell one: too few of them, several at one
    place, uneven, tilted against their normal, or more places than slices are expected.

    Where Instance Numbers follow the places the stack reaches from number 1 (or 0) to the last one, otherwise from the first to the last known slice.
    """
    if len(frames) < _FEWEST:
        return None
    first = frames[0]
    positions, normal = np.array([frame.position for frame in frames]), np.array(cross(first.row, first.column))
    distances = positions @ normal
    sideways = positions - np.outer(distances, normal)
    if np.abs(sideways - sideways[0]).max() > same_pixel(min(first.spacing)):
        return None
    place, levels = levels_of(distances, min(first.spacing))
    if len(levels) < len(frames):
        return None
    numbers = np.array([frame.instance_number for frame in frames])[np.argsort(place)]
    spacing = space_some(levels, [*_step_by_number(levels, numbers), *_stated(frames)], expected)
    if spacing is None:
        return None
    ends = _ends_by_number(spacing, numbers, expected)
    if ends is None and len(frames) < min(_FEWEST_BY_PLACE, expected):
        return None
    low, high = ends or (0, spacing.count - 1)
    geometry = Geometry(
        (high - low + 1, first.rows, first.columns),
        (*first.spacing, spacing.step),
        vector(sideways[0] + (levels[0] + low * spacing.step) * normal),
        (first.row, first.column, vector(normal)),
    )
    return StackOfSome(geometry, tuple(int(k) - low for k in spacing.indices[place]))


def thinned(geometry: Geometry, step: int) -> Geometry:
    """The grid of every ``step``-th pixel of each row and column."""
    slices, rows, columns = geometry.shape
    across, down, along = geometry.spacing
    return replace(geometry, shape=(slices, -(-rows // step), -(-columns // step)), spacing=(across * step, down * step, along))


def _step_by_number(levels: NDArray[np.float64], numbers: NDArray[np.int64]) -> list[float]:
    """mm from one number to the next, if there are any."""
    between = abs(int(numbers[-1]) - int(numbers[0]))
    return [float(levels[-1] - levels[0]) / between] if between else []


def _stated(frames: Sequence[Frame]) -> list[float]:
    """Spacing Between Slices or Slice Thickness."""
    return list(dict.fromkeys(frame.thickness for frame in frames if frame.thickness is not None))


def _ends_by_number(spacing: Spacing, numbers: NDArray[np.int64], expected: int) -> tuple[int, int] | None:
    """The k of the first and the last slice of the whole series; None where numbers do not follow the places one by one."""
    steps, begin = np.diff(numbers), min(1, int(numbers.min()))
    for sign in (1, -1):
        if (steps == sign * np.diff(spacing.indices)).all() and begin >= 0 and numbers.max() < begin + expected:
            first, last = (sign * (number - int(numbers[0])) for number in (begin, begin + expected - 1))
            return min(first, last), max(first, last)
    return None
