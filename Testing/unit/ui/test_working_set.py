from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.picking.cart_page import CartPage
from IDCBrowserLib.ui.summary.summary_page import SummaryPage

MANIFEST = "/home/someone/cart.s5cmd"


@pytest.fixture
def panel(app, bench):
    bench.catalog.selection.manifests[MANIFEST] = ["1.2.6.0.0", "1.2.6.0.1", "1.2.5.1.0"]
    bench.catalog.selection.unresolved = [{"source": MANIFEST, "line": 7, "text": "gone", "reason": "no series has this name"}]
    panel = Panel(bench, [SummaryPage, CartPage])
    panel.panel.widget.resize(1280, 720)
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def open_manifest(panel, path=MANIFEST):
    panel.bench.browser.opened_set.open_sources([path])
    panel.settle()


def chip(panel):
    return panel.find(QtWidgets.QToolButton, "workingSetChip")


def click(panel, button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.settle()


def series_in(panel, collection):
    panel.click_row("collections", collection)
    panel.table("cases").selectAll()
    panel.settle()
    panel.table("studies").selectAll()
    panel.settle()
    rows = panel.bench.browser.tables.rows("series")
    return {str(rows.value(row, "SeriesInstanceUID")) for _number, row in rows.loaded()}


def test_a_chip_names_an_opened_manifest_and_the_tables_keep_to_it(panel):
    open_manifest(panel)
    assert chip(panel).isVisible() and chip(panel).text() == "Only cart.s5cmd, 3 series  ×"
    assert panel.text("filtersTotals") == "= 2 cases (2 studies, 3 series, 1.0 MB)"
    assert series_in(panel, 0) | series_in(panel, 1) == {"1.2.6.0.0", "1.2.6.0.1", "1.2.5.1.0"}


def test_its_chip_shows_everything_again(panel):
    open_manifest(panel)
    click(panel, chip(panel))
    assert not chip(panel).isVisible()
    assert panel.text("selectionTotal") == "Nothing selected"
    assert len(series_in(panel, 0)) == 9
    assert panel.bench.catalog.tables.sets == {}


def test_filters_work_inside_it_and_reset_stays_inside(panel):
    open_manifest(panel)
    panel.bench.browser.filters.choose({"Modality": ["SEG"]})
    panel.settle()
    assert panel.bench.browser.tables.state("collections").total == 1
    click(panel, panel.button("resetFiltersButton"))
    assert panel.bench.browser.tables.state("collections").total == 2
    assert chip(panel).isVisible()


def test_all_of_it_is_what_download_takes_until_a_part_of_it_is_selected(panel):
    open_manifest(panel)
    assert panel.text("selectionTotal") == "3 series, 3.0 MB"
    panel.click_row("collections", 0)
    assert panel.text("selectionTotal") in ("2 series, 2.0 MB", "1 series, 1.0 MB")
    panel.table("collections").clearSelection()
    panel.settle()
    assert panel.text("selectionTotal") == "3 series, 3.0 MB"


def test_what_was_not_found_is_one_click_away(panel):
    open_manifest(panel)
    missing = panel.find(QtWidgets.QToolButton, "workingSetMissing")
    panel.panel.tabs.setCurrentIndex(0)
    assert missing.text() == "1 not found"
    click(panel, missing)
    results = panel.find(QtWidgets.QTextBrowser, "results")
    assert results.isVisible() and "cart.s5cmd, line 7" in results.toPlainText()


def test_what_was_not_found_is_one_click_away_from_the_summary_as_well(panel):
    open_manifest(panel)
    panel.panel.tabs.setCurrentIndex(0)
    panel.panel.show_page("summary")
    panel.settle()
    click(panel, panel.find(QtWidgets.QToolButton, "summaryworkingSetMissing"))
    results = panel.find(QtWidgets.QTextBrowser, "results")
    assert panel.panel.pages.currentIndex() == 0
    assert results.isVisible() and "cart.s5cmd, line 7" in results.toPlainText()


def test_the_cart_is_shown_as_a_working_set(panel):
    panel.bench.catalog.cart.entries = [("cases", "lungs/lungs-00001")]
    panel.panel.show_page("cart")
    panel.settle()
    click(panel, panel.button("cartShowAllButton"))
    assert panel.panel.pages.currentIndex() == 0
    assert chip(panel).text() == "Only the cart, 3 series  ×"
    assert panel.bench.browser.tables.state("collections").total == 1


def test_it_is_neither_saved_with_a_search_nor_kept_for_the_next_start(panel):
    open_manifest(panel)
    panel.bench.browser.filters.choose({"Modality": ["CT"]})
    panel.settle()
    assert panel.bench.browser.searches.current().filters == {"Modality": ["CT"]}
    panel.bench.browser.searches.record()
    assert all("working_set" not in search.filters for _at, search in panel.bench.browser.searches.history())
    panel.bench.browser.close()
    assert "working_set" not in panel.bench.host.settings.value("Place", "")


def test_something_picked_elsewhere_leaves_it(panel):
    from IDCBrowserLib.logic.base.state import Hit

    open_manifest(panel)
    panel.bench.browser.pick(Hit("cases", ("lungs/lungs-00002",), "", ""))
    for _round in range(3):
        panel.settle()
    assert not chip(panel).isVisible()
    assert panel.bench.browser.tables.selected_ids("cases") == ("lungs/lungs-00002",)


def test_after_the_engine_died_it_is_looked_up_again(panel):
    open_manifest(panel)
    panel.bench.engine.process.alive = False
    panel.settle()
    panel.settle()
    assert chip(panel).text() == "Only cart.s5cmd, 3 series  ×"
    assert panel.bench.browser.tables.state("collections").total == 2


def test_a_very_large_one_is_not_planned_before_somebody_asks(panel, monkeypatch):
    monkeypatch.setattr("IDCBrowserLib.logic.picking.opened_set._MAX_PLANNED", 2)
    open_manifest(panel)
    assert chip(panel).isVisible()
    assert panel.bench.engine.process.calls("selection.plan") == []
    panel.click_row("collections", 0)
    assert panel.button("downloadButton").isEnabled()


def test_rows_selected_before_its_plan_arrives_are_all_that_download_takes(panel):
    panel.bench.engine.process.hold("selection.plan")
    open_manifest(panel)
    panel.click_row("collections", 0)
    panel.bench.engine.process.release("selection.plan")
    panel.settle()
    assert panel.text("selectionTotal") in ("2 series, 2.0 MB", "1 series, 1.0 MB")
    panel.button("downloadButton").click()
    panel.settle()
    assert [params.get("plan") for params in panel.bench.engine.process.calls("selection.plan")[1:]] == [None]
    panel.table("collections").clearSelection()
    panel.settle()
    assert panel.text("selectionTotal") == "3 series, 3.0 MB"


def test_content_chosen_for_a_part_of_it_holds_for_all_of_it_too(panel):
    open_manifest(panel)
    panel.click_row("collections", 0)
    panel.bench.browser.picked.choose(preset="modality:SEG")
    panel.settle()
    panel.table("collections").clearSelection()
    panel.settle()
    assert panel.bench.engine.process.calls("selection.plan")[-1] == {"plan": 1, "content": {"preset": "modality:SEG"}}


def test_it_is_open_for_figures_and_comparisons_while_rows_are_selected_in_it(panel):
    browser = panel.bench.browser
    panel.bench.catalog.selection.manifests["/data/my.lock.json"] = ["1.2.6.0.0"]
    open_manifest(panel, "/data/my.lock.json")
    panel.click_row("collections", 0)
    browser.figures.watch(True)
    browser.figures.choose("list")
    panel.settle()
    assert browser.figures.state.counts is not None and browser.figures.state.note == ""
    assert browser.changes.opened_lock_file == "/data/my.lock.json"
