"""Images at varying distances or shifted against each other: in an even volume everything is where the headers say."""

import numpy as np
import pytest
from helpers.dicom_files import image, save
from hypothesis import given, settings
from hypothesis import strategies as st

from IDCBrowserLib.volume.even import EvenGrid, even_grid, even_slices
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.pixels import read_volume
from IDCBrowserLib.volume.read_grids import read_image_grids

ROWS, COLUMNS = 12, 14
MARK = 1000


def stack(folder, positions, thickness=None):
    """Images of 0 with one pixel of ``MARK``; returns where that is in the patient."""
    pixels = np.zeros((ROWS, COLUMNS), np.int16)
    pixels[5, 6] = MARK
    for number, (x, y, z) in enumerate(positions, 1):
        thick = None if thickness is None else thickness[number - 1]
        made = image(number=number, pixels=pixels, ImagePositionPatient=[x, y, z], SliceThickness=thick)
        save(made, folder / f"{number:03}.dcm")
    return [(x + 6 * 0.75, y + 5 * 0.5, z) for x, y, z in positions]


def only_grid(folder):
    (grid,) = read_image_grids(sorted(folder.iterdir()))
    return grid


def value_at(volume, place):
    k, j, i = (np.rint(np.linalg.solve(volume.geometry.index_to_lps(), [*place, 1])[:3])[::-1]).astype(int)
    return volume.voxels[k, j, i]


def test_slices_of_different_thickness_are_repeated_as_they_are_thick(tmp_path):
    places = stack(tmp_path, [(0, 0, z) for z in (0, 2.5, 5, 10, 15)], [2.5, 2.5, 2.5, 5, 5])
    volume = read_volume(only_grid(tmp_path))

    assert volume.geometry.spacing[2] == pytest.approx(1.25)
    # 2.5, 2.5, 3.75, 5 and 5 mm.
    assert (volume.voxels == MARK).sum(axis=(1, 2)).tolist() == [1] * 15
    assert volume.geometry.origin[2] == pytest.approx(-1.25 + 0.625)
    for place in places:
        assert value_at(volume, place) == MARK
    assert "even grid with a slice every 1.25 mm" in volume.warnings[-1]


def test_slices_shifted_sideways_by_differing_amounts_are_where_they_say(tmp_path):
    offsets = [(0, 0), (40.5, 3), (-22.5, -4.5), (45.75, 0), (0.75, 1)]
    places = stack(tmp_path, [(x, y, 3 * k) for k, (x, y) in enumerate(offsets)])
    volume = read_volume(only_grid(tmp_path))

    assert volume.voxels.shape[0] == 5
    for place in places:
        assert value_at(volume, place) == MARK
    assert (volume.voxels == MARK).sum() == 5


def test_parts_of_a_pixel_are_weighted(tmp_path):
    stack(tmp_path, [(0, 0, 0), (0.375, 0, 3), (7.5, 0, 6)])
    volume = read_volume(only_grid(tmp_path))

    assert sorted(volume.voxels[1][volume.voxels[1] > 0].tolist()) == [500, 500]


@pytest.mark.parametrize("down", [False, True])
def test_between_pixels_a_ramp_stays_a_ramp_and_what_lies_outside_is_cut_off(tmp_path, down):
    ramp = 100 * np.indices((ROWS, COLUMNS))[0 if down else 1]
    pixel = 0.5 if down else 0.75
    moved = [0.0, -0.4, 0.4, -0.4]
    for k, part in enumerate(moved):
        position = [0, part * pixel, 3 * k] if down else [part * pixel, 0, 3 * k]
        save(image(number=k + 1, pixels=ramp.astype(np.int16), ImagePositionPatient=position), tmp_path / f"{k}.dcm")
    voxels = read_volume(only_grid(tmp_path)).voxels

    assert voxels.shape == (4, ROWS, COLUMNS)
    for plane, part in zip(voxels, moved, strict=True):
        inside = (plane if down else plane.T)[1:-1]
        assert (np.rint(100 * (np.arange(1, len(inside) + 1) - part)) == inside.T).all()


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("shift", "values"), [(0.991, [0, 1000]), (1.009, [0, 1000]), (0.989, [11, 989]), (1.011, [0, 989, 11])])
def test_shifts_by_whole_pixels_up_to_a_hundredth_leave_the_values_as_they_are(axis, shift, values):
    voxels = np.zeros((1, 5, 5), np.int16)
    voxels[0, 2, 2] = 1000
    shifts = np.zeros((1, 2))
    shifts[0, axis] = shift
    moved = EvenGrid(Geometry(voxels.shape, (1, 1, 1), (0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1))), np.zeros(1, int), shifts).interpolated(voxels)[
        0
    ]
    line = moved[2] if axis == 0 else moved[:, 2]
    assert line[2 : 2 + len(values)].tolist() == values and moved.sum() == 1000


def test_an_even_stack_stays_as_it_is(tmp_path):
    stack(tmp_path, [(0, 0, 2 * k) for k in range(4)])
    grid = only_grid(tmp_path)

    assert even_grid(grid) is None
    assert read_volume(grid).geometry == grid.geometry


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([1.0, 1.25, 2.5, 3.0, 3.7, 5.0]), min_size=1, max_size=30))
def test_even_slices_lie_in_the_slices_they_show_and_cover_them_all(thickness):
    edges = np.concatenate([[0], np.cumsum(thickness)]) - 7
    even = even_slices(edges)
    centers = even.first + even.step * np.arange(len(even.source))

    assert len(even.source) <= 4 * len(thickness) + 1
    assert (edges[even.source] - 1e-9 <= centers).all() and (centers <= edges[even.source + 1] + 1e-9).all()
    assert even.step * len(even.source) == pytest.approx(edges[-1] - edges[0])
    assert (np.diff(even.source) >= 0).all()
    assert len(even.source) >= len(thickness) - 1


@pytest.mark.parametrize(
    ("thickness", "count"),
    [
        # An even stack is itself; halves, thirds and eighths of slices are found.
        ([2.0] * 5, 5),
        ([2, 2, 3], 7),
        ([3, 3, 4], 10),
        # An eighth of the thinnest would be 25 slices, more than four times three and one: as fine as the thinnest instead.
        ([8, 8, 9], 3),
        # Finer than four times as many slices is not made, even where it would fit.
        ([1, 1, 1, 1, 1, 20], 25),
        ([1, 1, 1, 1, 1, 21], 25),
        ([1.0, 1.0, 1.019], 3),
        ([1.0, 1.0, 1.04], 3),
    ],
)
def test_how_fine_an_even_grid_is_made(thickness, count):
    edges = np.concatenate([[5.0], 5 + np.cumsum(thickness)])
    even = even_slices(edges)
    assert (len(even.source), even.step) == (count, pytest.approx((edges[-1] - edges[0]) / count))
    assert even.first == pytest.approx(5 + even.step / 2)
    centers = even.first + even.step * np.arange(count)
    assert even.source.tolist() == [int(np.flatnonzero(edges <= center)[-1]) for center in centers]


def test_a_slice_that_is_thick_is_shown_as_often_as_it_is_thick():
    assert even_slices(np.array([0.0, 2.0, 4.0, 10.0])).source.tolist() == [0, 1, 2, 2, 2]
    assert even_slices(np.array([0.0, 2.0, 5.0])).source.tolist() == [0, 0, 1, 1, 1]
