"""Contours drawn midway between slices: all of them belong to the same side, although rounding puts each on another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.volume.tolerances import HAIR, on_border, rounding_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.planes import Planes
    from IDCBrowserLib.labelmap.contours.structure_set import Contour


def border_width(contours: Sequence[Contour], height: NDArray[np.float64], planes: Planes) -> float:
    """mm from the border between two slices up to which a contour at ``height`` (m,) counts as lying on it.

    More than ``on_border`` where all contours of an ROI lie midway between slices but for noise, which is no larger than the rounding of their
    coordinates and those of the images.
    """
    narrow = on_border(planes.step)
    rounding = _along(np.array([contour.points[0] for contour in contours]), planes) + _along(planes.positions, planes)
    if rounding <= narrow or np.ptp(planes.thicknesses()) > 2 * rounding + HAIR:
        return narrow
    even = np.arange(len(planes.offsets)) * planes.step
    first = float(np.mean(planes.offsets - even))
    between = (height - first) / planes.step % 1
    mean = float(np.angle(np.exp(2j * np.pi * between).mean()) / (2 * np.pi)) % 1
    apart = np.abs((between - mean + 0.5) % 1 - 0.5) * planes.step
    noise = float(apart.max()) + float(np.abs(planes.offsets - even - first).max())
    is_midway = noise <= rounding + HAIR and abs(mean - 0.5) * planes.step <= noise
    return 2 * noise + narrow if is_midway else narrow


def _along(points: NDArray[np.float64], planes: Planes) -> float:
    """mm along the normal by which points (n, 3) may be off, since their coordinates are rounded."""
    return sum(abs(float(part)) * rounding_of(points[:, axis]) for axis, part in enumerate(planes.normal))
