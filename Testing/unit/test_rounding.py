from __future__ import annotations

import pytest

from IDCBrowserLib.rounding import round_step


@pytest.mark.parametrize(
    ("least", "step"), [(1.0, 1.0), (1.01, 2.0), (2.0, 2.0), (2.5, 5.0), (5.1, 10.0), (9.99, 10.0), (0.03, 0.05), (0.007, 0.01), (1234.0, 2000.0)]
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(least, step):
    assert round_step(least) == pytest.approx(step)
