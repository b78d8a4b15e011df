"""Which segments are taken for one structure."""

import pytest

from IDCBrowserLib.compare.matching import match
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.files.read import UNNAMED
from IDCBrowserLib.labelmap.types import Segment

LIVER = Code("10200004", "SCT", "Liver")
OLD_LIVER = Code("T-62000", "SRT", "Liver")
LUNG, LEFT, RIGHT = Code("39607008", "SCT", "Lung"), Code("7771000", "SCT", "Left"), Code("24028007", "SCT", "Right")
TUMOR = Code("108369006", "SCT", "Neoplasm")


def names(found):
    pairs, left_a, left_b = found
    return [(pair.a.number, pair.b.number, pair.by) for pair in pairs], [one.number for one in left_a], [one.number for one in left_b]


def test_codes_go_before_names_and_old_ones_are_the_new_ones():
    a = [Segment(1, 1, "Leber", type=LIVER), Segment(2, 2, "Spleen")]
    b = [Segment(1, 1, "spleen"), Segment(7, 7, "Liver", type=OLD_LIVER)]
    assert names(match(a, b)) == ([(1, 7, "code"), (2, 1, "name")], [], [])


def test_modifiers_tell_left_from_right():
    a = [Segment(1, 1, "x", type=LUNG, type_modifiers=(LEFT,)), Segment(2, 2, "y", type=LUNG, type_modifiers=(RIGHT,))]
    b = [Segment(1, 1, "p", type=LUNG, type_modifiers=(RIGHT,)), Segment(2, 2, "q", type=LUNG, type_modifiers=(LEFT,))]
    assert names(match(a, b))[0] == [(1, 2, "code"), (2, 1, "code")]


def test_segments_of_one_code_are_told_apart_by_name_and_the_last_ones_left_are_a_pair():
    a = [Segment(n, n, f"Lesion {n}", type=TUMOR) for n in (1, 2, 3)]
    b = [Segment(n, n, f"lesion_{n}", type=TUMOR) for n in (2, 1)] + [Segment(9, 9, "other", type=TUMOR)]
    assert names(match(a, b))[0] == [(1, 1, "code"), (2, 2, "code"), (3, 9, "code")]


def test_two_of_one_name_are_not_guessed():
    a, b = [Segment(1, 1, "GTV"), Segment(2, 2, "GTV")], [Segment(1, 1, "GTV"), Segment(2, 2, "CTV")]
    assert names(match(a, b)) == ([], [1, 2], [1, 2])
    assert names(match(a, b, [(2, 1)]))[0] == [(2, 1, "hand")]


def test_labels_without_a_name_are_matched_by_their_value():
    a = [Segment(1, 1, "Liver", type=LIVER), Segment(5, 5, "Spleen")]
    b = [Segment(5, 5, "Label 5", details={UNNAMED: True}), Segment(6, 6, "Label 6", details={UNNAMED: True})]
    assert names(match(a, b)) == ([(5, 5, "label value")], [1], [6])


def test_the_only_ones_are_a_pair_unless_their_codes_differ():
    assert names(match([Segment(1, 1, "GTV-1")], [Segment(4, 4, "Tumor")]))[0] == [(1, 4, "only one")]
    assert names(match([Segment(1, 1, "a", type=LIVER)], [Segment(4, 4, "b", type=LUNG)]))[0] == []


def test_a_number_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match=r"B has no segment 8\. Its segments are 4"):
        match([Segment(1, 1, "a")], [Segment(4, 4, "b")], [(1, 8)])
