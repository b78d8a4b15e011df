"""Up to how far from the border between two slices contours count as lying on it: farther where all lie midway but for rounding."""

from collections.abc import Sequence

import numpy as np
import pytest

from IDCBrowserLib.labelmap.contours.midway import border_width
from IDCBrowserLib.labelmap.contours.planes import Planes
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ContourKind

NARROW = 1.25e-4


def planes(heights: Sequence[float], step: float = 1.25) -> Planes:
    """Axial slices whose other coordinates have no rounding to speak of."""
    positions = np.array([(-10.123456, 7.654321, height) for height in heights])
    spacing = np.ones(2)
    return Planes(positions, np.eye(3)[:2], np.eye(3)[2], spacing, positions[:, 2], step, (len(heights), 8, 8), {})


def width(contours: Sequence[float], images: Sequence[float], step: float = 1.25) -> float:
    """For contours at these heights on images at those."""
    drawn = [Contour(n, ContourKind.CLOSED, np.array([(0.0, 0.0, z), (4.0, 0.0, z), (4.0, 4.0, z)])) for n, z in enumerate(contours, 1)]
    return border_width(drawn, np.array(contours, float), planes(images, step))


EVEN = [1.25 * k for k in range(6)]


def middles(lower: Sequence[float], digits: int, off: float = 0.625) -> list[float]:
    return [round(height + off, digits) for height in lower]


def test_contours_midway_but_for_the_rounding_of_one_decimal_are_all_on_the_border() -> None:
    # 0.6, 1.9, 3.1 and 4.4 for 0.625, 1.875, ...: 0.025 mm beside it.
    assert width(middles(EVEN[:4], 1), EVEN) == pytest.approx(2 * 0.025 + NARROW, rel=1e-3)


def test_images_rounded_to_one_decimal_are_noise_as_well() -> None:
    # 0, 1.2, 2.5, 3.8, 5 and 6.2, which are 0.0083 mm too low in the mean.
    rounded = [round(height, 1) for height in EVEN]
    assert width(middles(EVEN[:4], 1), rounded) == pytest.approx(2 * (0.025 + 0.05 + 0.0083) + NARROW, rel=1e-3)


@pytest.mark.parametrize("off", [0.3, 0.425, 0.825, 0.95])
def test_contours_that_are_not_midway_keep_the_narrow_border(off: float) -> None:
    assert width(middles(EVEN[:5], 1, off), EVEN) == NARROW


def test_one_contour_farther_from_the_middle_than_its_rounding_keeps_the_narrow_border() -> None:
    heights = middles(EVEN[:5], 1)
    assert width([*heights[:4], heights[4] + 0.3], EVEN) == NARROW


def test_coordinates_of_many_decimals_keep_the_narrow_border() -> None:
    fine = [height + 0.625 + noise for height, noise in zip(EVEN, (0.01, -0.01, 0.0123456, -0.01, 0.01), strict=False)]
    assert width(fine, [height + 0.1234567 for height in EVEN]) == NARROW


@pytest.mark.parametrize(("last", "is_wide"), [(6.25, True), (6.28, True), (6.75, False)])
def test_slices_that_vary_more_than_their_rounding_keep_the_narrow_border(last: float, is_wide: bool) -> None:
    assert (width(middles(EVEN[:4], 1), [*EVEN[:5], last]) > NARROW) == is_wide


@pytest.mark.parametrize("first", [0.0, 0.3, -7.0, 103.1])
def test_where_the_images_begin_does_not_matter(first: float) -> None:
    images = [height + first for height in EVEN]
    assert width(middles(images[:5], 1), images) > 2 * NARROW
