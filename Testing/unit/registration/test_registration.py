"""Spatial registrations: direction, products of matrices, and what is no transform."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.dicom_files import save
from helpers.spatial_files import registration_object
from hypothesis import given, settings
from hypothesis import strategies as st

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.registration.read import Registration, read_registration

FROM, TO = "1.2.3.1", "1.2.3.2"
SHIFT = [1, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30, 0, 0, 0, 1]
# A quarter turn about z.
TURN = [0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def made(tmp_path: Path, *matrices: Any, kinds: Any = (), **elements: Any) -> Registration:
    return read_registration(str(save(registration_object(matrices, FROM, TO, kinds, **elements), tmp_path / "reg.dcm")))


def test_a_point_of_the_item_goes_to_the_registered_frame(tmp_path: Path) -> None:
    (transform,) = made(tmp_path, SHIFT).transforms
    assert (transform.from_frame, transform.to_frame, transform.kind) == (FROM, TO, "RIGID")
    assert (transform.matrix @ [1, 2, 3, 1]).tolist() == [11, 22, 33, 1]
    assert transform.images == (f"{FROM}.1",)


def test_of_several_matrices_the_first_is_applied_first(tmp_path: Path) -> None:
    (transform,) = made(tmp_path, SHIFT, TURN).transforms
    assert (transform.matrix @ [1, 2, 3, 1]).tolist() == [-22, 11, 33, 1]
    (other,) = made(tmp_path, TURN, SHIFT).transforms
    assert (other.matrix @ [1, 2, 3, 1]).tolist() == [8, 21, 33, 1]


def test_a_matrix_that_is_not_what_it_says_is_told(tmp_path: Path) -> None:
    scaled = (np.diag([2.0, 1, 1, 1])).ravel().tolist()
    assert "says RIGID, but its matrix is not one" in made(tmp_path, scaled).warnings[0]
    assert made(tmp_path, scaled, kinds=["AFFINE"]).warnings == ()
    assert made(tmp_path, np.diag([2.0, 2, 2, 1]).ravel().tolist(), kinds=["RIGID_SCALE"]).warnings == ()


@pytest.mark.parametrize("matrix", [[0] * 16, [*SHIFT[:12], 1, 0, 0, 1], [*SHIFT[:10], 0, *SHIFT[11:]]])
def test_what_is_no_transform_is_refused(matrix: list[float], tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="is not a transform of space"):
        made(tmp_path, matrix)


def test_a_matrix_of_too_few_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="where 16 numbers are required"):
        made(tmp_path, SHIFT[:12])


def test_deformable_registrations_and_others_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="is a deformable registration; only rigid and affine ones can be shown"):
        made(tmp_path, SHIFT, SOPClassUID="1.2.840.10008.5.1.4.1.1.66.3")
    with pytest.raises(ConversionError, match="is not a spatial registration"):
        made(tmp_path, SHIFT, SOPClassUID="1.2.840.10008.5.1.4.1.1.2")
    with pytest.raises(ConversionError, match="no transform between two frames"):
        made(tmp_path, SHIFT, RegistrationSequence=None)


@settings(deadline=None, max_examples=40)
@given(st.floats(-math.pi, math.pi), st.tuples(*[st.floats(-500, 500)] * 3))
def test_in_a_scene_points_move_as_in_the_patient(angle: float, shift: tuple[float, float, float]) -> None:
    slicer = pytest.importorskip("slicer")
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    from IDCBrowserLib.scene.registrations import add_registration

    matrix = np.eye(4)
    matrix[:2, :2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    matrix[:3, 3] = shift
    node = add_registration(slicer.vtkMRMLScene(), matrix.tolist(), FROM, TO, "R")
    to_parent = vtkMatrix4x4()
    node.GetMatrixTransformToParent(to_parent)
    lps = np.array([12.0, -7.0, 30.0, 1.0])
    ras = to_parent.MultiplyPoint((-lps[0], -lps[1], lps[2], 1.0))
    assert (-ras[0], -ras[1], ras[2]) == pytest.approx(tuple((matrix @ lps)[:3]), abs=1e-6)
