from __future__ import annotations

import pytest

from IDCBrowserLib.errors import CatalogError
from IDCBrowserLib.logic.base.state import Phase


def test_the_collections_appear_at_the_start_and_the_other_tables_say_what_to_do(bench):
    tables = bench.browser.tables
    assert tables.state("collections").total == 2
    assert tables.rows("collections").loaded_row(0)[0] == "lungs"
    assert tables.state("cases").phase is Phase.GUIDE
    assert tables.state("cases").note == "Select a collection to see its cases."


def test_selecting_rows_fills_the_next_table_down_to_the_series(bench):
    bench.select("collections", 1)
    assert bench.browser.tables.state("cases").total == 3
    bench.select("cases", 0, 2)
    assert bench.browser.tables.state("studies").total == 2
    bench.select("studies", 0, 1)
    assert bench.browser.tables.state("series").total == 6


def test_clearing_a_selection_empties_everything_below_it(bench):
    for level in ("collections", "cases", "studies"):
        bench.select(level, 0)
    bench.select("collections")
    for level in ("cases", "studies", "series"):
        assert bench.browser.tables.state(level).phase is Phase.GUIDE
        assert bench.browser.tables.state(level).view is None


def test_another_collection_drops_the_selected_case_before_its_cases_arrive(bench):
    bench.select("collections", 0)
    bench.select("cases", 0)
    bench.browser.tables.select("collections", ((1, 1),))
    assert bench.browser.tables.deepest_selected() == "collections"


def test_views_that_are_left_are_closed_in_the_engine(bench):
    for row in (0, 1, 0):
        bench.select("collections", row)
        bench.select("cases", 0)
    bench.select("collections")
    assert len(bench.catalog.views) == 1


def test_sorting_asks_the_engine_and_keeps_the_selection_and_what_is_below(bench):
    bench.select("collections", 0)
    bench.select("cases", 0)
    studies = bench.browser.tables.state("studies")
    told = []
    bench.browser.tables.reselect.connect(lambda level, ranges: told.append((level, ranges)))
    bench.browser.tables.sort("cases", "PatientID", True)
    bench.settle()
    assert bench.engine.process.calls("catalog.view")[-1]["order_by"] == [["PatientID", "desc"]]
    assert bench.browser.tables.state("cases").selected == ((2, 2),)
    assert told == [("cases", ((2, 2),))]
    assert bench.browser.tables.state("studies") == studies


def test_sorting_a_table_whose_rows_are_all_selected_keeps_them_selected(make_bench):
    from helpers.fake_catalog import FakeCatalog

    bench = make_bench(FakeCatalog(1000)).start()
    bench.select("collections", 0)
    bench.browser.tables.select("cases", ((0, 999),))
    bench.settle()
    studies = bench.browser.tables.state("studies")
    bench.browser.tables.sort("cases", "PatientID", True)
    bench.settle()
    assert bench.browser.tables.state("cases").selected == ((0, 999),)
    assert bench.browser.tables.state("studies") == studies
    assert bench.engine.process.calls("catalog.row_of") == []


def test_the_only_row_that_filters_left_is_the_only_one_selected_when_they_go(bench):
    tables = bench.browser.tables
    tables.set_filters({"collection_id": ["brains"]})
    bench.settle()
    bench.select("collections", 0)
    bench.settle()
    tables.set_filters({})
    bench.settle()
    assert tables.state("collections").total == 2
    assert tables.selected_ids("collections") == ("brains",)


@pytest.mark.parametrize("held", ["catalog.view", "catalog.row_of"])
def test_filters_that_change_again_before_the_selected_rows_are_found_leave_them_selected(bench, held):
    tables = bench.browser.tables
    bench.select("collections", 1)
    bench.select("cases", 1)
    ids = {level: tables.selected_ids(level) for level in ("collections", "cases")}
    assert all(ids.values())
    for filters in ({"Modality": ["CT"]}, {"Modality": ["CT", "SEG"]}, {}):
        bench.engine.process.hold(held)
        tables.set_filters(filters)
        bench.settle()
        assert not tables.selected_ids("collections")
    bench.engine.process.release(held)
    bench.settle()
    assert {level: tables.selected_ids(level) for level in ids} == ids


