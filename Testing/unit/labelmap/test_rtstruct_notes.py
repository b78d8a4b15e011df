"""What is said about contours: sentences of one kind are put together, and how many are told one by one; planes of a grid."""

from __future__ import annotations

import numpy as np
import pytest

from IDCBrowserLib.labelmap.contours.between import slices_between
from IDCBrowserLib.labelmap.contours.placing import named_slice
from IDCBrowserLib.labelmap.contours.planes import Extents, planes_of
from IDCBrowserLib.labelmap.contours.structure_set import Contour, ContourKind, ConversionNotes, ReferencedSeries, Roi, StructureSet
from IDCBrowserLib.labelmap.contours.text import _fast, parse_texts
from IDCBrowserLib.labelmap.types import Source
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice


def rois(count: int) -> list[Roi]:
    return [Roi(number, f"R{number}") for number in range(1, count + 1)]


def test_an_roi_is_called_by_number_and_name() -> None:
    assert (Roi(3, "Liver").title, Roi(3).title) == ("ROI 3 'Liver'", "ROI 3")


@pytest.mark.parametrize(("count", "sentences"), [(1, 1), (4, 4), (5, 1)])
def test_up_to_four_rois_with_one_reason_are_told_one_by_one(count: int, sentences: int) -> None:
    notes = ConversionNotes()
    for roi in rois(count):
        notes.roi(roi, f"it is {roi.number}.5 mm away")
    found = notes.sentences()
    assert (len(found), found[0]) == (sentences, f"ROI 1 'R1': it is 1.5 mm away.{' The same applies to 4 more ROIs.' if count > 4 else ''}")


def test_of_many_rois_the_contours_are_counted() -> None:
    notes = ConversionNotes()
    for roi in rois(5):
        for number in range(roi.number):
            notes.about(roi).contour(number + 1, "skipped")
    assert notes.sentences() == ("ROI 1 'R1', contour 1: skipped. The same applies to 14 more contours of 4 ROIs.",)


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "contour 1"), (2, "contours 1, 2"), (8, "contours 1, 2, 3, 4, 5, 6, 7, 8"), (10, "contours 1, 2, 3, 4, 5, 6, 7, 8 and 2 more")],
)
def test_eight_contours_of_an_roi_are_numbered(count: int, said: str) -> None:
    notes = ConversionNotes()
    for number in range(1, count + 1):
        notes.contour(Roi(1), number, "skipped")
    assert notes.sentences() == (f"ROI 1, {said}: skipped.",)


def test_a_sentence_of_its_own_comes_first_and_once() -> None:
    notes = ConversionNotes()
    notes.roi(Roi(1), "odd")
    notes.say("general")
    notes.say("general")
    assert notes.sentences() == ("general", "ROI 1: odd.")


def test_images_are_named_by_references_and_by_contours() -> None:
    roi = Roi(1, contours=[Contour(1, ContourKind.POINT, np.zeros((1, 3)), (("1.3", 0),))])
    found = StructureSet("a", Source("RTSTRUCT"), [roi], (ReferencedSeries("1", "2", frozenset({"1.2"})),), (), ConversionNotes())
    assert found.names_images == {"1.2", "1.3"}
    assert [kind for kind in ContourKind if kind.encloses] == [ContourKind.CLOSED, ContourKind.XOR]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"12345678.1234567\\-0.5", [12345678.1234567, -0.5]),
        (b"123456789\\1", [123456789.0, 1.0]),
        (b"0.123456789012345\\+.5\\5.", [0.123456789012345, 0.5, 5.0]),
        (b"1.2345678901234567\\1", [1.2345678901234567, 1.0]),
        (b"1e3\\-1E-2", [1000.0, -0.01]),
        (b" 1 \\ 2", [1.0, 2.0]),
    ],
)
def test_numbers_with_more_digits_than_usual_are_read_as_exactly(text: bytes, values: list[float]) -> None:
    found = parse_texts([text])
    assert (found.values.tolist(), found.counts.tolist(), found.problems) == (values, [len(values)], {})


