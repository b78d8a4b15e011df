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

    def within(self, low: tuple[float, float], high: tuple[float, float]) -> NDArray[Any]:
        """Numbers of the annotations whose centers lie between, mm."""
        import numpy as np

        inside = (self.centers >= np.asarray(low)) & (self.centers <= np.asarray(high))
        return np.flatnonzero(inside.all(axis=1))

    def seen(self, ras_of_corners: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Numbers of the annotations between the corners (4, 3) of a view, RAS mm, and where these corners are (4, 2), mm along rows and columns."""
        import numpy as np

        flat: NDArray[Any] = (np.linalg.inv(self.to_ras) @ np.column_stack([ras_of_corners, np.ones(4)]).T)[:2].T
        low, high = flat.min(axis=0), flat.max(axis=0)
        return self.within((low[0], low[1]), (high[0], high[1])), flat

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
