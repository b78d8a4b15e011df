"""The page "Storage" and its controller: what is listed, what is asked before anything goes, and what is said afterwards."""

from __future__ import annotations

import pytest
from helpers.fake_host import FakeEngine, FakeHost
from helpers.fake_storage import NODES, FakeStorage
from PySide6 import QtTest

from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.logic.base.collection_names import know
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.task import Progress
from IDCBrowserLib.ui.storage.storage_page import StoragePage


class Engine(FakeStorage):
    """What the engine answers; tests change it."""

    def __init__(self):
        super().__init__()
        self.engine = FakeEngine({**self.handlers(), "transfer.pause": lambda _p: {"jobs": []}})


class Bench:
    def __init__(self, app):
        self.answers = Engine()
        self.host = FakeHost()
        self.deferred = []
        self.browser = Browser(self.answers.engine.client, self.host, self.deferred.append)
        self.storage = self.browser.storage
        self.page = StoragePage(self.browser)
        self.page.widget.resize(700, 600)
        self.page.widget.show()
        self.said = []
        self.browser.message.connect(lambda message: self.said.append(message) if message is not None else None)

    def settle(self):
        for _ in range(4):
            self.answers.engine.settle()
            while self.deferred:
                self.deferred.pop(0)()
        QtCore.QCoreApplication.processEvents()

    def look(self):
        self.page.shown()
        self.settle()
        return self

    def find(self, name, kind=QtWidgets.QWidget):
        return self.page.widget.findChild(kind, name)

    def press(self, name):
        assert self.find(name).isEnabled(), name
        QtTest.QTest.mouseClick(self.find(name), Qt.MouseButton.LeftButton)
        self.settle()

    def text(self, name):
        return self.find(name).property("text")

    def open_all(self):
        view = self.find("storageSeries", QtWidgets.QTreeView)
        for _ in range(4):
            view.expandAll()
            self.settle()
        return view

    def select(self, name, *path):
        view = self.find(name, QtWidgets.QTreeView)
        model, index = view.model(), QtCore.QModelIndex()
        for number in path:
            index = model.index(number, 0, index)
        view.selectionModel().select(index, QtCore.QItemSelectionModel.SelectionFlag.ClearAndSelect | QtCore.QItemSelectionModel.SelectionFlag.Rows)
        self.settle()

    def cells(self, name, *path):
        model, index = self.find(name, QtWidgets.QTreeView).model(), QtCore.QModelIndex()
        for number in path[:-1]:
            index = model.index(number, 0, index)
        return [model.data(model.index(path[-1], column, index)) for column in range(model.columnCount())]


@pytest.fixture
def bench(app):
    return Bench(app).look()


def test_collections_open_into_cases_studies_and_series_with_their_sizes(bench):
    assert bench.cells("storageSeries", 0) == ["lungs", "In database", "2", "10", "5.0 MB"]
    bench.open_all()
    assert bench.cells("storageSeries", 0, 0, 0) == ["2008-09-18 Chest", "In database", "2", "10", "5.0 MB"]
    assert bench.cells("storageSeries", 0, 0, 0, 0) == ["CT a", "In database", "-", "5", "2.5 MB"]
    assert bench.cells("storageSeries", 0, 0, 0, 1)[1] == "Older version, in database"
    assert "9.0 GB free" in bench.text("storageSummary") and "5.0 MB in 2 series" in bench.text("storageSummary")
    assert bench.find("storageTabs", QtWidgets.QTabWidget).tabText(1) == "To clean &up (3)"


def test_a_collection_is_listed_by_its_name_with_its_id_as_tip(app):
    know({"lungs": "Lung CT"})
    bench = Bench(app).look()
    know({})
    model = bench.find("storageSeries", QtWidgets.QTreeView).model()
    tip = model.data(model.index(0, 0), int(Qt.ItemDataRole.ToolTipRole))
    assert bench.cells("storageSeries", 0)[0] == "Lung CT" and "lungs" in tip


def test_rows_are_sorted_by_the_values_of_a_column(bench):
    view = bench.open_all()
    view.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert bench.cells("storageSeries", 0, 0, 0, 0)[0] == "MR b"
    view.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert bench.cells("storageSeries", 0, 0, 0, 0)[0] == "CT a"


def test_what_is_open_stays_open_after_another_look(bench):
    view = bench.open_all()
    bench.press("storageRefreshButton")
    assert view.isExpanded(view.model().index(0, 0)) and bench.cells("storageSeries", 0, 0, 0, 0)[0] == "CT a"
    assert [call["again"] for call in bench.answers.engine.process.calls("store.inventory")] == [False, True]


def test_closing_and_opening_a_row_again_keeps_what_is_below_it(bench):
    view = bench.open_all()
    for _ in range(2):
        view.collapseAll()
        view.expandAll()
        bench.settle()
    case = view.model().index(0, 0, view.model().index(0, 0))
    study = view.model().index(0, 0, case)
    assert view.model().rowCount(study) == 2 and len(bench.answers.engine.process.calls("store.inventory_rows")) == 3


