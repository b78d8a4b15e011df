"""Grids: to and from matrices and JSON, and what spans no volume."""

from __future__ import annotations

import numpy as np
import pytest

from IDCBrowserLib.volume.geometry import Geometry, geometry_of

OBLIQUE = Geometry((2, 3, 4), (0.5, 0.75, 2.5), (10.0, -20.0, 30.0), ((0.0, 1.0, 0.0), (0.0, 0.6, 0.8), (1.0, 0.0, 0.0)))


def test_a_grid_survives_json_and_its_matrix() -> None:
    assert Geometry.from_json(OBLIQUE.to_json()) == OBLIQUE
    again = geometry_of(OBLIQUE.index_to_lps()[:3], OBLIQUE.shape)
    assert (again.shape, again.origin) == (OBLIQUE.shape, OBLIQUE.origin)
    assert np.allclose(again.spacing, OBLIQUE.spacing) and np.allclose(again.directions, OBLIQUE.directions)


def test_ras_turns_the_first_two_axes_round() -> None:
    assert np.allclose(OBLIQUE.index_to_ras()[:2], -OBLIQUE.index_to_lps()[:2])
    assert np.allclose(OBLIQUE.index_to_ras()[2:], OBLIQUE.index_to_lps()[2:])


def test_slices_are_as_far_apart_along_their_normal_as_their_volume_says() -> None:
    turned = np.array([[1.0, 2.0, 3.0], [-7.0, 2.0, 1.0], [2.0, -1.0, 3.0]])
    leaning = geometry_of(np.column_stack([turned.T, [5.0, 6.0, 7.0]]), (2, 3, 4))
    assert leaning.slice_step * np.linalg.norm(np.cross(turned[0], turned[1])) == pytest.approx(leaning.voxel_volume_mm3)
    assert OBLIQUE.slice_step == pytest.approx(2.5 * 0.8)


@pytest.mark.parametrize(("angle", "spans"), [(0.0011, True), (0.0009, False), (0.0, False)])
def test_axes_in_one_plane_span_no_volume(angle: float, spans: bool) -> None:
    matrix = np.eye(3, 4)
    matrix[:, 1] = np.cos(angle), np.sin(angle), 0
    if spans:
        assert geometry_of(matrix, (1, 1, 1)).shape == (1, 1, 1)
    else:
        with pytest.raises(ValueError, match="do not span a volume"):
            geometry_of(matrix, (1, 1, 1))


@pytest.mark.parametrize(("row", "column", "value"), [(0, 0, 0.0), (0, 0, np.nan), (2, 3, np.inf), (1, 3, np.nan)])
def test_axes_without_a_length_and_numbers_that_are_none_are_refused(row: int, column: int, value: float) -> None:
    matrix = np.eye(3, 4)
    matrix[row, column] = value
    with pytest.raises(ValueError, match="do not span a volume"):
        geometry_of(matrix, (1, 1, 1))
