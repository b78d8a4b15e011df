"""The grid of a volume, in DICOM's patient coordinate system."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from IDCBrowserLib.api.volume import Geometry as Document

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Geometry:
    """A regular grid in the patient coordinate system LPS, in mm (DICOM PS3.3 C.7.6.2.1.1).

    ``shape`` is (k, j, i): slices, rows, columns, as numpy arrays are indexed.
    ``spacing`` is (i, j, k): along a row, along a column, between slices; all positive.
    ``origin`` is the center of voxel (k, j, i) = (0, 0, 0).
    ``directions`` holds the unit vectors of the i, j and k axis, in that order. They are orthogonal for most series;
    a gantry tilt makes the k axis oblique to the slice plane.
    """

    shape: tuple[int, int, int]
    spacing: Vector
    origin: Vector
    directions: tuple[Vector, Vector, Vector]

    @property
    def voxel_volume_mm3(self) -> float:
        """The volume of one voxel, oblique axes included."""
        import numpy as np

        return float(abs(np.linalg.det(self.index_to_lps()[:3, :3])))

    @property
    def slice_step(self) -> float:
        """mm from one slice to the next along their normal; less than the spacing where the k axis is oblique."""
        i, j, k = self.directions
        normal = i[1] * j[2] - i[2] * j[1], i[2] * j[0] - i[0] * j[2], i[0] * j[1] - i[1] * j[0]
        return self.spacing[2] * abs(sum(a * b for a, b in zip(normal, k, strict=True)))

    def index_to_lps(self) -> NDArray[np.float64]:
        """4x4 matrix from homogeneous (i, j, k, 1) to LPS mm."""
        import numpy as np

        matrix = np.eye(4)
        for axis in range(3):
            matrix[:3, axis] = np.asarray(self.directions[axis], dtype=float) * self.spacing[axis]
        matrix[:3, 3] = self.origin
        return matrix

    def index_to_ras(self) -> NDArray[np.float64]:
        """4x4 matrix from homogeneous (i, j, k, 1) to RAS mm, as MRML wants it: the one place where LPS becomes RAS."""
        import numpy as np

        return np.diag([-1.0, -1.0, 1.0, 1.0]) @ self.index_to_lps()

    def to_json(self) -> Document:
        """``shape`` [k, j, i], ``spacing`` [i, j, k], ``origin`` and ``directions`` (rows are the i, j, k axes) in LPS."""
        return {
            "shape": list(self.shape),
            "spacing": list(self.spacing),
            "origin": list(self.origin),
            "directions": [list(axis) for axis in self.directions],
        }

    @classmethod
    def from_json(cls, value: Document) -> Geometry:
        """The inverse of ``to_json``."""
        return cls(
            shape=_ints(value["shape"]),
            spacing=vector(value["spacing"]),
            origin=vector(value["origin"]),
            directions=(vector(value["directions"][0]), vector(value["directions"][1]), vector(value["directions"][2])),
        )


def vector(values: Iterable[float]) -> Vector:
    """Three numbers as a vector of plain floats."""
    x, y, z = values
    return float(x), float(y), float(z)


def _ints(values: Sequence[int]) -> tuple[int, int, int]:
    k, j, i = values
    return int(k), int(j), int(i)


def geometry_of(index_to_lps: NDArray[np.float64], shape: Sequence[int]) -> Geometry:
    """The grid of ``shape`` (k, j, i) whose voxel (i, j, k, 1) lies at ``index_to_lps`` (3, 4) mm. Raises ``ValueError`` where it has no volume."""
    import numpy as np

    steps = index_to_lps[:, :3]
    spacing = np.linalg.norm(steps, axis=0)
    if not np.isfinite(index_to_lps).all() or not spacing.all() or abs(np.linalg.det(steps / spacing)) < 1e-3:
        raise ValueError("its axes do not span a volume")
    i, j, k = (vector(axis) for axis in (steps / spacing).T)
    return Geometry(_ints(shape), vector(spacing), vector(index_to_lps[:, 3]), (i, j, k))
