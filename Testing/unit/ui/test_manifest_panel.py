from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel

from IDCBrowserLib.qtbinding import QtWidgets

MANIFEST = "/home/someone/portal.s5cmd"


@pytest.fixture
def panel(app, bench):
    bench.catalog.selection.manifests[MANIFEST] = ["1.2.6.0.0", "1.2.6.0.1"]
    bench.catalog.selection.unresolved = [
        {"source": MANIFEST, "line": 7, "text": "rm s3://idc-open-data/x/*", "reason": "only downloads are accepted in a manifest"},
        {"source": "/home/someone/bad.s5cmd", "line": None, "text": "", "reason": "the file names no series"},
    ]
    bench.catalog.selection.unreadable["/home/someone/photo.txt"] = "photo.txt is not a text file; choose a manifest."
    panel = Panel(bench, [])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def open_manifest(panel, path=MANIFEST):
    panel.bench.browser.opened_set.open_sources([path])
    panel.settle()


def test_an_opened_manifest_shows_what_it_means_and_downloads_nothing(panel):
    open_manifest(panel)
    assert panel.text("selectionTotal") == "2 series, 2.0 MB"
    assert panel.text("selectionLevels") == "From portal.s5cmd. Nothing has been downloaded yet. 1 line skipped, see Results"
    assert panel.text("noncommercialText") == "No commercial use: CC BY-NC 4.0 (2 series)"
    assert panel.find(QtWidgets.QLabel, "noncommercialIcon").isVisible()
    assert panel.button("downloadButton").isEnabled()
    assert panel.bench.engine.process.calls("transfer.download") == []


def test_lines_that_name_nothing_are_listed_with_number_and_reason(panel):
    open_manifest(panel)
    results = panel.find(QtWidgets.QTextBrowser, "results")
    assert results.isVisible()
    assert panel.panel.tabs.tabText(2) == "&Results (1 skipped)"
    text = results.toPlainText()
    assert "portal.s5cmd, line 7" in text
    assert "rm s3://idc-open-data/x/*: only downloads are accepted in a manifest" in text


def test_while_it_is_looked_up_the_buttons_wait(panel):
    panel.bench.engine.process.hold("selection.plan")
    open_manifest(panel)
    assert panel.text("selectionTotal") == "Looking up portal.s5cmd..."
    assert not panel.button("downloadButton").isEnabled()
    assert "still being looked up" in panel.button("downloadButton").property("toolTip")


def test_the_download_takes_the_plan_and_its_remarks_stay_in_the_results(panel, tmp_path):
    panel.bench.catalog.downloads.directory = str(tmp_path)
    open_manifest(panel)
    panel.button("downloadAndLoadButton").click()
    panel.settle()
    # A copy of the plan, which the engine forgets once the download is queued; the one in the panel can be downloaded again.
    assert panel.bench.engine.process.calls("selection.plan")[1:] == [{"plan": 1}]
    assert panel.bench.engine.process.calls("transfer.enqueue")[0]["plan"] == 2
    assert list(panel.bench.catalog.selection.plans) == [1]
    assert panel.text("messageText") == "Done: 2 series downloaded and loaded. See the notes under Results."
    assert "portal.s5cmd, line 7" in panel.find(QtWidgets.QTextBrowser, "results").toPlainText()


def test_clear_forgets_the_manifest(panel):
    open_manifest(panel)
    assert panel.button("clearPlanButton").isVisible()
    panel.button("clearPlanButton").click()
    assert panel.text("selectionTotal") == "Nothing selected"
    assert not panel.button("clearPlanButton").isVisible()
    assert not panel.button("downloadButton").isEnabled()
    assert panel.find(QtWidgets.QTextBrowser, "results").toPlainText() == ""
    assert panel.panel.tabs.tabText(2) == "&Results"


def test_selecting_rows_takes_what_of_them_the_manifest_names_and_the_other_way_round(panel):
    panel.click_row("collections", 0)
    open_manifest(panel)
    assert panel.text("selectionTotal") == "2 series, 2.0 MB"
    assert panel.bench.browser.tables.deepest_selected() is None
    assert panel.text("casesGuide") == "Select a collection to see its cases."
    panel.click_row("collections", 0)
    assert panel.bench.browser.tables.deepest_selected() == "collections"
    assert panel.text("selectionTotal") == "2 series, 2.0 MB"
    assert not panel.button("clearPlanButton").isVisible()


def test_a_manifest_that_names_nothing_says_so_once_and_in_place(panel):
    open_manifest(panel, "/home/someone/bad.s5cmd")
    assert panel.text("messageText") == "Error: bad.s5cmd contains nothing to download. First reason: the file names no series."
    assert panel.text("selectionTotal") == "bad.s5cmd contains nothing to download."
    assert not panel.button("downloadButton").isEnabled()


def test_a_file_that_is_no_text_leaves_nothing_behind(panel):
    open_manifest(panel, "/home/someone/photo.txt")
    assert panel.text("messageText") == "Error: photo.txt is not a text file; choose a manifest."
    assert panel.text("selectionTotal") == "Nothing selected"


def test_after_the_engine_died_the_manifest_is_looked_up_again(panel):
    open_manifest(panel)
    panel.bench.engine.process.alive = False
    panel.settle()
    assert panel.text("selectionTotal") == "2 series, 2.0 MB"
    assert panel.bench.engine.process.calls("selection.plan") == [{"sources": [MANIFEST]}]


def test_more_series_than_can_be_shown_are_only_downloaded(panel):
    panel.bench.catalog.selection.manifests[MANIFEST] = [row["SeriesInstanceUID"] for row in panel.bench.catalog.rows["series"]]
    panel.bench.browser.opened_set.open_sources([MANIFEST])
    panel.settle()
    document = panel.bench.browser.plan.state.document
    document["series_count"] = 1_000_000
    assert "At most 50 series" in panel.bench.browser.picked.why_not_download(True)
    assert panel.bench.browser.picked.why_not_download(False) == ""


def test_what_was_selected_at_the_last_start_does_not_replace_a_manifest_opened_meanwhile(app, make_bench):
    from helpers.fake_catalog import FakeCatalog

    catalog = FakeCatalog()
    catalog.selection.manifests[MANIFEST] = ["1.2.6.0.0", "1.2.6.0.1"]
    bench = make_bench(catalog)
    bench.browser.tables.reveal({"collections": [catalog.rows["collections"][0]["collection_id"]]})
    bench.engine.process.hold("catalog.row_of")
    bench.settle()
    bench.browser.opened_set.open_sources([MANIFEST])
    bench.settle()
    bench.engine.process.release("catalog.row_of")
    bench.settle()
    assert bench.browser.plan.state.document["series_count"] == 2
    assert bench.browser.tables.selection("collections") is None
