"""Outlines of annotations on a slide: those that are in sight, where few enough are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import read_array
from IDCBrowserLib.scene.provenance import OUTLINES_ATTRIBUTE
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLVolumeNode

# More would be painted for longer than a frame; then the density map says more.
MOST_SHOWN = 3000
# Red, green, blue; pixels of a line, and from the middle of a point to its rim.
COLOR = (255, 230, 0)
WIDTH, DOT = 1.5, 3.0
_MOST_KEPT = 4


@dataclass(frozen=True)
class Outlines:
    """``points`` (n, 2) mm along rows and columns from the first pixel, ``starts`` (m + 1,), ``centers`` (m, 2); ``to_ras`` (4, 4) of those mm."""

    points: NDArray[Any]
    starts: NDArray[Any]
    centers: NDArray[Any]
    to_ras: NDArray[Any]

    def in_view(self, ras_of_corners: NDArray[Any], width: int, height: int) -> tuple[int, list[NDArray[Any]]]:
        """How many annotations a view of so many pixels shows, and the outline of each (n, 2) in its pixels; none of more than ``MOST_SHOWN``.

        The corners (4, 3), RAS mm, are those of its pixels (0, 0), (width, 0), (0, height) and (width, height).
        """
        import numpy as np

        flat = (np.linalg.inv(self.to_ras) @ np.column_stack([ras_of_corners, np.ones(4)]).T)[:2].T
        inside = (self.centers >= flat.min(axis=0)) & (self.centers <= flat.max(axis=0))
        shown = np.flatnonzero(inside.all(axis=1))
        if not 0 < len(shown) <= MOST_SHOWN:
            return len(shown), []
        # The picture is not distorted: three corners tell where millimeters of the slide lie in it.
        steps = np.column_stack([flat[1] - flat[0], flat[2] - flat[0]])
        to_view = np.diag([width, height]) @ np.linalg.inv(steps)
        return len(shown), [(self.points_of(number) - flat[0]) @ to_view.T for number in shown.tolist()]

    def points_of(self, number: int) -> NDArray[Any]:
        """Of one annotation (n, 2)."""
        points: NDArray[Any] = self.points[self.starts[number] : self.starts[number + 1]]
        return points


class OutlinesOfVolume:
    """Read when a volume that has them is first looked at; those of a few volumes are kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Outlines | None] = {}

    def get(self, volume: vtkMRMLVolumeNode | None) -> Outlines | None:
        """Those of a density map; None for every other volume."""
        stated = (volume.GetAttribute(OUTLINES_ATTRIBUTE) or "") if volume is not None else ""
        if volume is None or not stated:
            return None
        key = volume.GetID() or "", stated
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = _read(stated)
        return self._kept[key]


def _read(stated: str) -> Outlines | None:
    """None where the scene is of an earlier session, whose arrays are gone."""
    import numpy as np

    document = json.loads(stated)
    try:
        points, starts, centers = (read_array(array) for array in document["arrays"])
    except IDCBrowserError:
        return None
    geometry = Geometry.from_json(document["geometry"])
    per_mm = np.diag([1 / geometry.spacing[0], 1 / geometry.spacing[1], 1.0, 1.0])
    return Outlines(points, starts, centers, geometry.index_to_ras() @ per_mm)