def test_a_lone_study_opens_with_its_case_and_one_without_a_name_is_shown_by_its_uid(bench):
    bench.answers.below[("lungs", "P1")][0].update(name="", date="")
    view = bench.find("storageSeries", QtWidgets.QTreeView)
    case = view.model().index(0, 0, view.model().index(0, 0))
    view.expand(case)
    bench.settle()
    assert view.isExpanded(view.model().index(0, 0, case))
    assert bench.cells("storageSeries", 0, 0, 0)[0] == "1.9" and bench.cells("storageSeries", 0, 0, 0, 1)[0] == "MR b"


def test_a_lone_study_that_was_closed_stays_closed_when_the_page_is_filled_again(bench):
    view = bench.find("storageSeries", QtWidgets.QTreeView)

    def case():
        return view.model().index(0, 0, view.model().index(0, 0))

    view.expand(case())
    bench.settle()
    view.collapse(view.model().index(0, 0, case()))
    bench.press("storageRefreshButton")
    bench.settle()
    assert view.isExpanded(case()) and not view.isExpanded(view.model().index(0, 0, case()))
    view.expand(view.model().index(0, 0, case()))
    bench.press("storageRefreshButton")
    bench.settle()
    assert view.isExpanded(view.model().index(0, 0, case()))


def test_a_study_is_removed_as_a_whole(bench):
    bench.open_all()
    bench.select("storageSeries", 0, 0, 0)
    assert bench.text("storageChosen") == "Selected: 2 series, 10 files, 5.0 MB"
    bench.press("storageRemoveButton")
    bench.press("storageConfirmButton")
    assert bench.host.store.removed == [{"inventory": 1, "nodes": [NODES[2]]}]


def test_nothing_goes_before_the_question_is_answered(bench):
    bench.open_all()
    bench.select("storageSeries", 0, 0, 0, 0)
    assert bench.text("storageChosen") == "Selected: 1 series, 5 files, 2.5 MB"
    bench.press("storageRemoveButton")
    assert bench.text("storageQuestionText") == "Remove 1 series from this computer (5 files, 2.5 MB), and from the DICOM database?"
    assert bench.host.store.removed == [] and not bench.find("storageRemoveButton").isEnabled()
    bench.press("storageDismissButton")
    assert not bench.find("storageQuestion").isVisible() and bench.host.store.removed == []
    bench.press("storageRemoveButton")
    bench.press("storageConfirmButton")
    assert bench.host.store.removed == [{"inventory": 1, "nodes": [[*NODES[2], "/downloads/CT a"]]}]
    assert (bench.said[-1].kind, bench.said[-1].text) == (Kind.SUCCESS, "Removed 1 series: 2 files, 3 kB.")
    assert len(bench.answers.engine.process.calls("store.inventory")) == 2, "it looks again afterwards"


def test_files_that_stay_are_said_before_and_files_that_could_not_go_afterwards(bench):
    bench.answers.told = {**bench.answers.told, "kept_count": 1200}
    bench.host.store.removal = {**bench.host.store.removal, "failed_count": 2, "failed": [["/downloads/a.dcm", "Permission denied"]]}
    bench.select("storageSeries", 0)
    bench.press("storageRemoveButton")
    assert "1,200 files of yours stay: not downloaded by this program, or changed since." in bench.text("storageQuestionText")
    bench.press("storageConfirmButton")
    assert bench.said[-1].kind is Kind.WARNING
    assert "2 files could not be deleted, such as /downloads/a.dcm (Permission denied)." in bench.said[-1].text


def test_a_row_below_a_selected_one_counts_once(bench):
    view = bench.open_all()
    view.selectAll()
    bench.settle()
    assert bench.text("storageChosen") == "Selected: 2 series, 10 files, 5.0 MB"


def test_a_refusal_is_said_and_nothing_changes(bench):
    def refuse(_parameters):
        raise InputError("1 of these series belong to a download that is running.")

    bench.answers.engine.process.handlers["store.removal"] = refuse
    bench.select("storageSeries", 0)
    bench.press("storageRemoveButton")
    assert bench.said[-1].kind is Kind.ERROR and "running" in bench.said[-1].text
    assert bench.find("storageRemoveButton").isEnabled()


def test_leftovers_are_listed_by_kind_and_cleaned_up_as_series_or_as_files(bench):
    bench.find("storageTabs", QtWidgets.QTabWidget).setCurrentIndex(1)
    assert bench.cells("storageLeftovers", 0)[1:] == ["2", "2 kB"] and bench.cells("storageLeftovers", 2, 0)[0] == "CT thorax (p)"
    bench.find("storageLeftovers", QtWidgets.QTreeView).selectAll()
    bench.settle()
    assert bench.text("storageChosen") == "Selected: 3 items, 5 files, 5 kB"
    bench.press("storageRemoveButton")
    assert "3 items, 5 files, 5 kB" in bench.text("storageQuestionText") and bench.text("storageConfirmButton") == "&Yes, clean up"
    bench.press("storageConfirmButton")
    assert bench.answers.engine.process.calls("store.clean")[0]["leftovers"] == [0, 1]
    assert bench.host.store.removed == [{"inventory": 1, "leftovers": [2]}]
    assert bench.said[-1].text == "Cleaned up: 4 files, 5 kB removed."


