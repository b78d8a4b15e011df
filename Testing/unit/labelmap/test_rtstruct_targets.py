"""On which of several grids of images a structure set lies, which contour on which, and what is said of the images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from helpers.rtstruct_files import FRAME, SERIES, axial

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ContourKind, ConversionNotes, ReferencedSeries, Roi, StructureSet
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.grid import TargetGrid, choose_targets
from IDCBrowserLib.labelmap.types import Source
from IDCBrowserLib.volume.image_grid import ImageGrid

# Slices at 3, 5, 7, 9 and 11 mm, 2 mm thick.
EARLY, LATE = axial(), axial(series="1.66")
HIGH = replace(LATE, positions=tuple((x, y, z + 100) for x, y, z in LATE.positions))


def at(height: float, *images: tuple[str, int], kind: ContourKind = ContourKind.CLOSED, lean: float = 0.0) -> Contour:
    """A contour so many mm up that names images; one side may lie ``lean`` mm higher."""
    points = np.array([(-8.0, -5.0, height), (-4.0, -5.0, height), (-4.0, -2.0, height + lean), (-8.0, -2.0, height + lean)])
    return Contour(1, kind, points, images)


def early(*slices: int) -> tuple[tuple[str, int], ...]:
    return tuple((EARLY.uid(k), 0) for k in slices)


def late(*slices: int) -> tuple[tuple[str, int], ...]:
    return tuple((LATE.uid(k), 0) for k in slices)


def roi(number: int, *contours: Contour, frame: str = FRAME) -> Roi:
    return Roi(number, f"R{number}", key=number, frame_of_reference_uid=frame, contours=list(contours))


def drawn(rois: Sequence[Roi], *references: ReferencedSeries, patient: str = "P1", stated: Sequence[str] = (FRAME,)) -> StructureSet:
    """A structure set that names two series unless others are given."""
    named = references or (ReferencedSeries(SERIES, FRAME), ReferencedSeries("1.66", FRAME))
    frames = tuple(dict.fromkeys((*stated, *(one.frame_of_reference_uid for one in rois))))
    return StructureSet("rs.dcm", Source("RTSTRUCT", patient_id=patient), list(rois), named, frames, ConversionNotes(), frozenset(stated))


def chosen(structure_set: StructureSet, *grids: ImageGrid) -> list[TargetGrid]:
    return choose_targets(structure_set, structure_set.rois, grids, ConvertOptions())[0]


def heights(target: TargetGrid) -> list[float]:
    """Of the contours of a target."""
    return [round(float(contour.points[:, 2].mean()), 3) for one in target.rois for contour in one.contours]


def on(structure_set: StructureSet, *grids: ImageGrid) -> dict[str, list[float]]:
    """The heights of the contours on each series."""
    return {target.images.series_uid: heights(target) for target in chosen(structure_set, *grids) if target.images is not None}


ALL_EARLY, ALL_LATE = (ReferencedSeries(stack.series, FRAME, frozenset(stack.uid(k) for k in range(5))) for stack in (EARLY, LATE))


@pytest.mark.parametrize("both", [(*early(3), *late(3)), ()], ids=["names images of both", "names none"])
def test_a_contour_that_two_series_could_have_is_on_that_whose_images_most_contours_name_alone(both: tuple[tuple[str, int], ...]) -> None:
    contours = [at(3, *late(0)), at(5, *late(1)), at(7, *early(2)), at(9, *both)]
    found = on(drawn([roi(1, *contours)], ALL_EARLY, ReferencedSeries("1.66", FRAME)), EARLY.grid(), LATE.grid())
    assert found == {SERIES: [7], "1.66": [3, 5, 9]}


def test_where_both_are_named_by_as_many_contours_the_first_has_what_both_could_have() -> None:
    contours = [at(3, *late(0)), at(7, *early(2)), at(9, *early(3), *late(3))]
    found = on(drawn([roi(1, *contours)], ALL_EARLY, ReferencedSeries("1.66", FRAME)), EARLY.grid(), LATE.grid())
    assert found == {SERIES: [7, 9], "1.66": [3]}


def test_of_images_of_two_series_that_a_contour_names_the_nearest_has_it() -> None:
    contours = [at(7, *early(2)), at(5, *early(1)), at(9, *early(2), *late(3))]
    assert on(drawn([roi(1, *contours)]), EARLY.grid(), LATE.grid()) == {SERIES: [7, 5], "1.66": [9]}


def test_of_several_images_of_a_series_that_a_contour_names_the_nearest_counts() -> None:
    # 0.5 mm from an early image and 0.4 mm from a late one; the other early one is far away.
    contours = [at(7, *early(2)), at(9.5, *early(0, 3), *late(3))]
    shifted = replace(LATE, positions=tuple((x, y, float(z) + 0.9) for x, y, z in LATE.positions))
    assert on(drawn([roi(1, *contours)]), EARLY.grid(), shifted.grid()) == {SERIES: [7], "1.66": [9.5]}
    assert on(drawn([roi(1, at(7, *early(2)), at(9.5, *early(0, 3)))]), EARLY.grid(), shifted.grid()) == {SERIES: [7, 9.5]}


@pytest.mark.parametrize(("height", "series"), [(13, SERIES), (13.01, "1.66"), (12.9, SERIES)])
def test_a_contour_belongs_to_the_image_it_names_up_to_a_slice_away_and_then_to_that_among_whose_slices_it_lies(height: float, series: str) -> None:
    above = replace(LATE, positions=tuple((x, y, z + 10) for x, y, z in LATE.positions))
    contours = [at(7, *early(2)), at(9, *early(3)), at(15), at(height, *early(4))]
    found = on(drawn([roi(1, *contours)], ALL_EARLY, ALL_LATE), EARLY.grid(), above.grid())
    assert height in found[series] and found[SERIES][:2] == [7, 9] and found["1.66"][0] == 15


@pytest.mark.parametrize(
    ("height", "lean", "series"),
    [
        (14.0, 0.0, SERIES),
        (14.89, 0.0, SERIES),
        (14.91, 0.0, "1.66"),
        (15.09, 0.0, "1.66"),
        (15.5, 0.0, "1.66"),
        (24.0, 0.0, "1.66"),
        (24.1, 0.0, SERIES),
        (5.0, 0.0, SERIES),
        # Not parallel to the slices: the first has it, where that is told.
        (15.0, 1.1, SERIES),
        (15.0, 0.9, "1.66"),
        (20.0, 1.1, SERIES),
    ],
)
def test_a_contour_without_a_name_is_on_the_slice_at_its_place_else_among_whose_slices_it_lies(height: float, lean: float, series: str) -> None:
    # Slices at 6, 8, 10, 12 and 14 mm of one series, at 15, 17, 19, 21 and 23 mm of the other.
    near = replace(EARLY, positions=tuple((x, y, float(z) + 3.0) for x, y, z in EARLY.positions))
    other = replace(LATE, positions=tuple((x, y, float(z) + 12.0) for x, y, z in LATE.positions))
    contours = [at(8, *((near.uid(1), 0),)), at(10, *((near.uid(2), 0),)), at(17), at(height - lean / 2, lean=lean)]
    found = on(drawn([roi(1, *contours)], ALL_EARLY, ALL_LATE), near.grid(), other.grid())
    assert [height in found[SERIES], height in found["1.66"]] == [series == SERIES, series == "1.66"]


def test_a_series_of_which_no_image_is_named_is_not_used_where_images_of_another_are() -> None:
    assert on(drawn([roi(1, at(7, *early(2)), at(103))]), EARLY.grid(), HIGH.grid()) == {SERIES: [7, 103]}
    assert on(drawn([roi(1, at(7), at(103))]), EARLY.grid(), HIGH.grid()) == {SERIES: [7], "1.66": [103]}


def test_of_grids_of_one_frame_of_reference_the_one_with_most_named_images_is_used_then_the_named_series_then_the_first() -> None:
    strange = replace(EARLY.grid(), series_uid="1.77", slices=HIGH.grid().slices)
    contours = [at(7)]
    one = ReferencedSeries("1.66", FRAME)
    assert on(drawn([roi(1, *contours)], one), strange, EARLY.grid(), LATE.grid()) == {"1.66": [7]}
    assert on(drawn([roi(1, *contours)], ReferencedSeries("1.55", FRAME)), EARLY.grid(), LATE.grid()) == {SERIES: [7]}
    assert on(drawn([roi(1, *contours)], ReferencedSeries("1.55", FRAME)), LATE.grid(), EARLY.grid()) == {"1.66": [7]}
    elsewhere = replace(LATE.grid(), frame_of_reference_uid="1.9")
    assert on(drawn([roi(1, *contours)], ReferencedSeries("1.55", FRAME)), elsewhere, EARLY.grid()) == {SERIES: [7]}


def test_a_series_that_is_not_named_is_not_used_where_a_named_one_is_given() -> None:
    structure_set = drawn([roi(1, at(7), at(103))], ReferencedSeries(SERIES, FRAME))
    assert on(structure_set, EARLY.grid(), HIGH.grid()) == {SERIES: [7, 103]}


def test_a_file_of_several_frames_of_which_none_is_named_is_no_name_of_any() -> None:
    slices = tuple(replace(one, sop_instance_uid="1.4", frame_number=k + 1) for k, one in enumerate(HIGH.grid().present_slices))
    several = replace(HIGH.grid(), slices=slices)
    contours = [at(7, *early(2)), at(109, ("1.4", 0)), at(103, ("1.4", 1))]
    assert on(drawn([roi(1, *contours)]), EARLY.grid(), several) == {SERIES: [7], "1.66": [109, 103]}
    # A slice and a half above the last one: a name would have held it within one slice, a place does not.
    far = [at(3, *early(0)), at(5, *early(1)), at(7, *early(2)), at(113, ("1.4", 0)), at(103, ("1.4", 1))]
    assert on(drawn([roi(1, *far)]), EARLY.grid(), several) == {SERIES: [3, 5, 7, 113], "1.66": [103]}


@pytest.mark.parametrize(("nearer", "series"), [(0.0008, SERIES), (0.0012, "1.66")])
def test_images_of_two_series_are_equally_near_up_to_half_a_thousandth_of_a_slice(nearer: float, series: str) -> None:
    # Half a mm and a little less away, on slices 2 mm thick.
    beside = replace(LATE, positions=tuple((x, y, float(z) + nearer) for x, y, z in LATE.positions))
    contours = [at(7, *early(2)), at(9.5, *early(3), *late(3))]
    assert 9.5 in on(drawn([roi(1, *contours)]), EARLY.grid(), beside.grid())[series]


def test_points_alone_are_told_with_the_first_grid() -> None:
    (only,) = chosen(drawn([roi(1, at(103, kind=ContourKind.POINT))]), EARLY.grid(), HIGH.grid())
    assert only.images is not None and only.images.series_uid == SERIES and heights(only) == [103]


def test_contours_on_no_grid_stay_with_the_first_where_the_reason_is_told_and_so_do_rois_without_contours() -> None:
    (only,) = chosen(drawn([roi(1, at(500)), roi(2)], ALL_EARLY, ALL_LATE), EARLY.grid(), HIGH.grid())
    assert only.images is not None and only.images.series_uid == SERIES
    assert [(one.number, len(one.contours)) for one in only.rois] == [(1, 1), (2, 0)]
    first, second = chosen(drawn([roi(1, at(7), at(103)), roi(2), roi(3, at(105))]), EARLY.grid(), HIGH.grid())
    assert [(one.number, len(one.contours)) for one in first.rois] == [(1, 1), (2, 0)]
    assert [(one.number, len(one.contours)) for one in second.rois] == [(1, 1), (3, 1)]


def test_a_grid_with_points_alone_is_none_of_the_targets() -> None:
    (only,) = chosen(drawn([roi(1, at(7), at(103, kind=ContourKind.POINT))]), EARLY.grid(), HIGH.grid())
    assert only.images is not None and only.images.series_uid == SERIES and heights(only) == [7]


# Frames of reference


def told(structure_set: StructureSet) -> str:
    return " ".join(structure_set.notes.sentences())


@pytest.mark.parametrize("frame", [FRAME, ""])
def test_an_roi_in_the_frame_of_the_images_or_in_none_lies_on_them(frame: str) -> None:
    structure_set = drawn([roi(1, at(7), frame=frame)])
    assert on(structure_set, EARLY.grid()) == {SERIES: [7]} and not told(structure_set)
    structure_set = drawn([roi(1, at(7), frame="1.8")], stated=(FRAME, "1.8"))
    assert on(structure_set, replace(EARLY.grid(), frame_of_reference_uid="")) == {SERIES: [7]} and not told(structure_set)


def test_an_roi_of_another_frame_of_reference_is_skipped_and_where_all_are_that_is_an_error() -> None:
    structure_set = drawn([roi(1, at(7)), roi(2, at(7), frame="1.8")], stated=(FRAME, "1.8"))
    assert on(structure_set, EARLY.grid()) == {SERIES: [7]}
    assert told(structure_set) == "ROI 2 'R2' is skipped: it is in another frame of reference (1.8) than the grid."
    with pytest.raises(
        ConversionError, match=r"No ROI of rs\.dcm has the frame of reference of the images \(1\.2\.826\.0\.1\.3680043\.10\.1\.1\)\. Give"
    ):
        chosen(drawn([roi(2, at(7), frame="1.8")], stated=(FRAME, "1.8")), EARLY.grid(), EARLY.grid())


def test_an_roi_of_another_frame_that_names_an_image_lies_on_it() -> None:
    structure_set = drawn([roi(1, at(7)), roi(2, at(5), at(9, *early(3)), frame="1.8")], stated=(FRAME, "1.8"))
    assert on(structure_set, EARLY.grid()) == {SERIES: [7, 5, 9]} and not told(structure_set)


def test_the_frame_that_the_structure_set_states_for_the_images_goes_before_theirs_and_that_is_said() -> None:
    structure_set = drawn([roi(1, at(7), frame="1.8")], ReferencedSeries(SERIES, "1.8"), stated=("1.8",))
    assert on(structure_set, EARLY.grid()) == {SERIES: [7]}
    assert (
        told(structure_set)
        == "The images say they are of another frame of reference than the structure set says they are; that of the structure set is used."
    )
    other = drawn([roi(1, at(7), frame="1.8")], ReferencedSeries(SERIES, FRAME), ReferencedSeries("1.7", "1.8"), stated=(FRAME, "1.8"))
    with pytest.raises(ConversionError, match="No ROI of"):
        chosen(other, EARLY.grid())


def test_on_an_own_grid_rois_of_another_frame_of_reference_than_the_first_are_skipped_and_said() -> None:
    structure_set = drawn([roi(1, at(7), at(9)), roi(2, at(11), frame="1.8")], stated=(FRAME, "1.8"))
    targets, here = choose_targets(structure_set, structure_set.rois, None, ConvertOptions(grid="own"))
    assert [one.number for one in here] == [1] and [(target.frame_of_reference_uid, heights(target)) for target in targets] == [(FRAME, [7, 9])]
    assert "ROI 2 'R2' is skipped" in told(structure_set)


def test_a_contour_lies_on_the_grid_of_its_frame_of_reference_whatever_its_place() -> None:
    there = replace(LATE.grid(), frame_of_reference_uid="1.8")
    rois = [roi(1, at(7)), roi(2, at(9), frame="1.8")]
    structure_set = drawn(rois, ALL_EARLY, replace(ALL_LATE, frame_of_reference_uid="1.8"), stated=(FRAME, "1.8"))
    assert on(structure_set, EARLY.grid(), there) == {SERIES: [7], "1.66": [9]}


# Images that do not belong to it


@pytest.mark.parametrize(
    ("patient", "given", "is_same"),
    [("P1", "P1", True), ("", "P1", True), ("P1", "", True), ("", "", True), ("P2", "P1", False)],
)
def test_images_in_the_same_frame_of_reference_are_taken_unless_they_are_of_another_patient(patient: str, given: str, is_same: bool) -> None:
    structure_set = drawn([roi(1, at(7))], ReferencedSeries("1.55", FRAME), patient=patient)
    images = replace(EARLY.grid(), patient_id=given)
    if is_same:
        assert on(structure_set, images) == {SERIES: [7]}
        assert told(structure_set) == f"The images are of series {SERIES}, which the structure set does not name; it has the same frame of reference."
        return
    with pytest.raises(
        ConversionError,
        match=rf"series {SERIES}\) are not those of rs.dcm: they are of patient 'P1', the structure set of 'P2'. Give the files of series 1.55",
    ):
        chosen(structure_set, images)


def test_images_without_a_frame_of_reference_are_not_in_the_same_one() -> None:
    without = replace(EARLY.grid(), frame_of_reference_uid="")
    with pytest.raises(ConversionError, match=r"their series and frame of reference are others\. Give the images it was drawn on, or ask for"):
        chosen(drawn([roi(1, at(7), frame="")], ReferencedSeries("", ""), stated=("",)), without)


def test_images_of_another_patient_that_are_named_are_taken_and_that_is_said() -> None:
    for structure_set in (drawn([roi(1, at(7, *early(2)))], ReferencedSeries("1.55", FRAME), patient="P2"), drawn([roi(1, at(7))], patient="P2")):
        assert on(structure_set, EARLY.grid()) == {SERIES: [7]}
        assert "The structure set is of patient 'P2', the images of patient 'P1'." in told(structure_set)


def test_images_that_contours_name_are_of_a_series_that_the_references_do_not_name_and_that_is_said() -> None:
    structure_set = drawn([roi(1, at(7, *early(2)))], ReferencedSeries("1.55", FRAME))
    chosen(structure_set, EARLY.grid())
    assert told(structure_set) == f"The images are of series {SERIES}, which the structure set does not name; the images it names are among them."


@pytest.mark.parametrize(("count", "shown"), [(1, "1.9.0"), (3, "1.9.0, 1.9.1, 1.9.2"), (4, "1.9.0, 1.9.1, 1.9.2, ...")])
def test_three_of_the_images_that_are_not_given_are_named(count: int, shown: str) -> None:
    named = frozenset({EARLY.uid(0), *(f"1.9.{number}" for number in range(count))})
    structure_set = drawn([roi(1, at(7))], ReferencedSeries(SERIES, FRAME, named), ReferencedSeries("1.55", FRAME, frozenset({"1.8.1"})))
    chosen(structure_set, EARLY.grid())
    assert told(structure_set) == f"{count} of the {count + 1} images that the structure set names are not among those given: {shown}"


def test_without_images_the_series_are_named_once_each() -> None:
    structure_set = drawn([roi(1, at(7))], ReferencedSeries(SERIES, FRAME), ReferencedSeries(SERIES, "1.8"), ReferencedSeries("1.66", FRAME))
    with pytest.raises(ConversionError, match=rf"^rs\.dcm needs the images it was drawn on \(series {SERIES}, 1\.66\)\. Give their folder, or ask"):
        chosen(structure_set)
    structure_set.referenced_series = ()
    with pytest.raises(ConversionError, match="series which it does not name"):
        chosen(structure_set)
