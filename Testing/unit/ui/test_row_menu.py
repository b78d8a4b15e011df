from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_storage import series_row
from helpers.panel import Panel

from IDCBrowserLib.host_interface import Capability
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.storage.storage_page import StoragePage


class MenuHands(Panel):
    def trigger(self, view, text):
        found = self.find(QtWidgets.QAbstractItemView, view)
        next(action for action in found.actions() if action.text().replace("&", "") == text).trigger()
        self.settle()

    def choose_stored(self):
        self.bench.browser.show_page("storage")
        self.settle()
        view = self.find(QtWidgets.QTreeView, "storageSeries")
        for _depth in range(3):
            view.expandAll()
            self.settle()
        view.selectionModel().select(
            view.model().index(0, 0, self.stored_study()),
            QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect | QtCore.QItemSelectionModel.SelectionFlag.Rows,
        )
        self.settle()

    def stored_study(self):
        model = self.find(QtWidgets.QTreeView, "storageSeries").model()
        return model.index(0, 0, model.index(0, 0, model.index(0, 0, QtCore.QModelIndex())))


@pytest.fixture
def hands(app, bench):
    hands = MenuHands(bench, [StoragePage])
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def clipboard():
    return QtWidgets.QApplication.clipboard().text()


def test_a_row_of_the_tables_shows_its_folder(hands):
    hands.click_row("collections", 0)
    hands.trigger("collectionsTable", "Show folder")
    assert hands.bench.host.opened == ["file:///downloads/lungs"]


def test_what_is_not_here_has_no_folder_and_says_so(hands):
    hands.bench.catalog.storage.folder = ""
    hands.click_row("collections", 0)
    hands.trigger("collectionsTable", "Show folder")
    assert hands.bench.host.opened == []
    assert hands.bench.last_message.text == "There are no files of these rows on this computer. Download them first."


def test_where_nothing_can_be_opened_the_folder_is_named(hands):
    hands.bench.host.capabilities = hands.bench.host.capabilities - {Capability.OPEN_LINKS}
    hands.click_row("collections", 0)
    hands.trigger("collectionsTable", "Show folder")
    assert hands.bench.last_message.text == "The files are in /downloads/lungs."


def test_relations_are_downloaded_cited_and_copied_from_their_menu(hands):
    for level in ("collections", "cases", "studies", "series"):
        hands.click_row(level, 0)
    view = hands.find(QtWidgets.QTableView, "relatedTable")
    hands.trigger("relatedTable", "Copy UIDs")
    assert hands.bench.last_message.text == "Select a row first."
    view.selectRow(0)
    uid = view.model().related[0]["SeriesInstanceUID"]
    hands.trigger("relatedTable", "Copy UIDs")
    assert clipboard() == uid
    hands.trigger("relatedTable", "Copy citations")
    assert clipboard() == "1. A paper."
    hands.trigger("relatedTable", "Open in the web viewer (OHIF or Slim)")
    assert hands.bench.host.opened == ["https://example.org/page"]
    hands.trigger("relatedTable", "Download")
    planned = [params for method, params in hands.bench.engine.process.asked if method == "selection.plan"]
    assert planned[-1]["selections"] == [{"level": "series", "ids": [uid]}]


def test_stored_series_are_loaded_without_the_network_and_their_folder_is_shown(hands):
    hands.choose_stored()
    folder = hands.find(QtWidgets.QPushButton, "storageFolderButton")
    load = hands.find(QtWidgets.QPushButton, "storageLoadButton")
    assert folder.isEnabled() and load.isEnabled()
    folder.click()
    hands.settle()
    assert hands.bench.host.opened == ["file:///downloads/lungs"]
    load.click()
    hands.settle()
    asked = [method for method, _params in hands.bench.engine.process.asked]
    assert "store.series_below" in asked and "transfer.download" not in asked
    hands.trigger("storageSeries", "Copy UIDs")
    assert clipboard().startswith("1.2.")


def test_of_stored_rows_only_the_selected_ones_are_loaded(hands):
    hands.bench.catalog.storage.below[("lungs", "P1", "1.9")] += [series_row("CT c")]
    hands.choose_stored()
    view = hands.find(QtWidgets.QTreeView, "storageSeries")
    flags = QtCore.QItemSelectionModel.SelectionFlag
    view.selectionModel().select(view.model().index(1, 0, hands.stored_study()), flags.Select | flags.Rows)
    hands.find(QtWidgets.QPushButton, "storageLoadButton").click()
    hands.settle()
    folders = ["/downloads/CT a", "/downloads/MR b"]
    assert hands.bench.host.store.imported == folders
    assert hands.bench.engine.process.calls("store.series_below") == [{"database": "/database", "folders": folders}]


def test_a_stored_study_is_loaded_whole_its_folder_shown_and_its_uid_copied(hands):
    hands.choose_stored()
    view = hands.find(QtWidgets.QTreeView, "storageSeries")
    flags = QtCore.QItemSelectionModel.SelectionFlag
    view.selectionModel().select(hands.stored_study(), flags.ClearAndSelect | flags.Rows)
    hands.settle()
    hands.find(QtWidgets.QPushButton, "storageFolderButton").click()
    hands.settle()
    assert hands.bench.engine.process.calls("store.folder")[-1]["nodes"] == [["lungs", "P1", "1.9"]]
    hands.find(QtWidgets.QPushButton, "storageLoadButton").click()
    hands.settle()
    assert hands.bench.host.store.imported == ["/downloads/CT a", "/downloads/MR b"]
    hands.trigger("storageSeries", "Copy UIDs")
    assert clipboard() == "1.9"


def test_more_stored_series_than_can_be_loaded_are_refused_before_anything_is_done(hands):
    hands.choose_stored()
    hands.bench.engine.process.handlers["store.directories"] = lambda _params: {"directories": [f"/downloads/{number}" for number in range(51)]}
    hands.find(QtWidgets.QPushButton, "storageLoadButton").click()
    hands.settle()
    assert hands.bench.last_message.text == "At most 50 series can be loaded at once. Select fewer rows."
    assert hands.bench.host.store.imported == []


def choose_series(hands):
    for level in ("collections", "cases", "studies", "series"):
        hands.click_row(level, 0)
    return hands.bench.browser.tables.selected_ids("series")[0]


def test_a_series_in_the_scene_is_marked_and_its_row_leads_to_the_views(hands):
    uid = choose_series(hands)
    hands.bench.host.loader.put_into_scene(uid)
    hands.settle()
    view = hands.table("series")
    index = view.model().index(0, 0)
    assert index.data() == "Loaded" and not index.data(QtCore.Qt.ItemDataRole.DecorationRole).isNull(), "a text for screen readers, too"
    assert "Show in the views" in index.data(QtCore.Qt.ItemDataRole.ToolTipRole)
    hands.trigger("seriesTable", "Show in the views")
    assert hands.bench.host.loader.shown == [uid]
    hands.bench.host.loader.clear_scene()
    hands.settle()
    assert index.data() != "Loaded"


def test_a_series_that_is_not_loaded_leads_nowhere_and_says_so(hands):
    choose_series(hands)
    hands.trigger("seriesTable", "Show in the views")
    assert hands.bench.host.loader.shown == []
    assert hands.bench.last_message.text == 'This series is not loaded. "Download and load" brings it into the views.'


def test_a_closed_browser_no_longer_listens_to_the_scene(hands):
    uid = choose_series(hands)
    hands.bench.browser.close()
    hands.bench.host.loader.put_into_scene(uid)
    assert hands.bench.browser.statuses.of(uid).text != "Loaded"