def test_moving_says_what_it_means_and_the_settings_follow(bench):
    bench.host.chosen_folder = "/big disk/IDC"
    bench.press("storageMoveButton")
    text = bench.text("storageQuestionText")
    assert "from /downloads to /big disk/IDC" in text and "5.0 MB to copy, 9.0 GB free" in text
    assert "1 file of yours stays in the old folder" in text
    folders = []
    bench.browser.folder_changed.connect(folders.append)
    bench.press("storageConfirmButton")
    assert bench.host.store.moved == ["/big disk/IDC"] and folders == ["/big disk/IDC"]
    assert bench.host.settings.values["DownloadFolder"] == "/big disk/IDC" and bench.said[-1].kind is Kind.SUCCESS


def test_a_move_that_fails_leaves_the_settings_alone(bench):
    bench.host.chosen_folder = "/full"
    bench.host.store.import_error = StorageError("The disk is full.")
    bench.press("storageMoveButton")
    bench.press("storageConfirmButton")
    assert bench.said[-1].text == "The disk is full." and "DownloadFolder" not in bench.host.settings.values


def test_series_on_disk_are_added_with_one_click(bench, tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"x")
    bench.answers.document = {**bench.answers.document, "not_imported": 2}
    bench.answers.engine.process.handlers["store.not_imported"] = lambda _p: {"directories": [str(tmp_path)]}
    bench.press("storageRefreshButton")
    assert bench.text("storageAddButton") == "A&dd 2 series on disk to the database"
    bench.press("storageAddButton")
    assert bench.host.store.imported == [str(tmp_path / "a.dcm")] and "added to the DICOM database" in bench.said[-1].text


def test_older_versions_lead_to_a_plan_of_the_current_ones(bench):
    asked = []
    bench.browser.opened_set.open_sources = asked.append
    bench.open_all()
    assert not bench.find("storageNewerButton").isVisible()
    bench.select("storageSeries", 0, 0, 0, 1)
    bench.press("storageNewerButton")
    assert asked == [["1.2.MR b"]]


def test_a_long_look_shows_how_far_it_is_and_can_be_canceled(bench):
    process = bench.answers.engine.process
    process.hold("store.inventory")
    bench.press("storageRefreshButton")
    process.progress("store.inventory", Progress("Looking", 12_345, None, "files"))
    bench.settle()
    assert "12,345 files" in bench.text("storageWorkText") and bench.find("storageProgress").property("maximum") == 0
    bench.press("storageCancelButton")
    assert process.cancelled == ["store.inventory"] and not bench.find("storageWork").isVisible()
    assert bench.said[-1].text == "Canceled."


def test_a_first_look_that_fails_says_why_in_place_of_the_summary(app):
    bench = Bench(app)

    def fail(_parameters):
        raise StorageError("The DICOM database in /database has schema version 0.5.3.")

    bench.answers.engine.process.handlers["store.inventory"] = fail
    bench.look()
    assert "schema version" in bench.text("storageSummary") and not bench.find("storageRemoveButton").isEnabled()


def test_selected_rows_of_the_tables_can_be_removed_too(bench):
    bench.browser.tables.selection = lambda level: {"view": 1, "ranges": [[0, 0]]}
    pages = []
    bench.browser.page_wanted.connect(pages.append)
    bench.browser.remove_selected("series")
    bench.settle()
    assert pages == ["storage"]
    assert bench.answers.engine.process.calls("store.removal")[0]["selections"] == [{"view": 1, "ranges": [[0, 0]]}]
    bench.answers.told = {**bench.answers.told, "series": 0, "files": 0}
    bench.press("storageDismissButton")
    bench.browser.remove_selected("series")
    bench.settle()
    assert bench.said[-1].text == "Nothing in the selection is on this computer."
    bench.answers.told = {**bench.answers.told, "kept_count": 3}
    bench.browser.remove_selected("series")
    bench.settle()
    assert bench.said[-1].text.endswith("downloaded by this program. 3 files of yours stay: not downloaded by this program, or changed since.")


def test_every_control_has_a_name_and_says_what_it_does(bench):
    for kind in (QtWidgets.QPushButton, QtWidgets.QTreeView):
        for control in bench.page.widget.findChildren(kind):
            assert control.objectName(), control
            assert control.toolTip() or control.accessibleName(), control.objectName()


def test_the_page_listens_no_more_after_it_was_disconnected(bench):
    bench.page.disconnect()
    bench.answers.engine.process.hold("store.inventory")
    bench.storage.refresh()
    bench.settle()
    assert bench.storage.state.work and not bench.find("storageWork").isVisible()
