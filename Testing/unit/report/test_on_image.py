"""Regions on images lie where they were drawn, on oblique images and on frames of enhanced objects too."""

from pathlib import Path

import numpy as np
import pytest
from helpers.dicom_files import image
from highdicom.spatial import ImageToReferenceTransformer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.report.item import Graphic, Reference
from IDCBrowserLib.report.on_image import in_patient
from IDCBrowserLib.report.region import Region
from IDCBrowserLib.task import Task

# Turned by atan(7/24) about two axes.
OBLIQUE = [0.96, 0.28, 0.0, 0.0784, -0.2688, -0.96]
SPACING = [0.5, 0.75]
PLACE = [-148.0, -106.0, -133.5]


@pytest.fixture
def slices(tmp_path: Path) -> list[str]:
    paths = []
    for number in (1, 2):
        position = [PLACE[0], PLACE[1] + 5.0 * number, PLACE[2]]
        dataset = image(1, number, ImageOrientationPatient=OBLIQUE, ImagePositionPatient=position, PixelSpacing=SPACING)
        path = tmp_path / f"{number}.dcm"
        dataset.save_as(path, enforce_file_format=True)
        paths.append(str(path))
    return paths


def region(kind: str, numbers: list[float], sop_uid: str) -> Region:
    return Region.of(0, "SCOORD", Graphic(kind, tuple(numbers)), Reference("1.2", sop_uid), "1.2.3", None)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=st.lists(st.tuples(st.floats(0, 6, width=32), st.floats(0, 4, width=32)), min_size=1, max_size=6))
def test_points_lie_on_the_plane_of_their_oblique_image_as_highdicom_puts_them(slices: list[str], points: list[tuple[float, float]]) -> None:
    second = image(1, 2).SOPInstanceUID
    found = in_patient(region("MULTIPOINT", [number for point in points for number in point], second), slices, Task())
    position = [PLACE[0], PLACE[1] + 10.0, PLACE[2]]
    theirs = ImageToReferenceTransformer(image_position=position, image_orientation=OBLIQUE, pixel_spacing=SPACING)(np.array(points))
    assert np.allclose(found, theirs, atol=1e-6)
    normal = np.cross(OBLIQUE[:3], OBLIQUE[3:])
    assert np.allclose((np.array(found) - position) @ normal, 0, atol=1e-6)


def test_a_circle_is_round_in_the_patient_where_pixels_are_not(slices: list[str]) -> None:
    first = image(1, 1).SOPInstanceUID
    outline = np.array(in_patient(region("CIRCLE", [3, 2, 4, 2], first), slices, Task()))
    center = outline.mean(axis=0)
    # Stated in pixels of 0.75 by 0.5 mm.
    assert np.isclose(np.linalg.norm(outline - center, axis=1).max(), 0.75) and np.isclose(np.linalg.norm(outline - center, axis=1).min(), 0.5)


def test_an_ellipse_goes_through_the_ends_of_its_axes(slices: list[str]) -> None:
    first = image(1, 1).SOPInstanceUID
    ends = region("MULTIPOINT", [1, 2, 5, 2, 3, 1, 3, 3], first)
    outline = np.array(in_patient(region("ELLIPSE", [1, 2, 5, 2, 3, 1, 3, 3], first), slices, Task()))
    for end in np.array(in_patient(ends, slices, Task())):
        assert np.linalg.norm(outline - end, axis=1).min() < 1e-6


def test_a_region_in_space_needs_no_images() -> None:
    made = Region.of(0, "SCOORD3D", Graphic("POINT", (1.0, -2.0, 3.5), "1.2.9"), None, "", None)
    assert in_patient(made, [], Task()) == ((1.0, -2.0, 3.5),)


def test_an_image_that_is_not_there_is_said(slices: list[str]) -> None:
    with pytest.raises(NotFoundError, match="not among the files of its series"):
        in_patient(region("POINT", [1, 1], "1.2.9.9.9"), slices, Task())


@pytest.mark.parametrize(
    ("kind", "numbers", "closed"),
    [("POLYLINE", [0, 0, 1, 0, 1, 1, 0, 0], True), ("POLYLINE", [0, 0, 5, 5], False), ("CIRCLE", [0, 0, 1, 1], True), ("POINT", [1, 1], False)],
)
def test_which_shapes_are_closed(kind: str, numbers: list[float], closed: bool) -> None:
    assert region(kind, numbers, "1").is_closed is closed
