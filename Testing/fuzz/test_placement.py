"""Drawn series against masks known by construction; a few here are part of every run, thousands of ``make fuzz``."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from helpers.drawn_series import seg_plan, series, structure_plan
from helpers.placement_checks import (
    assert_contours_are_on_own_grids,
    assert_contours_are_on_their_images,
    assert_frames_are_on_own_grids,
    assert_frames_are_on_their_images,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("IDC_BROWSER_FUZZ_EXAMPLES", "40"))
MANY = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(st.data())
def test_every_frame_of_a_seg_is_on_its_image_whatever_the_series(data):
    made = data.draw(series())
    plan = data.draw(seg_plan(made))
    with TemporaryDirectory() as folder:
        assert_frames_are_on_their_images(made, plan, Path(folder))


@MANY
@given(st.data())
def test_every_contour_of_a_structure_set_is_on_its_image_whatever_the_series(data):
    made = data.draw(series())
    plan = data.draw(structure_plan(made))
    with TemporaryDirectory() as folder:
        assert_contours_are_on_their_images(made, plan, Path(folder))


@MANY
@given(st.data())
def test_every_frame_of_a_seg_has_a_slice_of_its_own_grid(data):
    made = data.draw(series())
    plan = data.draw(seg_plan(made))
    with TemporaryDirectory() as folder:
        assert_frames_are_on_own_grids(made, plan, Path(folder))


@MANY
@given(st.data())
def test_every_contour_of_a_structure_set_has_a_plane_of_its_own_grid(data):
    made = data.draw(series())
    plan = data.draw(structure_plan(made))
    with TemporaryDirectory() as folder:
        assert_contours_are_on_own_grids(made, plan, Path(folder))
