"""Analytic shapes on stacks of every orientation, voxel by voxel against exact rational arithmetic on the stored decimal strings."""

import functools
import math
from fractions import Fraction

import numpy as np
import pytest
from helpers.one_labelmap import convert_rtstruct
from helpers.rtstruct_files import C, R, Stack, axial, box, f, flat, reference_mask, structure_set, to_pixels, write

from IDCBrowserLib.labelmap.options import ConvertOptions


def v(*values):
    return tuple(f(value) for value in values)


def stack(i, j, spacing=("1", "1"), step=None, distance="2", count=7, origin=("-31.5", "12.25", "7")):
    """Slices ``distance`` apart along the normal, or shifted by ``step`` (not along the normal after a gantry tilt)."""
    i, j = v(*i), v(*j)
    normal = (i[1] * j[2] - i[2] * j[1], i[2] * j[0] - i[0] * j[2], i[0] * j[1] - i[1] * j[0])
    step = v(*step) if step else tuple(n * f(distance) for n in normal)
    positions = tuple(tuple(f(o) + k * s for o, s in zip(origin, step, strict=True)) for k in range(count))
    return Stack(i, j, v(*spacing), positions)


STACKS = {
    "axial": stack((1, 0, 0), (0, 1, 0)),
    "axial, thick": stack((1, 0, 0), (0, 1, 0), ("0.9765625", "0.9765625"), distance="3.75"),
    "not square": stack((1, 0, 0), (0, 1, 0), ("0.75", "1.25")),
    "feet first": stack((-1, 0, 0), (0, 1, 0)),
    "prone": stack((-1, 0, 0), (0, -1, 0)),
    "decubitus": stack((0, 1, 0), (-1, 0, 0), ("0.5", "0.75")),
    "sagittal": stack((0, 1, 0), (0, 0, -1), ("1.5", "1.5")),
    "coronal": stack((1, 0, 0), (0, 0, -1), ("0.8", "1.2")),
    "upside down": stack((1, 0, 0), (0, 0, 1)),
    "oblique": stack(("0.6", "0.8", 0), ("-0.8", "0.6", 0), ("0.75", "1.25")),
    "oblique sagittal": stack(("0.28", "0.96", 0), (0, 0, -1)),
    "oblique twice": stack(("0.6", "0.64", "0.48"), ("-0.8", "0.48", "0.36"), ("0.5", "0.5"), distance="2.5"),
    "gantry tilt": stack((1, 0, 0), (0, "0.96", "-0.28"), ("0.75", "0.75"), step=(0, 0, "2.5")),
}


def rounded(u, w):
    return Fraction(round(u * 1000), 1000), Fraction(round(w * 1000), 1000)


def ellipse(center_u, center_v, radius_u, radius_v, count=40):
    turns = [2 * math.pi * n / count for n in range(count)]
    return [rounded(center_u + radius_u * math.cos(turn), center_v + radius_v * math.sin(turn)) for turn in turns]


def star(center_u, center_v, count=7):
    turns = [math.pi * n / count for n in range(2 * count)]
    return [rounded(center_u + (8 if n % 2 else 3) * math.cos(turn), center_v + (8 if n % 2 else 3) * math.sin(turn)) for n, turn in enumerate(turns)]


def comb():
    points = [(f("1.5"), f("15.5"))]
    for tooth in range(2, 16, 2):
        points += [(f(tooth) - f("0.5"), f(2)), (f(tooth) + f("0.5"), f(2)), (f(tooth) + f("0.5"), f(12)), (f(tooth) + f("1.5"), f(12))]
    return [*points, (f("17.5"), f("15.5"))]


def ellipsoid(k, count):
    height = (k - (count - 1) / 2) / (count / 2)
    part = math.sqrt(1 - height * height)
    return ellipse(10.3, 8.6, 8.2 * part, 6.9 * part)


def shapes(count):
    """Name to the contours of every slice."""
    return {
        "ellipsoid": [[ellipsoid(k, count)] for k in range(count)],
        "box on centers": [[box(3, 4, 12, 13)]] * count,
        "box between centers": [[box(3.5, 4.5, 12.5, 13.5)]] * count,
        "diamond on centers": [[[(f(10), f(2)), (f(16), f(8)), (f(10), f(14)), (f(4), f(8))]]] * count,
        "annulus": [[ellipse(10, 8, 8, 7), ellipse(10, 8, 4, 3)]] * count,
        "star": [[star(10.2, 8.7)]] * count,
        "comb": [[comb()]] * count,
        "islands": [[box(1, 1, 5, 5), box(8, 1, 12.25, 5), ellipse(9, 11, 4, 4)]] * count,
        "three deep": [[box(1, 1, 17, 16), box(3, 3, 14, 14), ellipse(8.5, 8.5, 4, 4)]] * count,
    }


