"""The entries of a list: each image with its annotations, in the order in which they were picked."""

from __future__ import annotations

import pytest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.answers import Item
from IDCBrowserLib.review.entries import make_entries
from IDCBrowserLib.selection.plan import PlannedSeries


def _series(uid: str, modality: str, study: str = "S1", patient: str = "P1") -> PlannedSeries:
    return PlannedSeries(uid, f"uuid-{uid}", "demo", patient, study, modality, f"about {uid}", 1, 10, None, "bucket", None, 26, None)


PICKED = [
    _series("seg", "SEG"),
    _series("ct", "CT"),
    _series("mr", "MR"),
    _series("sr", "SR"),
    _series("other", "CT", "S2"),
    _series("third", "CT", "S3", "P2"),
]


def _uids(items: list[Item]) -> list[list[str]]:
    return [[one.series_uid for one in item.series] for item in items]


def test_annotations_go_with_the_images_that_they_name() -> None:
    items = make_entries(PICKED, "images", {"seg": ["ct"]})
    assert _uids(items) == [["ct", "seg", "sr"], ["mr", "sr"], ["other"], ["third"]]
    assert [item.name for item in items][:2] == ["demo/P1, CT about ct", "demo/P1, MR about mr"]


def test_studies_and_cases_hold_all_that_was_picked_of_them() -> None:
    assert _uids(make_entries(PICKED, "studies", {})) == [["ct", "mr", "seg", "sr"], ["other"], ["third"]]
    assert _uids(make_entries(PICKED, "cases", {})) == [["ct", "mr", "other", "seg", "sr"], ["third"]]


def test_an_annotation_without_its_image_is_an_entry_whose_name_says_nothing_of_its_maker() -> None:
    (item,) = make_entries([_series("seg", "SEG")], "images", {"seg": ["gone"]})
    assert item.name == "demo/P1"


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(InputError, match="use one of"):
        make_entries(PICKED, "slices", {})  # type: ignore[arg-type]
