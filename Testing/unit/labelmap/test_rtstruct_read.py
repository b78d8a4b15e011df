"""What is read of the ROIs of a structure set: numbers, colors, observations and codes, as they are stored by programs that do it differently."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.rtstruct_files import FRAME, SERIES, C, R, axial, box, flat, replace_bytes, structure_set, write
from pydicom import Dataset

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.labelmap.contours.structure_set import ContourKind, Roi, StructureSet
from IDCBrowserLib.labelmap.rtstruct.meaning import meaning_of
from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

STACK = axial()
GOOD = flat(STACK, 1, box(2, 2, 6, 6))


def read(dataset: Dataset, folder: Path) -> StructureSet:
    return read_structure_set(write(dataset, folder / "rs.dcm"))


def rois(dataset: Dataset, folder: Path) -> list[Roi]:
    return read(dataset, folder).rois


def said(structure_set: StructureSet) -> tuple[str, ...]:
    return structure_set.notes.sentences()


def item(**elements: object) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def code(value: str, **more: object) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator="SCT", CodeMeaning=f"m{value}", **more)


@pytest.mark.parametrize(
    ("stored", "color"),
    [
        ([0, 255, 7], (0, 255, 7)),
        ([255, 0, 255], (255, 0, 255)),
        ([256, 0, 0], None),
        ([0, -1, 0], None),
        ([1, 2], None),
        ([1, 2, 3, 4], None),
        ([0, 0, 0], (0, 0, 0)),
    ],
)
def test_a_color_is_three_numbers_from_0_to_255(stored: list[int], color: tuple[int, int, int] | None, tmp_path: Path) -> None:
    [found] = rois(structure_set([R(1, [GOOD], color=stored)]), tmp_path)
    assert found.color == (color or (230, 70, 70))


@pytest.mark.parametrize(("stored", "color"), [(b"9.9\\2\\3 ", (9, 2, 3)), (b"x\\2\\3   ", (230, 70, 70)), (b"1e1\\2\\3 ", (10, 2, 3))])
def test_a_color_may_be_written_as_other_numbers(stored: bytes, color: tuple[int, int, int], tmp_path: Path) -> None:
    path = write(structure_set([R(1, [GOOD], color=(201, 2, 31))]), tmp_path / "rs.dcm")
    replace_bytes(path, b"201\\2\\31", stored)
    assert read_structure_set(path).rois[0].color == color


def test_contours_of_an_roi_that_is_not_listed_are_of_one_without_a_name_and_with_the_next_color(tmp_path: Path) -> None:
    dataset = structure_set([R(1, [GOOD], "A", color=None), R(7, [GOOD, GOOD], color=None), R(8, [GOOD], color=None)])
    del dataset.StructureSetROISequence[1:]
    found = read(dataset, tmp_path)
    assert [(one.number, one.name, one.contour_count, one.color) for one in found.rois] == [
        (1, "A", 1, (230, 70, 70)),
        (7, "", 2, (90, 200, 90)),
        (8, "", 1, (240, 190, 60)),
    ]
    assert said(found) == tuple(f"ROI {number} has contours but no entry in the Structure Set ROI Sequence; it has no name." for number in (7, 8))


def test_contours_that_do_not_say_whose_they_are_are_skipped_and_the_next_ones_are_read(tmp_path: Path) -> None:
    dataset = structure_set([R(1, [GOOD], "A"), R(2, [GOOD], "B")])
    del dataset.ROIContourSequence[0].ReferencedROINumber
    found = read(dataset, tmp_path)
    assert [(one.number, len(one.contours)) for one in found.rois] == [(1, 0), (2, 1)]
    assert said(found) == ("An item of the ROI Contour Sequence does not say to which ROI it belongs; it is skipped.",)


def test_an_roi_without_a_number_is_one_all_the_same(tmp_path: Path) -> None:
    dataset = structure_set([R(1, [GOOD], "A"), R(2, [GOOD], "B")])
    del dataset.StructureSetROISequence[1].ROINumber
    assert [(one.number, one.name, len(one.contours)) for one in rois(dataset, tmp_path)] == [(1, "A", 1), (-1, "B", 0), (2, "", 1)]


def test_contours_of_one_roi_in_several_items_are_counted_on(tmp_path: Path) -> None:
    dataset = structure_set([R(1, [GOOD, GOOD], "A"), R(1, [C(data="1\\2\\3"), GOOD], "A")])
    del dataset.StructureSetROISequence[1]
    [found] = rois(dataset, tmp_path)
    assert (found.contour_count, [contour.number for contour in found.contours]) == (4, [1, 2, 4])


@pytest.mark.parametrize(
    ("kind", "read_as"),
    [
        ("CLOSED_PLANAR", ContourKind.CLOSED),
        ("closed planar", ContourKind.CLOSED),
        ("CLOSEDPLANAR_XOR", ContourKind.XOR),
        ("OPEN_PLANAR", ContourKind.OPEN),
        ("OPEN_NONPLANAR", ContourKind.CURVE),
        ("POINT", ContourKind.POINT),
    ],
)
def test_kinds_of_contours_are_read_in_any_spelling_and_told_as_stored(kind: str, read_as: ContourKind, tmp_path: Path) -> None:
    [found] = rois(structure_set([R(1, [C(GOOD.points, kind), C(GOOD.points, kind)])]), tmp_path)
    assert [contour.kind for contour in found.contours] == [read_as] * 2 and found.stored_kinds == {kind}


@pytest.mark.parametrize("points", [1, 2])
def test_points_and_open_contours_may_have_fewer_than_three_points(points: int, tmp_path: Path) -> None:
    kinds = ("POINT", "OPEN_PLANAR", "OPEN_NONPLANAR")
    [found] = rois(structure_set([R(1, [C(GOOD.points[:points], kind) for kind in kinds])]), tmp_path)
    assert [len(contour.points) for contour in found.contours] == [points] * 3


def test_an_interpreted_type_in_lower_case_is_the_same(tmp_path: Path) -> None:
    path = write(structure_set([R(1, [GOOD], interpreted="AVOIDANCE")]), tmp_path / "rs.dcm")
    replace_bytes(path, b"AVOIDANCE", b"avoidance")
    assert read_structure_set(path).rois[0].interpreted_type == "AVOIDANCE"


def test_a_closed_contour_of_three_points_is_used(tmp_path: Path) -> None:
    found = read(structure_set([R(1, [C(GOOD.points[:3]), C(GOOD.points[:2])])]), tmp_path)
    assert [len(contour.points) for contour in found.rois[0].contours] == [3]
    assert said(found) == ("ROI 1, contour 2: skipped, it has 2 points and encloses nothing.",)


def test_of_several_observations_of_an_roi_the_first_that_says_something_counts(tmp_path: Path) -> None:
    dataset = structure_set([R(1, [GOOD], "A")])
    modified = code("2", SegmentedPropertyTypeModifierCodeSequence=[code("3"), code("4")])
    region = code("5", AnatomicRegionModifierSequence=[code("6")])
    first = item(ReferencedROINumber=1, ROIObservationLabel="", RTROIInterpretedType="GTV")
    second = item(
        ReferencedROINumber=1,
        ROIObservationLabel="two",
        RTROIInterpretedType="PTV",
        SegmentedPropertyCategoryCodeSequence=[code("1"), code("9")],
        RTROIIdentificationCodeSequence=[modified],
        AnatomicRegionSequence=[region],
    )
    third = item(
        ReferencedROINumber=1,
        ROIObservationLabel="three",
        SegmentedPropertyCategoryCodeSequence=[code("11")],
        RTROIIdentificationCodeSequence=[code("12")],
        AnatomicRegionSequence=[code("15")],
    )
    dataset.RTROIObservationsSequence = [first, second, third, item(ReferencedROINumber=2, ROIObservationLabel="of another")]
    [found] = rois(dataset, tmp_path)
    assert (found.interpreted_type, found.observation_label) == ("GTV", "two")
    assert found.category is not None and found.type is not None and found.anatomic_region is not None
    assert (found.category.value, found.type.value, [one.value for one in found.type_modifiers]) == ("1", "2", ["3", "4"])
    assert (found.anatomic_region.value, [one.value for one in found.anatomic_region_modifiers]) == ("5", ["6"])


@pytest.mark.parametrize(("observations", "labels"), [(2, ["one", "two"]), (1, ["one", "one"]), (3, ["one", "one"])])
def test_rois_of_one_number_have_an_observation_each_where_there_are_as_many(observations: int, labels: list[str], tmp_path: Path) -> None:
    dataset = structure_set([R(3, [GOOD], "A"), R(3, [GOOD], "B")])
    names = ("one", "two", "three")[:observations]
    dataset.RTROIObservationsSequence = [item(ReferencedROINumber=3, ROIObservationLabel=name) for name in names]
    assert [(one.name, one.observation_label) for one in rois(dataset, tmp_path)] == list(zip("AB", labels, strict=True))


@pytest.mark.parametrize(
    ("listed", "drawn", "names", "said_"),
    [
        (1, 1, ["A"], ""),
        (2, 2, ["A", "B"], "twice, in the same order in both sequences; they are taken as that many ROIs"),
        (3, 3, ["A", "B", "C"], "3 times, in the same order in both sequences; they are taken as that many ROIs"),
        (2, 1, ["A"], "twice, whose contours are taken as one's"),
        (3, 2, ["A"], "3 times, whose contours are taken as one's"),
    ],
)
def test_a_number_given_several_times_is_said_once(listed: int, drawn: int, names: list[str], said_: str, tmp_path: Path) -> None:
    dataset = structure_set([R(4, [GOOD], name) for name in "ABC"[:listed]])
    del dataset.ROIContourSequence[drawn:]
    found = read(dataset, tmp_path)
    assert [one.name for one in found.rois] == names
    assert sum(len(one.contours) for one in found.rois) == drawn
    assert said(found) == ((f"ROI Number 4 is given {said_}.",) if said_ else ())


def test_frames_of_reference_are_all_that_occur_and_the_first_stands_in_where_none_is_stated(tmp_path: Path) -> None:
    dataset = structure_set([R(1, [GOOD], frame="1.8"), R(2, frame="")], [("1.7", SERIES, ()), (FRAME, "1.66", ())])
    found = read(dataset, tmp_path)
    assert found.frames_of_reference == ("1.7", FRAME, "1.8")
    assert found.stated_frames == {"1.7", FRAME}
    assert found.source.frame_of_reference_uid == "1.7"
    dataset.FrameOfReferenceUID = "1.6"
    found = read(dataset, tmp_path)
    assert (found.source.frame_of_reference_uid, found.stated_frames) == ("1.6", {"1.7", FRAME, "1.6"})
    dataset = structure_set([R(1, [GOOD], frame="")], [("", SERIES, ())])
    assert read(dataset, tmp_path).source.frame_of_reference_uid == "" and read(dataset, tmp_path).frames_of_reference == ()


def test_its_own_series_counts_as_its_images_only_where_it_names_no_other(tmp_path: Path) -> None:
    own = "1.2.826.0.1.3680043.10.1.8"
    alone = read(structure_set([R(1, [GOOD])], [(FRAME, own, ["1.2"])]), tmp_path)
    assert alone.source.referenced_series_uids == (own,) and said(alone) == ()
    both = read(structure_set([R(1, [GOOD])], [(FRAME, own, ["1.2"]), (FRAME, SERIES, ["1.4", "1.3"]), ("1.8", SERIES, [])]), tmp_path)
    assert both.source.referenced_series_uids == (SERIES,) and both.source.referenced_instance_uids == ("1.3", "1.4")
    assert said(both) == ("The structure set names its own series as its images; that reference is ignored.",)
    others = read(structure_set([R(1, [GOOD])], [(FRAME, SERIES, []), (FRAME, "1.66", [])]), tmp_path)
    assert others.source.referenced_series_uids == (SERIES, "1.66") and said(others) == ()


def test_contours_of_rois_that_are_not_wanted_are_counted_and_not_read(tmp_path: Path) -> None:
    path = write(structure_set([R(1, [C(data="x")], "A"), R(2, [GOOD], "B")]), tmp_path / "rs.dcm")
    found = read_structure_set(path, wanted=lambda number: number == 2)
    assert [(one.number, one.contour_count, len(one.contours)) for one in found.rois] == [(1, 1, 0), (2, 1, 1)]
    assert said(found) == ()
    assert [len(one.contours) for one in read_structure_set(path, with_contours=False).rois] == [0, 0]


@pytest.mark.parametrize(("stated", "is_said"), [("4", False), ("4.0", False), ("5", True), ("", False), ("x", False), ("9e99", False)])
def test_a_number_of_points_that_is_another_is_said_and_one_that_is_none_is_not(stated: str, is_said: bool, tmp_path: Path) -> None:
    path = write(structure_set([R(1, [C(GOOD.points, stated=77777777)])]), tmp_path / "rs.dcm")
    replace_bytes(path, b"77777777", stated.encode().ljust(8))
    assert said(read_structure_set(path)) == (("ROI 1, contour 1: it says 5 points but has 4, which are used.",) if is_said else ())


KIDNEY, ORGAN = Code("64033007", "SCT", "Kidney"), Code("91772007", "SCT", "Organ")


@pytest.mark.parametrize(
    ("interpreted", "stored", "expected"),
    [
        ("", {}, (None, None)),
        ("OTHER", {}, (None, None)),
        ("GTV", {}, ("130041", "228791009")),
        ("ORGAN", {}, ("123037004", None)),
        ("GTV", {"category": ORGAN}, ("91772007", "228791009")),
        ("", {"type": KIDNEY}, ("123037004", "64033007")),
        # An organ at risk is an organ.
        ("OAR", {"type": KIDNEY}, ("123037004", "64033007")),
        ("GTV", {"type": KIDNEY}, ("130041", "64033007")),
        ("GTV", {"type": KIDNEY, "category": ORGAN}, ("91772007", "64033007")),
    ],
)
def test_stored_codes_go_before_those_of_the_interpreted_type(
    interpreted: str, stored: dict[str, Code], expected: tuple[str | None, str | None]
) -> None:
    found = meaning_of(Roi(1, interpreted_type=interpreted, category=stored.get("category"), type=stored.get("type")))
    assert tuple(code and code.value for code in found) == expected
