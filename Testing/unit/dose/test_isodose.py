"""Isodose surfaces: where the dose is what they say."""

import numpy as np
import pytest

from IDCBrowserLib.dose.isodose import LEVELS, isodoses


def ball(size: int = 41) -> np.ndarray:
    """A dose that falls off from 100 in the middle, by one for each voxel."""
    k, j, i = (np.arange(size) - size // 2 for _axis in range(3))
    return (100 - np.sqrt(k[:, None, None] ** 2.0 + j[None, :, None] ** 2 + i[None, None, :] ** 2)).astype(np.float32)


def test_a_linear_dose_has_planes_exactly_where_it_reaches_them() -> None:
    ramp = np.broadcast_to(np.arange(21, dtype=np.float32)[:, None, None] * 5, (21, 6, 7)).copy()
    lines = isodoses(ramp, 100.0)
    assert lines.points[:, 0] * 5 == pytest.approx(lines.doses, abs=1e-4)
    assert set(np.round(np.unique(lines.doses)).astype(int)) == set(LEVELS)


def test_points_of_a_ball_lie_on_its_spheres() -> None:
    lines = isodoses(ball(), 100.0)
    radius = np.linalg.norm(lines.points - 20, axis=1)
    assert np.abs(radius - (100 - lines.doses)).max() < 0.15
    assert lines.triangles.min() >= 0 and lines.triangles.max() < len(lines.points)
    # The net around 90 is closed: each edge belongs to two triangles.
    own = lines.triangles[np.abs(lines.doses[lines.triangles[:, 0]] - 90) < 0.1]
    edges = np.sort(np.concatenate([own[:, [0, 1]], own[:, [1, 2]], own[:, [2, 0]]]), axis=1)
    assert set(np.unique(edges, axis=0, return_counts=True)[1]) == {2}


def test_they_enclose_what_vtk_finds() -> None:
    core = pytest.importorskip("vtkmodules.vtkFiltersCore")
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    dose = ball()
    lines = isodoses(dose, 100.0)
    own = lines.triangles[np.abs(lines.doses[lines.triangles[:, 0]] - 90) < 0.1]
    lowest, highest = lines.points[own].min(axis=(0, 1)), lines.points[own].max(axis=(0, 1))
    image = vtkImageData()
    image.SetDimensions(*dose.shape[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(dose.ravel(), deep=True))
    edges = core.vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 90.0)
    edges.Update()
    bounds = edges.GetOutput().GetBounds()
    assert lowest.tolist() == pytest.approx(bounds[::2], abs=0.15) and highest.tolist() == pytest.approx(bounds[1::2], abs=0.15)


@pytest.mark.parametrize("gray", [np.zeros((5, 5, 5), np.float32), np.ones((1, 9, 9), np.float32)])
def test_nothing_has_no_lines(gray: np.ndarray) -> None:
    lines = isodoses(gray, float(gray.max()))
    assert (len(lines.points), len(lines.triangles), len(lines.doses)) == (0, 0, 0)
