from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.shortcuts import TABLES, places, shortcuts


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()))
    panel.activate()
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def test_f1_shows_the_keys(panel):
    panel.table("collections").setFocus()
    QTest.keyClick(panel.table("collections"), Qt.Key.Key_F1)
    text = panel.find(QtWidgets.QTextBrowser, "helpText")
    assert text.isVisible()
    for item in shortcuts().values():
        assert item.label in text.toPlainText() and item.text in text.toPlainText()
    assert set(places()) == {item.where for item in shortcuts().values()}


def test_the_keys_of_the_tables_are_those_listed(panel):
    listed = {QtGui.QKeySequence(item.keys).toString() for item in shortcuts().values() if item.where == TABLES and item.keys}
    made = {action.shortcut().toString() for action in panel.table("series").actions() if not action.shortcut().isEmpty()}
    assert made == listed


def test_the_diagnostics_are_copied(panel):
    QTest.mouseClick(panel.button("copyDiagnostics"), Qt.MouseButton.LeftButton)
    text = QtWidgets.QApplication.clipboard().text()
    assert "IDC release 25 (25.0.5, installed)" in text and "/downloads" in text


def test_the_diagnostics_are_saved_to_a_file(panel, tmp_path):
    panel.bench.host.chosen_file = str(tmp_path / "facts.txt")
    QTest.mouseClick(panel.button("saveDiagnostics"), Qt.MouseButton.LeftButton)
    assert "IDC release 25 (25.0.5, installed)" in (tmp_path / "facts.txt").read_text(encoding="utf-8")
    assert panel.text("messageText") == f"Done: Diagnostics saved to {tmp_path / 'facts.txt'}."


def test_a_folder_that_cannot_be_written_is_said_and_a_canceled_dialog_is_not(panel, tmp_path):
    panel.bench.host.chosen_file = ""
    QTest.mouseClick(panel.button("saveDiagnostics"), Qt.MouseButton.LeftButton)
    assert not panel.find(QtWidgets.QFrame, "messageStrip").isVisible()
    panel.bench.host.chosen_file = str(tmp_path / "nowhere" / "facts.txt")
    QTest.mouseClick(panel.button("saveDiagnostics"), Qt.MouseButton.LeftButton)
    assert "cannot be written" in panel.text("messageText") and not (tmp_path / "nowhere").exists()
