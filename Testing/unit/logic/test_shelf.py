"""One table at a time: which one is in sight, how one got there, and the way back."""

from __future__ import annotations

from helpers.fake_catalog import FakeCatalog

from IDCBrowserLib.logic.session_restore import restore_place, save_place


def texts(bench):
    return [crumb.text for crumb in bench.browser.shelf.crumbs]


def test_the_collections_come_first(bench):
    assert bench.browser.shelf.level == "collections" and bench.browser.shelf.below == "cases"
    assert texts(bench) == ["IDC"]


def test_opening_what_is_selected_goes_down_and_the_path_grows(bench):
    bench.select("collections", 1)
    assert bench.browser.shelf.level == "collections", "selecting alone goes nowhere"
    bench.browser.shelf.open()
    assert bench.browser.shelf.level == "cases"
    assert texts(bench) == ["IDC", "Brains"]
    bench.select("cases", 0, 2)
    bench.browser.shelf.open()
    bench.settle()
    assert bench.browser.shelf.level == "studies" and texts(bench) == ["IDC", "Brains", "2 cases"]


def test_nothing_is_opened_without_a_selection(bench):
    bench.browser.shelf.open()
    assert bench.browser.shelf.level == "collections"


def test_the_only_study_of_a_case_opens_its_series_and_is_passed_over_on_the_way_back(bench):
    bench.select("collections", 0)
    bench.browser.shelf.open()
    bench.select("cases", 0)
    bench.browser.shelf.open()
    bench.settle()
    assert bench.browser.shelf.level == "series"
    assert bench.browser.tables.deepest_selected() == "studies"
    bench.browser.shelf.back()
    assert bench.browser.shelf.level == "cases" and bench.browser.tables.deepest_selected() == "cases"


def test_going_back_selects_what_one_came_from_and_nothing_below(bench):
    for level in ("collections", "cases", "studies", "series"):
        bench.select(level, 0)
    assert bench.browser.shelf.level == "series", "what is selected is in sight"
    told = []
    bench.browser.tables.reselect.connect(lambda level, ranges: told.append((level, ranges)))
    bench.browser.shelf.show("cases")
    assert bench.browser.shelf.level == "cases" and bench.browser.tables.deepest_selected() == "cases"
    assert told == [("studies", ())]
    bench.browser.shelf.show("collections")
    assert texts(bench) == ["IDC"] and bench.browser.tables.deepest_selected() == "collections"


def test_a_table_that_nothing_fills_any_more_is_left(bench):
    bench.select("collections", 0)
    bench.browser.shelf.open()
    bench.browser.tables.clear_selection()
    assert bench.browser.shelf.level == "collections"


def test_an_opened_list_is_seen_from_its_collections_also_when_filters_were_just_reset(bench):
    bench.browser.filters.toggle("collection_id", "lungs")
    bench.settle()
    bench.select("collections", 0)
    bench.browser.shelf.open()
    bench.select("cases", 0)
    bench.browser.filters.reset()
    bench.browser.opened_set.open_sources(["lungs-00001"])
    bench.settle()
    assert bench.browser.tables.is_settled and bench.browser.tables.deepest_selected() is None
    assert bench.browser.shelf.level == "collections"


def test_filters_leave_one_where_one_is_while_its_rows_are_found_again(bench):
    bench.select("collections", 1)
    bench.browser.shelf.open()
    bench.browser.filters.choose({"collection_id": ["brains"]})
    bench.settle()
    assert bench.browser.shelf.level == "cases" and texts(bench) == ["IDC", "Brains"]
    bench.browser.filters.choose({"collection_id": ["lungs"]})
    bench.settle()
    assert bench.browser.shelf.level == "collections", "the collection is not there any more"


def test_something_that_was_found_is_in_sight(bench):
    bench.browser.tables.reveal({"collections": ["brains"], "cases": ["brains/brains-00001"]})
    bench.settle()
    assert bench.browser.shelf.level == "cases" and texts(bench) == ["IDC", "Brains"]
    bench.browser.tables.reveal({"collections": ["lungs"]})
    bench.settle()
    assert bench.browser.shelf.level == "collections"


def test_the_other_kind_of_first_table_starts_anew(bench):
    bench.select("collections", 0)
    bench.browser.shelf.open()
    bench.browser.tables.set_top("analysis_results")
    bench.settle()
    assert bench.browser.shelf.level == "analysis_results"


def test_the_next_start_shows_the_same_table_in_the_same_order(make_bench):
    first = make_bench(FakeCatalog())
    first.start()
    first.select("collections", 1)
    first.browser.shelf.open()
    first.browser.tables.sort("cases", "PatientAge", True)
    first.settle()
    save_place(first.host.settings, first.browser.tables, first.browser.filters, first.browser.shelf)
    second = make_bench(FakeCatalog())
    second.start()
    restore_place(first.host.settings, second.browser.tables, second.browser.filters, second.browser.shelf)
    second.settle()
    assert second.browser.shelf.level == "cases" and texts(second) == ["IDC", "Brains"]
    assert second.browser.tables.state("cases").order == ("PatientAge", True)


def test_a_damaged_place_starts_at_the_collections(make_bench):
    bench = make_bench(FakeCatalog())
    bench.host.settings.set_value("Place", '{"level": "nowhere", "orders": {"cases": ["Nothing", true], "series": 5}}')
    bench.start()
    bench.settle()
    assert bench.browser.shelf.level == "collections" and bench.browser.tables.state("cases").order is None
