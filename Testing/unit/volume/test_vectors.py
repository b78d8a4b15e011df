"""Vectors, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from IDCBrowserLib.volume.vectors import cross, unit


def test_the_vector_product_is_that_of_numpy() -> None:
    for seed in range(20):
        a, b = np.random.default_rng(seed).normal(size=(2, 3))
        assert np.allclose(cross(tuple(a), tuple(b)), np.cross(a, b))


@pytest.mark.parametrize(
    ("vector", "expected"), [((0.0, 0.1, 0.0), (0.0, 1.0, 0.0)), ((0.0, 0.0999, 0.0), None), ((3.0, 0.0, -4.0), (0.6, 0.0, -0.8))]
)
def test_a_vector_that_is_too_short_has_no_direction(vector: tuple[float, float, float], expected: tuple[float, float, float] | None) -> None:
    found = unit(vector)
    assert found is None if expected is None else found == pytest.approx(expected)