def expected(made, contours_by_slice, count):
    """Even-odd over all contours of the slice: right for these shapes, none of which cross."""
    mask = np.zeros((count, made.rows, made.columns), bool)
    for k, contours in enumerate(contours_by_slice):
        for points in contours:
            # Through the stored coordinates and back, in exact numbers.
            pixels = [to_pixels(made, k, made.at(u, w, k)) for u, w in points]
            mask[k] ^= reference_mask(pixels, made.rows, made.columns)
    return mask


@functools.cache
def masks_of(name):
    """The stack of a name, and the masks of all shapes on it."""
    made = STACKS[name]
    count = len(made.positions)
    return made, {shape: expected(made, contours, count) for shape, contours in shapes(count).items()}


@pytest.mark.parametrize("named", [True, False], ids=["by name", "by position"])
@pytest.mark.parametrize("name", STACKS)
def test_shapes_equal_exact_arithmetic(name, named, tmp_path):
    made, masks = masks_of(name)
    count = len(made.positions)
    rois = [
        R(n, [flat(made, k, points, named=named) for k in range(count) for points in contours[k]], shape)
        for n, (shape, contours) in enumerate(shapes(count).items(), 1)
    ]
    path = write(structure_set(rois), tmp_path / "rs.dcm")

    labelmap = convert_rtstruct(path, [made.grid()])

    assert labelmap.geometry == made.grid().geometry
    for segment in labelmap.segments:
        mask = labelmap.layers[segment.layer] == segment.label_value
        assert np.array_equal(mask, masks[segment.name]), segment.name
        assert segment.voxels == mask.sum()
        assert segment.details["contour_area_is_exact"]
        assert not [warning for warning in labelmap.warnings if "contour" in warning]


def test_slices_of_varying_distance_take_the_contours_nearest_to_them(tmp_path):
    heights = [0, 2, 4, 9, 14, 15]
    base = axial()
    made = Stack(base.i, base.j, base.spacing, tuple((f("-10.5"), f("-7.25"), f(height)) for height in heights))
    drawn = [0.9, 2, 6.4, 9, 11.6, 15]
    contours = [C([(f(x) - f("10.5"), f(y) - f("7.25"), f(z)) for x, y in box(2, 2, 3 + n, 6)]) for n, z in enumerate(drawn)]
    path = write(structure_set([R(1, contours)]), tmp_path / "rs.dcm")

    labelmap = convert_rtstruct(path, [made.grid()])

    widths = (labelmap.labelmap_volume() > 0).any(axis=1).sum(axis=1)
    assert widths.tolist() == [1, 2, 3, 4, 5, 6]


def test_images_read_from_files_in_any_order_give_the_same(tmp_path):
    from IDCBrowserLib.volume.read_grids import read_image_grids

    made = STACKS["gantry tilt"]
    images = tmp_path / "images"
    images.mkdir()
    files = made.write(images, order=[6, 2, 0, 1, 3, 5, 4])
    by_slice = [[ellipsoid(k, 7)] for k in range(7)]
    path = write(structure_set([R(1, [flat(made, k, by_slice[k][0], named=True) for k in range(7)])]), tmp_path / "rs.dcm")

    labelmap = convert_rtstruct(path, read_image_grids(files))

    assert np.array_equal(labelmap.labelmap_volume() > 0, expected(made, by_slice, 7))


@pytest.mark.parametrize("name", ["axial", "sagittal", "coronal", "oblique", "oblique twice"])
def test_the_own_grid_lies_in_the_planes_of_the_contours(name, tmp_path):
    made = STACKS[name]
    count = len(made.positions)
    contours = [flat(made, k, ellipsoid(k, count)) for k in range(count)]
    path = write(structure_set([R(1, contours)]), tmp_path / "rs.dcm")

    labelmap = convert_rtstruct(path, None, ConvertOptions(grid="own"))

    segment = labelmap.segments[0]
    assert labelmap.geometry.shape[0] == count
    assert abs(abs(np.dot(labelmap.geometry.directions[2], [float(n) for n in made.normal])) - 1) < 1e-9
    i, j, k = (np.array(axis) for axis in labelmap.geometry.directions)
    assert np.allclose(np.cross(i, j), k)
    assert segment.details["contours_used"] == count
    assert segment.details["voxel_to_contour_area"] == pytest.approx(1, abs=0.02)