@pytest.mark.parametrize(
    ("word", "is_usual"),
    [
        (b"12345678", True),
        (b"123456789", False),
        (b"12345678.1234567", True),
        (b"12345678.12345678", False),
        (b"-.123456789012345", True),
        (b".1234567890123456", False),
        (b"+5.", True),
        (b"1e3", False),
        (b" 1", False),
        (b".", False),
        (b"1.2.3", False),
        (b"1-2", False),
    ],
)
def test_numbers_of_eight_digits_before_the_point_and_fifteen_in_all_are_read_together(word: bytes, is_usual: bool) -> None:
    for text in (word, b"0.5\\" + word, word + b"\\0.5", b"7\\" + word):
        found = _fast(text)
        assert found is None if not is_usual else found is not None and found.tolist() == [float(part) for part in text.split(b"\\")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "it has no coordinates"),
        (b"1\\x", "'x' is not a number"),
        (b"1_0\\2", "'1_0' is not a number"),
        (b"nan\\1", "not finite"),
        (b"1\\", "'' is not"),
    ],
)
def test_a_text_that_is_no_numbers_costs_itself_alone(text: bytes, reason: str) -> None:
    found = parse_texts([b"1\\2", text, b"3"])
    assert (found.values.tolist(), found.counts.tolist()) == ([1.0, 2.0, 3.0], [2, 0, 1])
    assert reason in found.problems[1] and list(found.problems) == [1]
    long = parse_texts([b"z" * 50]).problems[0]
    assert long == f"'{'z' * 20}' is not a number"


@pytest.mark.parametrize(
    ("slices", "between"),
    [
        ([], []),
        ([3], []),
        ([0, 1, 2], []),
        ([0, 2], [1]),
        ([0, 3], [1, 2]),
        ([0, 4], [1, 2, 3]),
        ([0, 2, 4, 8], [1, 3, 5, 6, 7]),
        ([0, 2, 4, 9], [1, 3]),
    ],
)
def test_contours_are_near_up_to_twice_their_usual_distance_or_three_slices(slices: list[int], between: list[int]) -> None:
    assert sorted(slices_between(slices)) == between
    assert sorted(slices_between([0, 1, 2, 5])) == [3, 4] and sorted(slices_between([0, 1, 2, 6])) == []


def test_planes_lie_along_their_normal_whatever_the_direction_of_stacking() -> None:
    down = Geometry((3, 4, 5), (0.5, 0.75, 2.0), (1.0, 2.0, 3.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)))
    planes = planes_of(down)
    assert (planes.normal.tolist(), planes.offsets.tolist(), planes.step) == ([0.0, 0.0, -1.0], [-3.0, -1.0, 1.0], 2.0)
    assert planes.middles().tolist() == [-4.0, -2.0, 0.0, 2.0] and planes.thicknesses().tolist() == [2.0] * 3
    assert (planes.shape, planes.spacing.tolist(), planes.named, planes.of_images) == ((3, 4, 5), [0.5, 0.75], {}, False)


def test_an_image_is_named_by_its_frame_and_a_file_of_one_frame_by_itself() -> None:
    where = Geometry((4, 1, 1), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    slices = (ImageSlice("a", "1.1", (0, 0, 0), 1), None, ImageSlice("b", "1.2", (0, 0, 2), 1), ImageSlice("b", "1.2", (0, 0, 3), 2))
    grid = ImageGrid(where, slices, "1", "1", "P", "D", "1", "CT", "", "1", True)
    planes = planes_of(where, grid)
    assert planes.named == {("1.1", 1): 0, ("1.1", 0): 0, ("1.2", 1): 2, ("1.2", 0): -1, ("1.2", 2): 3}
    assert planes.of_images
    for names, k in (((("1.1", 0),), 0), ((("9", 0), ("1.2", 2)), 3), ((("1.2", 0),), -1), ((("1.2", 0), ("1.1", 1)), 0), ((), -1)):
        assert named_slice(Contour(1, ContourKind.CLOSED, np.zeros((3, 3)), names), planes) == k


@pytest.mark.parametrize(("spread", "leans", "across"), [(1.0, False, False), (1.001, False, True), (1.001, True, False)])
def test_a_contour_crosses_the_slices_where_it_reaches_over_half_of_one(spread: float, leans: bool, across: bool) -> None:
    extents = Extents(np.array([0.0]), np.array([spread]), np.array([leans]))
    assert (extents.middle.item(), extents.spread.item(), extents.across(2.0).item()) == (spread / 2, spread, across)
