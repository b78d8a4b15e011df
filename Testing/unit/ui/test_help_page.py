from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.base.state import Kind, Message, SeriesOutcome
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.help_page import HelpPage
from IDCBrowserLib.ui.widgets.shortcuts import SLICER_PLACES, TABLES, WINDOW_PLACES, places, shortcuts


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [HelpPage])
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
        if item.where in places():
            assert item.label in text.toPlainText() and item.text in text.toPlainText()
    assert set(places((*WINDOW_PLACES, *SLICER_PLACES))) == {item.where for item in shortcuts().values()}


def test_the_keys_of_the_tables_are_those_listed(panel):
    listed = {QtGui.QKeySequence(item.keys).toString() for item in shortcuts().values() if item.where == TABLES and item.keys}
    made = {action.shortcut().toString() for action in panel.table("series").actions() if not action.shortcut().isEmpty()}
    assert made == listed


def test_the_diagnostics_are_copied(panel):
    QTest.mouseClick(panel.button("copyDiagnostics"), Qt.MouseButton.LeftButton)
    text = QtWidgets.QApplication.clipboard().text()
    assert "IDC release 25 (25.0.5, installed)" in text and "/downloads" in text


def test_the_details_of_an_error_are_copied_from_the_message(panel):
    panel.bench.browser.message.emit(Message(Kind.WARNING, "Only a warning."))
    assert not panel.button("messageCopy").isVisible()
    panel.bench.engine.process.handlers["engine.set_network"] = lambda _parameters: {}
    panel.bench.browser.settings.put("proxy", "http://user:se/cret@proxy.example:3128")
    panel.bench.browser.message.emit(Message(Kind.ERROR, "The series 1.2.3 of Doe^Jane cannot be read."))
    assert panel.button("messageCopy").isVisible()
    QTest.mouseClick(panel.button("messageCopy"), Qt.MouseButton.LeftButton)
    text = QtWidgets.QApplication.clipboard().text()
    assert "The series 1.2.3 of [name] cannot be read." in text and "IDC release 25" in text
    assert "Network/Proxy: http://proxy.example:3128" in text and "cret" not in text and "Doe" not in text


def test_the_failed_series_of_a_download_are_copied_from_the_results(panel):
    outcomes = (SeriesOutcome("1.2.3", "Doe CT", Kind.ERROR, "The bucket does not answer."), SeriesOutcome("1.2.4", "MR", Kind.SUCCESS, "Done"))
    panel.panel.results.show(outcomes)
    QTest.mouseClick(panel.button("resultsCopy"), Qt.MouseButton.LeftButton)
    text = QtWidgets.QApplication.clipboard().text()
    assert text.startswith("1.2.3: The bucket does not answer.\n") and "1.2.4" not in text
    panel.panel.results.show(outcomes[1:])
    assert panel.button("resultsCopy").isHidden()


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


def test_each_host_lists_the_keys_that_it_has(panel):
    def listed():
        panel.bench.browser.show_page("browse")
        panel.bench.browser.show_page("help")
        return panel.find(QtWidgets.QTextBrowser, "helpText").toPlainText()

    assert "Ctrl+M" in listed() and "Ctrl+Q" in listed()
    panel.bench.host.key_places = SLICER_PLACES
    assert "Ctrl+M" in listed() and "Ctrl+Q" not in listed() and "Left, Right, mouse wheel" in listed()
