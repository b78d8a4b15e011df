"""Frames of multi-frame objects without functional groups: each rule and number from both sides."""

from __future__ import annotations

import pytest
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from IDCBrowserLib.volume.classic_frames import ClassicFrame, classic_frames, place_source
from IDCBrowserLib.volume.image_header import _TAGS

VECTORS = (
    "EnergyWindowVector",
    "DetectorVector",
    "PhaseVector",
    "RotationVector",
    "RRIntervalVector",
    "TimeSlotVector",
    "AngularViewVector",
    "TimeSliceVector",
)


def _object(**elements: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def _pointing_at(*keywords: str) -> list[int | None]:
    return [tag_for_keyword(keyword) for keyword in keywords]


@pytest.mark.parametrize("vector", VECTORS)
def test_each_vector_tells_frames_at_one_place_apart(vector: str) -> None:
    dataset = _object(FrameIncrementPointer=_pointing_at("SliceVector", vector), SliceVector=[1, 2, 1, 2], SpacingBetweenSlices="3")
    setattr(dataset, vector, [1, 1, 2, 2])
    assert classic_frames(dataset, 4, False) == [
        ClassicFrame(0.0, {vector: "1"}),
        ClassicFrame(3.0, {vector: "1"}),
        ClassicFrame(0.0, {vector: "2"}),
        ClassicFrame(3.0, {vector: "2"}),
    ]


@pytest.mark.parametrize("vector", VECTORS)
def test_frames_that_are_numbered_by_something_else_than_slices_are_none(vector: str) -> None:
    dataset = _object(FrameIncrementPointer=_pointing_at(vector), SpacingBetweenSlices="3")
    setattr(dataset, vector, [1, 2, 3])
    assert classic_frames(dataset, 3, False) is None


def test_a_vector_with_one_value_tells_nothing_apart() -> None:
    dataset = _object(FrameIncrementPointer=_pointing_at("DetectorVector"), SpacingBetweenSlices="3", DetectorVector=[1, 1, 1])
    assert classic_frames(dataset, 3, False) == [ClassicFrame(0.0), ClassicFrame(3.0), ClassicFrame(6.0)]


@pytest.mark.parametrize("keyword", ["FrameTime", "FrameTimeVector", "RecommendedDisplayFrameRate"])
def test_moments_of_a_cine_are_at_one_place(keyword: str) -> None:
    dataset = _object(FrameIncrementPointer=_pointing_at(keyword), SpacingBetweenSlices="3")
    assert classic_frames(dataset, 2, False) == [ClassicFrame(0.0, {"Frame": "1"}), ClassicFrame(0.0, {"Frame": "2"})]
    assert classic_frames(dataset, 2, True) == [ClassicFrame(0.0, {"Frame": "1"}), ClassicFrame(1.0, {"Frame": "2"})]


def test_moments_of_slices_are_slices() -> None:
    dataset = _object(FrameIncrementPointer=_pointing_at("FrameTime", "SliceVector"), SliceVector=[2, 1], SpacingBetweenSlices="3")
    assert classic_frames(dataset, 2, False) == [ClassicFrame(3.0), ClassicFrame(0.0)]


@pytest.mark.parametrize(("stated", "step"), [("3", 3.0), ("-3", -3.0)])
def test_the_stated_distance_goes_before_the_thickness_and_gives_the_direction(stated: str, step: float) -> None:
    assert classic_frames(_object(SpacingBetweenSlices=stated, SliceThickness="5"), 2, False) == [ClassicFrame(0.0), ClassicFrame(step)]


@pytest.mark.parametrize("elements", [{"SliceThickness": "5"}, {"SpacingBetweenSlices": "0", "SliceThickness": "-5"}])
def test_without_a_distance_the_thickness_is_taken_and_that_is_said(elements: dict[str, str]) -> None:
    note = "The 2 frames of the US state no distance; their slice thickness of 5 mm is taken."
    assert classic_frames(_object(Modality="US", **elements), 2, False) == [ClassicFrame(0.0, note=note), ClassicFrame(5.0, note=note)]


@pytest.mark.parametrize("elements", [{}, {"SliceThickness": "0"}])
def test_without_both_frames_have_no_place_unless_one_is_to_be_assumed(elements: dict[str, str]) -> None:
    assert classic_frames(_object(**elements), 2, False) is None
    assert classic_frames(_object(**elements), 2, True) == [ClassicFrame(0.0), ClassicFrame(1.0)]
    assert classic_frames(_object(**elements), 1, False) == [ClassicFrame(0.0)]


@pytest.mark.parametrize(("z", "is_noted"), [(100.0, False), (100.09, False), (99.91, False), (100.11, True), (99.89, True)])
def test_a_dose_whose_first_plane_is_stated_twice_is_noted_where_both_differ(z: float, is_noted: bool) -> None:
    dataset = _object(GridFrameOffsetVector=[100.0, 103.0], ImagePositionPatient=[0.0, 0.0, z], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    frames = classic_frames(dataset, 2, False)
    assert frames is not None and [frame.offset for frame in frames] == [0.0, 3.0]
    assert bool(frames[0].note) is is_noted
    assert not is_noted or f"z = {z:g} mm by its position and at 100 mm" in frames[0].note


@pytest.mark.parametrize(
    ("axes", "direction"), [([1, 0, 0, 0, 1, 0], 1), ([1, 0, 0, 0, -1, 0], -1), ([0, 1, 0, -1, 0, 0], 1), ([0, 1, 0, 1, 0, 0], -1)]
)
def test_z_coordinates_of_dose_planes_follow_the_normal(axes: list[int], direction: int) -> None:
    dataset = _object(GridFrameOffsetVector=[10.0, 12.0], ImagePositionPatient=[0, 0, 10], ImageOrientationPatient=axes)
    frames = classic_frames(dataset, 2, False)
    assert frames is not None and [frame.offset for frame in frames] == [0.0, 2.0 * direction]


def test_offsets_of_dose_planes_from_zero_are_along_the_normal() -> None:
    frames = classic_frames(_object(GridFrameOffsetVector=[0, -2], ImageOrientationPatient=[1, 0, 0, 0, -1, 0]), 2, False)
    assert frames == [ClassicFrame(0.0), ClassicFrame(-2.0)]


def test_the_place_is_that_of_the_first_detector_unless_the_image_states_one() -> None:
    detector = _object(ImagePositionPatient=[1, 2, 3])
    with_detector = _object(DetectorInformationSequence=[detector, _object()])
    assert place_source(with_detector) is with_detector.DetectorInformationSequence[0]
    with_detector.ImagePositionPatient = [4, 5, 6]
    assert place_source(with_detector) is with_detector
    assert place_source(empty := _object(DetectorInformationSequence=[])) is empty


@pytest.mark.parametrize(("keyword", "tag"), _TAGS.items())
def test_each_keyword_of_an_image_header_has_its_tag(keyword: str, tag: int) -> None:
    assert tag_for_keyword(keyword) == tag
