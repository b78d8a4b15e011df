"""A copied search as a source of a plan: its filters and collections, or why it is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.search_text import SEARCH_PREFIX, filters_of_search, is_search_text

CT = {"Modality": ["CT"]}


def copied(**search: Any) -> str:
    return SEARCH_PREFIX + json.dumps(search)


@pytest.mark.parametrize(
    ("search", "filters"),
    [
        ({"filters": CT}, CT),
        ({"filters": CT, "collections": []}, CT),
        ({"filters": CT, "collections": ["a", "b"]}, {**CT, "collection_id": ["a", "b"]}),
        ({"collections": ["a"]}, {"collection_id": ["a"]}),
        # Without selected rows the filter of collections holds, of whatever kind.
        ({"filters": {"collection_id": {"none": ["a"]}}}, {"collection_id": {"none": ["a"]}}),
        ({"filters": {"collection_id": ["b", "c"]}, "collections": ["a", "b"]}, {"collection_id": ["b"]}),
    ],
)
def test_filters_and_selected_collections_hold_together(search: dict[str, Any], filters: dict[str, Any]) -> None:
    assert filters_of_search(f"  {copied(**search)}\n") == (filters, "")


def test_words_of_the_search_box_are_handed_on() -> None:
    assert filters_of_search(copied(filters=CT, text="  lung   nodule ")) == (CT, "lung nodule")


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"filters": {"collection_id": ["c"]}, "collections": ["a", "b"]}, "its filter excludes, so it finds nothing"),
        ({"filters": {"collection_id": {"none": ["c"]}}, "collections": ["a"]}, "other than a list of them cannot be planned"),
        ({}, "would select all of IDC"),
        ({"text": "lung"}, "would select all of IDC"),
        ({"filters": ["CT"]}, "not a search of IDC Browser"),
        ({"filters": CT, "collections": "a"}, "not a search of IDC Browser"),
        ({"filters": CT, "collections": [1]}, "not a search of IDC Browser"),
        ({"filters": CT, "text": 1}, "not a search of IDC Browser"),
    ],
)
def test_what_cannot_be_planned_says_why(search: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        filters_of_search(copied(**search))


@pytest.mark.parametrize("end", ["", "{", "[1]", "7", "[" * 100_000])
def test_a_part_of_a_copied_search_is_none(end: str) -> None:
    assert is_search_text(SEARCH_PREFIX + end) and not is_search_text(f"x {SEARCH_PREFIX}")
    with pytest.raises(InputError, match="or only a part of one"):
        filters_of_search(SEARCH_PREFIX + end)
