"""The slices of a grid as planes, and how far contours reach along their normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.volume.spacing import borders
from IDCBrowserLib.volume.tolerances import HAIR, LEANING, PARALLEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.contours.structure_set import Contour
    from IDCBrowserLib.volume.geometry import Geometry
    from IDCBrowserLib.volume.image_grid import ImageGrid


@dataclass(frozen=True)
class Planes:
    """The slices of a grid: ``positions`` (k, 3) of their first pixels' centers, LPS mm; ``offsets`` (k,) ascending along ``normal``, in mm.

    ``axes`` (2, 3) are the unit vectors of i and j, ``spacing`` their pixel spacing, ``step`` the usual distance of slices along the normal.
    ``named`` maps (SOP Instance UID, frame number or 0) to k; -1 where an instance has several frames and none is named.
    """

    positions: NDArray[np.float64]
    axes: NDArray[np.float64]
    normal: NDArray[np.float64]
    spacing: NDArray[np.float64]
    offsets: NDArray[np.float64]
    step: float
    shape: tuple[int, int, int]
    named: dict[tuple[str, int], int]
    of_images: bool = False

    def middles(self) -> NDArray[np.float64]:
        """The borders (k + 1,) between what neighboring slices own."""
        return borders(self.offsets, self.step)

    def thicknesses(self) -> NDArray[np.float64]:
        """(k,) mm."""
        return np.diff(self.middles())


def planes_of(geometry: Geometry, grid: ImageGrid | None = None) -> Planes:
    """The slices of a geometry, at the positions stored in the images where there are any."""
    count = geometry.shape[0]
    axes = np.array(geometry.directions[:2])
    normal = np.cross(axes[0], axes[1])
    normal /= np.linalg.norm(normal)
    k_step = np.array(geometry.directions[2]) * geometry.spacing[2]
    if normal @ k_step < 0:
        normal = -normal
    positions = np.array(geometry.origin) + np.arange(count)[:, None] * k_step if grid is None else grid.slice_positions()
    named: dict[tuple[str, int], int] = {}
    for k, image in enumerate(grid.slices if grid is not None else ()):
        if image is not None and image.sop_instance_uid:
            named[image.sop_instance_uid, image.frame_number] = k
            named[image.sop_instance_uid, 0] = -1 if (image.sop_instance_uid, 0) in named else k
    return Planes(
        positions,
        axes,
        normal,
        np.array(geometry.spacing[:2]),
        positions @ normal,
        float(normal @ k_step),
        geometry.shape,
        named,
        bool(named),
    )


@dataclass(frozen=True)
class Extents:
    """How far contours reach along a normal: ``low`` and ``high`` (m,) mm. ``leans`` (m,) is True for those that are flat, but lean a little."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    leans: NDArray[np.bool_]

    @property
    def middle(self) -> NDArray[np.float64]:
        """(m,) mm."""
        return (self.low + self.high) / 2

    @property
    def spread(self) -> NDArray[np.float64]:
        """(m,) mm."""
        return self.high - self.low

    def across(self, step: float) -> NDArray[np.bool_]:
        """(m,): which are not parallel to slices ``step`` mm apart."""
        return (self.spread > PARALLEL * step + HAIR) & ~self.leans


def extents_of(contours: Sequence[Contour], planes: Planes) -> Extents:
    """Of contours with at least one point each."""
    starts = np.cumsum([0, *(len(contour.points) for contour in contours[:-1])])
    heights = np.concatenate([contour.points for contour in contours]) @ planes.normal
    low, high = np.minimum.reduceat(heights, starts), np.maximum.reduceat(heights, starts)
    leans = np.zeros(len(contours), np.bool_)
    for index in np.flatnonzero(high - low > PARALLEL * planes.step).tolist():
        leans[index] = _leans(contours[index].points, planes)
    return Extents(low, high, leans)


def _leans(points: NDArray[np.float64], planes: Planes) -> bool:
    """Whether the points lie in one plane that is nearly parallel to the slices."""
    own = area_vector(points)
    length = float(np.linalg.norm(own))
    if length == 0 or abs(float(own @ planes.normal)) < length * float(np.cos(np.radians(LEANING))):
        return False
    return float(np.ptp(points @ (own / length))) <= PARALLEL * planes.step


def area_vector(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Along the normal of a closed contour (n, 3), as long as the area it encloses (mm2)."""
    relative = points - points[0]
    vector: NDArray[np.float64] = np.cross(relative, np.roll(relative, -1, axis=0)).sum(axis=0) / 2
    return vector
