"""The Downloads page by clicks and keys, on a fake engine."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.downloads.download_state import DownloadPhase
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.task import Progress
from IDCBrowserLib.ui.downloads.downloads_page import DownloadsPage

P = DownloadPhase


class Page:
    """A panel with the page in front; downloads do not end before they are released."""

    def __init__(self, make_bench, catalog=None):
        self.panel = Panel(make_bench(catalog or FakeCatalog(4)), [DownloadsPage])
        self.bench = self.panel.bench
        self.process = self.bench.engine.process
        self.process.hold("transfer.download")
        self.page = next(page for page in self.panel.panel.further if page.name == "downloads")
        self.panel.panel.show_page("downloads")

    def tab(self):
        return self.panel.panel.pages.tabText(1 + self.panel.panel.further.index(self.page))

    def add(self, case):
        self.bench.select("collections", 0)
        self.bench.select("cases", case)
        self.bench.browser.picked.download(False)
        self.panel.settle()

    def release(self):
        self.process.release("transfer.download")
        self.process.hold("transfer.download")
        self.panel.settle()

    def column(self, number, table="downloadsTable"):
        model = self.panel.find(QtWidgets.QTableView, table).model()
        return [model.data(model.index(row, number)) for row in range(model.rowCount())]

    def choose(self, row, table="downloadsTable"):
        self.panel.find(QtWidgets.QTableView, table).selectRow(row)
        self.panel.settle()

    def press(self, name):
        made = self.panel.find(QtWidgets.QAbstractButton, name)
        assert made.isEnabled(), name
        made.click()
        self.panel.settle()

    def enabled(self, name):
        return self.panel.find(QtWidgets.QAbstractButton, name).isEnabled()


@pytest.fixture
def page(app, make_bench):
    made = Page(make_bench)
    yield made
    made.panel.panel.close()
    made.panel.panel.widget.close()


def test_an_empty_page_says_what_to_do(page):
    assert page.panel.find(QtWidgets.QLabel, "downloadsGuide").isVisible()
    assert not page.panel.find(QtWidgets.QWidget, "downloadSeries").isVisible()
    assert page.page.heading() == "Do&wnloads"


def test_the_tab_counts_what_has_not_ended(page):
    page.add(0)
    page.add(1)
    assert page.tab() == "Do&wnloads (2)"
    page.release()
    page.release()
    assert page.tab() == "Do&wnloads"


def test_the_table_shows_what_state_size_speed_and_time_left(page):
    page.add(0)
    page.add(1)
    details = {"series": [], "bytes_per_second": 500_000, "held": ""}
    page.process.progress("transfer.download", Progress("Downloading", 1_200_000, 3_000_000, "B", seconds_left=95, details=details))
    page.panel.settle()
    page.page._redraw()
    assert page.column(0) == ["Lungs/lungs-00000, 3 series", "Lungs/lungs-00001, 3 series"]
    assert page.column(1) == ["Downloading", "Waiting"]
    assert page.column(2) == ["40 %", "0 %"]
    assert page.column(3) == ["1.2 MB of 3.0 MB", "3.0 MB"]
    assert page.column(4) == ["500 kB/s", "-"]
    assert page.column(5) == ["1 min 40 s", "-"]


def test_many_moments_of_progress_are_drawn_seldom_and_another_state_at_once(page):
    page.add(0)
    drawn = []
    page.page._model.dataChanged.connect(lambda *_cells: drawn.append(1))
    for number in range(50):
        progress = Progress("Downloading", number, 3_000_000, "B", details={"held": ""})
        page.process.progress("transfer.download", progress)
        page.bench.engine.settle()
    assert len(drawn) <= 1
    page.press("downloadPause")
    assert page.column(1) == ["Paused"]


def test_pause_becomes_resume_and_space_does_the_same(page):
    page.add(0)
    page.press("downloadPause")
    assert page.panel.button("downloadPause").text() == "Res&ume"
    page.press("downloadPause")
    assert page.column(1) == ["Downloading"]
    page.panel.activate()
    table = page.panel.find(QtWidgets.QTableView, "downloadsTable")
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert page.column(1) == ["Paused"]


def test_what_waits_is_moved_up_and_keeps_being_chosen(page):
    for case in range(4):
        page.add(case)
    page.choose(3)
    page.press("downloadUp")
    assert [text.split(",")[0] for text in page.column(0)] == [f"Lungs/lungs-0000{case}" for case in (0, 1, 3, 2)]
    page.press("downloadTop")
    assert [text.split(",")[0] for text in page.column(0)] == [f"Lungs/lungs-0000{case}" for case in (0, 3, 1, 2)]
    assert not page.enabled("downloadTop") and not page.enabled("downloadUp")


def test_the_series_of_the_chosen_download_are_listed_and_taken_out_of_it(page):
    page.add(0)
    page.add(1)
    page.choose(1)
    assert page.column(2, "downloadSeriesTable") == ["CT", "SEG", "RTSTRUCT"]
    assert not page.enabled("downloadCancelSeries")
    page.choose(2, "downloadSeriesTable")
    page.press("downloadCancelSeries")
    assert page.process.calls("transfer.cancel_series") == [{"job": "2", "series": ["uuid-1.2.5.1.2"]}]


def test_what_has_ended_is_removed_by_a_key_and_what_moves_is_not(page):
    page.add(0)
    page.release()
    page.add(1)
    page.panel.activate()
    table = page.panel.find(QtWidgets.QTableView, "downloadsTable")
    table.setFocus()
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    page.panel.settle()
    assert page.column(0) == ["Lungs/lungs-00001, 3 series"]


def test_the_folder_is_shown_or_the_one_above_it_that_is_there(page, tmp_path):
    page.add(0)
    row = page.bench.browser.downloads.find(page.bench.browser.downloads.rows[0].key)
    row._show(folder=str(tmp_path / "not" / "yet"))
    page.page._redraw()
    page.press("downloadShowFolder")
    assert QtCore.QUrl(page.bench.host.opened[-1]).toLocalFile() == str(tmp_path)


def test_remarks_that_no_series_of_the_list_shows_are_below_it(page):
    download = page.process.handlers["transfer.download"]
    page.process.handlers["transfer.download"] = lambda parameters: {**download(parameters), "warnings": ["One image is not in IDC."]}
    page.add(0)
    page.release()
    assert "One image is not in IDC." in page.panel.find(QtWidgets.QTextBrowser, "downloadNotes").toPlainText()


def test_a_download_of_very_many_series_asks_for_a_few_pages_of_them(app, make_bench):
    page = Page(make_bench, FakeCatalog(3_000))
    page.bench.select("collections", 0)
    page.bench.browser.picked.download(False)
    page.panel.settle()
    model = page.panel.find(QtWidgets.QTableView, "downloadSeriesTable").model()
    assert model.rowCount() == 9_000
    page.panel.panel.widget.grab()
    page.panel.settle()
    assert len(page.process.calls("transfer.series")) <= 3
    assert model.data(model.index(8_999, 2)) == "..."
    page.panel.settle()
    assert model.data(model.index(8_999, 2)) == "RTSTRUCT"
    page.panel.panel.close()


def test_the_offer_of_the_last_time_leads_to_the_page(app, make_bench):
    catalog = FakeCatalog()
    catalog.downloads.unfinished = [{"job": "7", "to": "/there", "series_count": 3, "begun": 1.0, "about": {}}]
    page = Page(make_bench, catalog)
    page.panel.panel.show_page("browse")
    page.panel.settle()
    page.press("messageAction")
    assert page.page.widget.isVisible()
    assert page.column(1) == ["Interrupted"]
    page.panel.panel.close()


def test_the_downloads_page_keeps_within_a_narrow_dock(page):
    page.add(0)
    assert page.page.widget.minimumSizeHint().width() <= 320
