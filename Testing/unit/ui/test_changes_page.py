from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.changes.changes_page import ChangesPage


class ChangesHands(Panel):
    def rows(self):
        model = self.find(QtWidgets.QTableView, "changesTable").model()
        return [[model.index(row, column).data() for column in range(6)] for row in range(model.rowCount())]

    def press(self, name):
        button = self.button(name)
        assert button.isEnabled(), button.toolTip()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()


@pytest.fixture
def hands(app, bench):
    hands = ChangesHands(bench, [ChangesPage])
    bench.browser.show_page("changes")
    hands.settle()
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def test_a_shared_folder_is_checked_and_each_series_that_differs_is_listed(hands):
    hands.bench.host.chosen_folder = "/data/paper"
    header = hands.find(QtWidgets.QTableView, "changesTable").horizontalHeader()
    header.resizeSection(1, 177)
    hands.press("checkFolderButton")
    assert header.sectionSize(1) == 177, "as somebody has made it"
    assert hands.bench.catalog.cohort.asked[-1] == {"path": "/data/paper"}
    text = hands.text("changesText")
    assert "1 of 4 series are identical in IDC release 25 (saved from release 23)" in text
    assert [(row[0], row[5]) for row in hands.rows()] == [
        ("Revised", "1.2.3"),
        ("Removed from IDC", "1.2.4"),
        ("Not in any index file", "1.2.5"),
    ]


def test_a_canceled_dialog_compares_nothing(hands):
    hands.bench.host.chosen_folder = ""
    hands.press("checkFolderButton")
    assert hands.bench.catalog.cohort.asked == []
    assert hands.text("changesText") == 'Nothing has been compared yet. Choose what to compare and an IDC release, then press "Compare".'


def test_the_lock_file_that_is_open_is_checked_without_a_dialog(hands):
    assert not hands.button("checkOpenedButton").isEnabled()
    hands.bench.catalog.selection.manifests["/data/my.lock.json"] = []
    hands.bench.browser.opened_set.open_sources(["/data/my.lock.json"])
    hands.bench.browser.show_page("changes")
    hands.settle()
    hands.press("checkOpenedButton")
    assert hands.bench.catalog.cohort.asked[-1] == {"path": "/data/my.lock.json"}


def test_what_is_shown_is_compared_with_a_former_release(hands):
    box = hands.find(QtWidgets.QComboBox, "changesRelease")
    assert box.itemText(0) == "24" and box.itemText(box.count() - 1) == "1"
    box.setCurrentIndex(1)
    hands.press("compareReleaseButton")
    asked = hands.bench.catalog.cohort.asked[-1]
    assert asked["release"] == 23 and "view" in asked["selections"][0]
    assert hands.text("changesText").startswith("IDC: from IDC release 23 to 25, 5 series are unchanged.")
    assert [row[0] for row in hands.rows()] == ["New in IDC", "Revised", "Removed from IDC"]


def test_a_row_leads_to_its_series_unless_it_is_gone(hands):
    hands.press("compareReleaseButton")
    view = hands.find(QtWidgets.QTableView, "changesTable")
    view.selectRow(2)
    assert not hands.button("changesShowButton").isEnabled() or hands.rows()[2][0] == "Removed from IDC"
    view.selectRow(0)
    hands.press("changesShowButton")
    assert hands.bench.browser.shelf.level == "series"


def test_an_empty_scope_says_what_to_do(hands):
    scope = hands.find(QtWidgets.QComboBox, "changesScope")
    scope.setCurrentIndex(scope.findText("Cart"))
    hands.press("compareReleaseButton")
    assert hands.text("changesText") == "The cart is empty."


def test_what_is_no_lock_file_is_one_sentence(hands):
    def fail(_params):
        raise InputError("/data/x is not a lock file of idc-browser.")

    hands.bench.engine.processes[-1].handlers["cohort.check"] = fail
    hands.bench.host.chosen_folder = "/data/x"
    hands.press("checkFolderButton")
    assert hands.text("changesText") == "/data/x is not a lock file of idc-browser."
    assert hands.rows() == [] and not hands.button("changesSaveButton").isEnabled()


def test_the_rows_are_saved_and_copied_with_their_titles(hands, tmp_path):
    hands.press("compareReleaseButton")
    hands.bench.host.chosen_file = str(tmp_path / "changes")
    hands.press("changesSaveButton")
    lines = (tmp_path / "changes.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("change,collection_id,PatientID") and len(lines) == 4
    hands.press("changesCopyButton")
    assert QtWidgets.QApplication.clipboard().text().startswith("Change\tCollection\tCase")


def test_collections_are_named_in_the_table_and_copied_as_ids(hands):
    hands.press("compareReleaseButton")
    ids = [row.collection_id for row in hands.bench.browser.changes.state.rows]
    assert [row[1] for row in hands.rows()] == [one.title() for one in ids] and ids[0] == "lungs"
    hands.press("changesCopyButton")
    assert [line.split("\t")[1] for line in QtWidgets.QApplication.clipboard().text().splitlines()[1:]] == ids