def test_what_is_selected_before_the_former_rows_are_found_stays(bench):
    tables = bench.browser.tables
    bench.select("collections", 1)
    bench.engine.process.hold("catalog.row_of")
    tables.set_filters({"Modality": ["CT", "SEG"]})
    bench.settle()
    tables.select("collections", ((0, 0),))
    bench.engine.process.release("catalog.row_of")
    bench.settle()
    chosen = tables.selected_ids("collections")
    assert tables.state("collections").selected == ((0, 0),)
    tables.set_filters({})
    bench.settle()
    assert tables.selected_ids("collections") == chosen


def test_a_filter_that_hides_the_selected_row_drops_it_and_what_was_below(bench):
    bench.select("collections", 0)
    bench.select("cases", 0)
    bench.browser.tables.set_filter("cases", "00001")
    bench.settle()
    assert bench.browser.tables.state("cases").total == 1
    assert bench.browser.tables.state("cases").selected == ()
    assert bench.browser.tables.state("studies").phase is Phase.GUIDE


def test_a_filter_without_hits_says_how_to_get_the_rows_back(bench):
    bench.browser.tables.set_filter("collections", "xyz")
    bench.settle()
    assert bench.browser.tables.state("collections").note == 'No rows contain "xyz". Clear the text to show all rows.'


def test_typing_on_cancels_the_question_before(bench):
    bench.engine.process.hold("catalog.view")
    for text in ("l", "lu", "lun"):
        bench.browser.tables.set_filter("collections", text)
    assert bench.engine.process.cancelled == ["catalog.view", "catalog.view"]
    bench.engine.process.release("catalog.view")
    bench.settle()
    assert bench.browser.tables.state("collections").total == 1


def test_an_error_of_the_engine_stands_in_the_table_and_in_a_message(make_bench):
    from helpers.fake_catalog import FakeCatalog

    catalog = FakeCatalog()

    def damaged(_parameters):
        raise CatalogError("The index file is damaged. Install idc-index-data again.")

    catalog.view = damaged
    bench = make_bench(catalog).start()
    assert bench.browser.tables.state("collections").phase is Phase.FAILED
    assert bench.browser.tables.state("collections").note == "The index file is damaged. Install idc-index-data again."
    assert bench.last_message.text == "The index file is damaged. Install idc-index-data again."


def test_tables_and_selections_come_back_after_the_engine_died(bench):
    bench.select("collections", 1)
    bench.select("cases", 2)
    bench.engine.process.alive = False
    bench.settle()
    tables = bench.browser.tables
    assert len(bench.engine.processes) == 2
    assert tables.selected_ids("collections") == ("brains",)
    assert tables.selected_ids("cases") == ("brains/brains-00002",)
    assert tables.state("studies").total == 1
    assert "ended unexpectedly" in bench.last_message.text


def test_a_revealed_path_is_selected_from_the_top_down(bench):
    bench.browser.tables.reveal({"collections": ["brains"], "cases": ["brains/brains-00001"], "studies": ["1.2.6.1"], "series": ["1.2.6.1.1"]})
    bench.settle()
    assert bench.browser.tables.selected_ids("series") == ("1.2.6.1.1",)
    summary = bench.browser.picked.state.summary
    assert summary["series"] - summary["added_series"] == 1


def test_a_selection_of_every_row_is_one_range_for_the_engine(make_bench):
    from helpers.fake_catalog import FakeCatalog

    bench = make_bench(FakeCatalog(1000)).start()
    bench.select("collections", 0)
    bench.browser.tables.select("cases", ((0, 999),))
    assert bench.browser.tables.selection("cases")["ranges"] == [[0, 999]]
    bench.settle()
    assert bench.browser.tables.state("studies").total == 1000
