"""Each number that decides what is the same, from both sides."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from IDCBrowserLib.volume import tolerances
from IDCBrowserLib.volume.spacing import Spacing, nearest_index
from IDCBrowserLib.volume.tilt import SliceAxis, slice_axis


@pytest.mark.parametrize(("step", "limit"), [(0.2, 0.05), (0.36, 0.09), (0.4, 0.1), (5.0, 0.1)])
def test_one_place_is_the_rounding_but_never_a_quarter_of_a_slice(step: float, limit: float) -> None:
    assert tolerances.same_place(step) == pytest.approx(limit + 1e-6 * min(1.0, step), abs=1e-9)


@pytest.mark.parametrize(("step", "limit"), [(0.5, 0.05), (1.0, 0.1), (4.5, 0.1), (5.0, 0.1), (6.0, 0.12), (10.0, 0.2)])
def test_off_the_grid_is_a_tenth_of_thin_slices_the_rounding_or_a_fiftieth_of_thick_ones(step: float, limit: float) -> None:
    assert tolerances.off_grid(step) == pytest.approx(limit + 1e-6 * min(1.0, step), abs=1e-9)


@pytest.mark.parametrize(("pixel", "limit"), [(0.1, 0.05), (0.2, 0.1), (0.7, 0.1), (1.0, 0.1), (3.0, 0.3)])
def test_one_pixel_is_a_tenth_of_it_or_the_rounding_but_never_half(pixel: float, limit: float) -> None:
    assert tolerances.same_pixel(pixel) == pytest.approx(limit)


@pytest.mark.parametrize(("step", "limit"), [(0.5, 1e-4), (1.0, 1e-4), (5.0, 5e-4)])
def test_on_the_border_is_the_fourth_decimal(step: float, limit: float) -> None:
    assert tolerances.on_border(step) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("values", "off"), [([0.1, -3.0], 0.05), ([0.1, 0.12], 0.005), ([0.123], 0.0005), ([0.1234], 0.00005), ([0.12345], 0.0), ([], 0.05)]
)
def test_coordinates_may_be_off_by_half_of_their_last_decimal(values: list[float], off: float) -> None:
    assert tolerances.rounding_of(np.array(values)) == pytest.approx(off)


@pytest.mark.parametrize(
    ("thickness", "limit"),
    [(0.5, 0.05), (1.0, 0.1), (1.5, 0.1), (2.0, 0.1), (4.0, 0.2)],
)
def test_a_thickness_fits_within_a_twentieth_or_the_rounding(thickness: float, limit: float) -> None:
    for sign in (-1, 1):
        assert tolerances.fits(thickness + sign * (limit - 1e-4), thickness)
        assert not tolerances.fits(thickness + sign * (limit + 1e-4), thickness)
    assert not tolerances.fits(thickness, math.nan)


def test_the_nearest_of_two_as_near_is_the_lower() -> None:
    places = np.array([0.0, 1.0, 3.0])
    wanted = np.array([-5.0, 0.49, 0.5, 0.51, 2.0, 2.01, 3.0, 9.0])
    assert nearest_index(places, wanted).tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert nearest_index(places[:1], wanted).tolist() == [0] * 8


def _axis(count: int, shift: float, pixel: float, beside: float = 0.0) -> SliceAxis:
    """Of axial slices 3 mm apart, the last ``shift`` mm to the left of the first, the middle one ``beside`` mm farther than that."""
    along: NDArray[np.float64] = np.arange(count, dtype=np.float64)
    positions = np.stack([along * shift / (count - 1), np.zeros(count), along * 3.0], axis=1)
    positions[count // 2, 0] += beside
    return slice_axis(positions, np.array([0.0, 0.0, 1.0]), Spacing(np.arange(count), along * 3.0, 3.0), pixel)


@pytest.mark.parametrize(
    ("count", "shift", "pixel", "is_tilted"),
    [
        # A tenth of a pixel is never a tilt.
        (11, 0.099, 1.0, False),
        (11, 0.101, 1.0, True),
        # Less than a tenth of a degree is none up to half a pixel...
        (201, 0.299, 0.6, False),
        (201, 0.301, 0.6, True),
        # ... and more is one.
        (101, 0.52, 2.0, False),
        (101, 0.53, 2.0, True),
    ],
)
def test_how_far_slices_are_shifted_before_it_is_a_tilt(count: int, shift: float, pixel: float, is_tilted: bool) -> None:
    axis = _axis(count, shift, pixel)
    assert axis.is_straight
    assert (axis.degrees > 0) is is_tilted
    assert axis.degrees == pytest.approx(math.degrees(math.atan(shift / (3 * (count - 1)))) if is_tilted else 0.0, rel=1e-6)
    assert axis.length == pytest.approx(math.hypot(3.0, shift / (count - 1)) if is_tilted else 3.0)
    assert ("tilted by" in axis.warning()) is is_tilted


@pytest.mark.parametrize(("beside", "is_straight"), [(0.099, True), (-0.099, True), (0.101, False), (-0.101, False)])
def test_one_slice_beside_the_axis_by_more_than_a_pixels_allowance_bends_it(beside: float, is_straight: bool) -> None:
    axis = _axis(11, 5.0, 1.0, beside)
    assert axis.is_straight is is_straight
    assert axis.shift == pytest.approx(0.0 if is_straight else 5.0)
    assert (axis.degrees > 0) is is_straight
    assert ("up to 5 mm" in axis.warning()) is not is_straight


def test_one_slice_has_a_straight_axis() -> None:
    assert slice_axis(np.zeros((1, 3)), np.array([0.0, 0.0, 1.0]), Spacing(np.zeros(1, np.int64), np.zeros(1), 2.5), 1.0).length == 2.5
