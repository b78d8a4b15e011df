"""Wherever a person reads of a collection it is called by its name; its id is in tool tips and in what is copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from IDCBrowserLib.api.catalog import Details
from IDCBrowserLib.api.catalog import Hit as FoundHit
from IDCBrowserLib.api.cohort import Counts, FigureRow
from IDCBrowserLib.logic.base.collection_names import collection_name, know, named, named_within
from IDCBrowserLib.logic.base.filter_choice import FilterChoice
from IDCBrowserLib.logic.base.source_text import sources_label
from IDCBrowserLib.logic.details.details_text import ShownDetails, details_html, details_text
from IDCBrowserLib.logic.finding.facets import chosen_text, id_tip, value_text
from IDCBrowserLib.logic.finding.filter_chips import chips
from IDCBrowserLib.logic.finding.saved_searches import SavedSearch
from IDCBrowserLib.logic.finding.search import _hit
from IDCBrowserLib.logic.picking.cart_text import filters_text
from IDCBrowserLib.logic.summary.charts import charts, table_of
from IDCBrowserLib.logic.tables.columns import columns_of


@pytest.fixture(autouse=True)
def _names() -> Iterator[None]:
    know({"tcga_luad": "TCGA-LUAD", "rider_lung_ct": "RIDER Lung CT", "catch": "CATCH"})
    yield
    know({})


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("tcga_luad", "TCGA-LUAD"),
        ("tcga_luad/TCGA-05-4244", "TCGA-LUAD/TCGA-05-4244"),
        ("rider_lung_ct/RIDER-1, CT thorax", "RIDER Lung CT/RIDER-1, CT thorax"),
        ("tcga_luad, 3 cases, 12 series", "TCGA-LUAD, 3 cases, 12 series"),
        ("my_own/catch", "my_own/catch"),
        ("catching, 2 series", "catching, 2 series"),
        ("12 series", "12 series"),
        ("", ""),
    ],
)
def test_what_begins_with_the_id_of_a_collection_begins_with_its_name(given: str, shown: str) -> None:
    assert named(given) == shown


def test_a_collection_without_a_name_keeps_its_id_and_other_names_replace_all_of_the_former_ones() -> None:
    know({"nlst": "NLST", "empty": ""})
    assert [collection_name(one) for one in ("nlst", "empty", "tcga_luad")] == ["NLST", "empty", "tcga_luad"]


@pytest.mark.parametrize(
    ("text", "collection", "shown"),
    [
        ("T1, P-1, tcga_luad", "tcga_luad", "T1, P-1, TCGA-LUAD"),
        ("series of tcga_luad, removed after release 3", "tcga_luad", "series of TCGA-LUAD, removed after release 3"),
        ("catch, P-1, catch", "catch", "catch, P-1, CATCH"),
        ("catcher, P-catch-2", "catch", "catcher, P-catch-2"),
        ("two cases", "", "two cases"),
    ],
)
def test_within_a_text_the_last_mention_of_the_id_is_the_collection(text: str, collection: str, shown: str) -> None:
    assert named_within(text, collection) == shown


def test_a_pasted_id_is_called_by_its_name_and_a_file_that_is_called_like_a_collection_is_not() -> None:
    assert sources_label(["tcga_luad"]) == "TCGA-LUAD"
    assert sources_label(["/home/me/tcga_luad"]) == "tcga_luad"
    assert sources_label(["tcga_luad/TCGA-05-4244"]) == "TCGA-05-4244"


def test_filters_their_chips_and_searches_name_it_and_the_tip_of_a_chip_has_the_id() -> None:
    assert value_text("tcga_luad", "collection_id") == "TCGA-LUAD" and value_text("tcga_luad", "SeriesDescription") == "tcga_luad"
    assert value_text(None, "collection_id") == "not stated" and id_tip(None, "collection_id") == ""
    chosen = {"collection_id": FilterChoice(("tcga_luad",), none_of=("rider_lung_ct",))}
    assert chosen_text(chosen) == "Collection: TCGA-LUAD, not RIDER Lung CT"
    first, second = chips(chosen)
    assert (first.text, second.text) == ("TCGA-LUAD", "Not RIDER Lung CT")
    assert first.tip.splitlines()[1:] == ["tcga_luad"] and second.tip.splitlines()[1:] == ["rider_lung_ct"]
    assert "\n" not in chips({"Modality": FilterChoice(("CT",))})[0].tip
    assert filters_text({"collection_id": {"any": ["tcga_luad"], "none": ["catch"]}}) == "Collection: TCGA-LUAD, not CATCH"
    assert SavedSearch({}, "", ("tcga_luad", "rider_lung_ct")).describe() == "in TCGA-LUAD, RIDER Lung CT"


def test_a_hit_says_in_which_collection_it_is_by_name() -> None:
    found: FoundHit = {
        "level": "cases",
        "id": "tcga_luad/TCGA-05-4244",
        "label": "TCGA-05-4244",
        "description": "case of tcga_luad",
        "collection_id": "tcga_luad",
        "score": 1.0,
        "filters": {},
        "kind": "",
        "count": 1,
        "text": "",
    }
    hit = _hit(found)
    assert (hit.about, hit.ids) == ("case of TCGA-LUAD", ("tcga_luad/TCGA-05-4244",))


def test_columns_show_names_and_their_tips_and_copies_ids() -> None:
    case = next(column for column in columns_of("cases") if column.key == "collection_id")
    result = next(column for column in columns_of("analysis_results") if column.key == "collections")
    for column, value, shown, ids in (
        (case, "tcga_luad", "TCGA-LUAD", "tcga_luad"),
        (case, None, "-", "-"),
        (result, "tcga_luad, unknown", "TCGA-LUAD, unknown", "tcga_luad, unknown"),
        (result, ["tcga_luad", "catch"], "TCGA-LUAD, CATCH", "tcga_luad, catch"),
    ):
        assert column.explain is not None and column.copied is not None
        assert (column.format(value), column.explain(value), column.copied(value)) == (shown, ids, ids)


def document(title: str, items: list[list[str]]) -> ShownDetails:
    details: Details = {"title": title, "items": items, "sections": [], "links": [], "text": "", "missing_indices": [], "levels": []}
    return {**details, "note": "", "missing_tables": ()}


def test_details_show_the_name_and_are_copied_with_the_id() -> None:
    case = document("TCGA-05-4244", [["Case", "TCGA-05-4244"], ["Collection", "tcga_luad"]])
    assert "TCGA-LUAD" in details_html(case) and "tcga_luad" not in details_html(case)
    assert "Collection: tcga_luad" in details_text(case)
    result = document("Nodules", [["Collections", "tcga_luad, rider_lung_ct"]])
    assert "TCGA-LUAD, RIDER Lung CT" in details_html(result)
    collection = document("TCGA-LUAD", [["Collection", "tcga_luad"]])
    assert "tcga_luad" in details_html(collection), "its title is the name already"


def test_charts_name_it_and_a_copied_table_has_the_id() -> None:
    row: FigureRow = {"value": "tcga_luad", "low": None, "high": None, "series": 3, "studies": 2, "cases": 1}
    numbers = {"series": 3, "collections": 1, "cases": 1, "studies": 2, "instances": 30, "total_bytes": 10}
    counts = cast(Counts, {**numbers, "by": {"collection_id": [row]}, "missing": {}})
    (chart,) = charts(counts, "series")
    assert chart.bars[0].label == "TCGA-LUAD" and chart.bars[0].choice == FilterChoice(("tcga_luad",))
    assert table_of(counts, "series").rows[0][1] == "TCGA-LUAD" and table_of(counts, "series", True).rows[0][1] == "tcga_luad"
