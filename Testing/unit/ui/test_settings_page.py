"""The page "Settings" as a person uses it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib import site_defaults
from IDCBrowserLib.errors import TransferError
from IDCBrowserLib.logic.downloads.download import DownloadOverrides
from IDCBrowserLib.logic.settings.settings import DownloadSettings
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.settings import settings_transfer
from IDCBrowserLib.ui.settings.settings_page import SettingsPage


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [SettingsPage])
    panel.bench.browser.show_page("settings")
    panel.settle()
    yield panel
    panel.bench.browser.close()
    panel.panel.close()


def _line(panel, name, text):
    edit = panel.find(QtWidgets.QLineEdit, name)
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    return edit


def _problem(panel, name):
    label = panel.find(QtWidgets.QLabel, f"{name}Problem")
    return label.property("text") if label.isVisible() else ""


def test_the_page_shows_what_holds(panel):
    assert panel.find(QtWidgets.QSpinBox, "settingsJobs").property("value") == 64
    assert panel.find(QtWidgets.QLineEdit, "settingsFolder").property("text") == "/downloads"
    assert "Google" in panel.find(QtWidgets.QComboBox, "settingsProvider").property("currentText")
    assert not panel.find(QtWidgets.QLineEdit, "settingsProxy").isVisible()


def test_an_address_is_checked_while_it_is_typed_and_stored_at_its_end(panel):
    edit = _line(panel, "settingsEndpoint", "https:/")
    assert "not an address of an S3 server" in _problem(panel, "settingsEndpoint")
    QTest.keyClicks(edit, "/mirror.example.org")
    assert _problem(panel, "settingsEndpoint") == ""
    assert panel.bench.host.settings.values.get("Transfer/EndpointUrl") is None
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert panel.bench.host.settings.values["Transfer/EndpointUrl"] == "https://mirror.example.org"


def test_the_address_of_a_proxy_is_asked_for_when_there_is_one(panel):
    panel.bench.engine.handlers["engine.set_network"] = lambda parameters: {}
    panel.bench.engine.process.handlers["engine.set_network"] = lambda parameters: {}
    kind = panel.find(QtWidgets.QComboBox, "settingsProxyKind")
    kind.setCurrentIndex(2)
    assert panel.find(QtWidgets.QLineEdit, "settingsProxy").isVisible()
    assert "http://host:port" in _problem(panel, "settingsProxy")
    edit = _line(panel, "settingsProxy", "http://proxy.example.org:3128")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    panel.settle()
    assert panel.bench.engine.process.calls("engine.set_network") == [{"proxy": "http://proxy.example.org:3128", "ca_bundle": "", "limit_rate": 0.0}]
    kind.setCurrentIndex(1)
    panel.settle()
    assert not edit.isVisible()
    assert panel.bench.host.settings.values["Network/Proxy"] == "none"


def test_a_file_of_certificates_is_chosen(panel, monkeypatch):
    for name in ("engine.check_bundle", "engine.set_network"):
        panel.bench.engine.process.handlers[name] = lambda parameters: {}
    monkeypatch.setattr(settings_transfer, "choose_file", lambda parent, title, filters: "/ca.pem")
    QTest.mouseClick(panel.button("settingsChooseBundle"), Qt.MouseButton.LeftButton)
    panel.settle()
    assert panel.find(QtWidgets.QLineEdit, "settingsBundle").property("text") == "/ca.pem"
    assert panel.bench.host.settings.values["Network/CertificateFile"] == "/ca.pem"


def test_the_folder_is_the_one_of_the_selection(panel):
    panel.bench.host.chosen_folder = "/elsewhere"
    QTest.mouseClick(panel.button("settingsChangeFolder"), Qt.MouseButton.LeftButton)
    assert panel.find(QtWidgets.QLineEdit, "settingsFolder").property("text") == "/elsewhere"
    assert panel.find(QtWidgets.QLineEdit, "downloadFolder").property("text") == "/elsewhere"


def test_numbers_are_stored_and_defaults_come_back(panel):
    spin = panel.find(QtWidgets.QSpinBox, "settingsJobs")
    spin.setValue(7)
    assert panel.bench.host.settings.values["Transfer/Jobs"] == "7"
    QTest.mouseClick(panel.button("settingsRestore"), Qt.MouseButton.LeftButton)
    assert spin.property("value") == 64


def test_a_limit_is_set_in_megabytes_per_second(panel):
    panel.bench.engine.process.handlers["engine.set_network"] = lambda parameters: {}
    spin = panel.find(QtWidgets.QDoubleSpinBox, "settingsLimit")
    assert spin.property("text") == "No limit"
    spin.setValue(2.5)
    panel.settle()
    assert panel.bench.engine.process.calls("engine.set_network")[-1]["limit_rate"] == 2.5e6
    assert (spin.property("text"), panel.bench.host.settings.values["Transfer/Limit"]) == ("2.5 MB/s", "2.5")


def test_the_wheel_scrolls_the_page_and_changes_no_number(panel):
    spin = panel.find(QtWidgets.QSpinBox, "settingsJobs")
    panel.find(QtWidgets.QLineEdit, "settingsEndpoint").setFocus()
    middle = QtCore.QPointF(spin.rect().center())
    turn = QtGui.QWheelEvent(
        middle,
        QtCore.QPointF(spin.mapToGlobal(spin.rect().center())),
        QtCore.QPoint(),
        QtCore.QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QtWidgets.QApplication.sendEvent(spin, turn)
    assert spin.property("value") == 64


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    """Of the test; a field that still has the focus at its end would be put into that of the run."""
    monkeypatch.setenv("IDC_BROWSER_HOME", str(tmp_path))
    site_defaults.forget()
    yield tmp_path
    site_defaults.forget()


def test_folders_that_others_keep_are_typed_added_and_looked_into_at_once(own_home, panel):
    edit = _line(panel, "settingsShared", "/data/idc")
    again = []
    panel.bench.browser.statuses.forget = lambda: again.append(True)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    panel.settle()
    assert site_defaults.shared_stores() == (Path("/data/idc"),) and _problem(panel, "settingsShared") == ""
    panel.bench.host.chosen_folder = "/data/course"
    panel.find(QtWidgets.QPushButton, "settingsAddShared").click()
    panel.settle()
    assert edit.property("text") == f"/data/idc{os.pathsep}/data/course"
    assert panel.bench.browser.shared_folders.text == edit.property("text")
    assert len(again) == 2
    edit.clearFocus()


def test_a_folder_that_cannot_be_read_is_said_and_the_former_ones_hold(own_home, panel):
    edit = _line(panel, "settingsShared", "/data/idc")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    panel.settle()
    QTest.keyClicks(edit, f"{os.pathsep}/data/gone")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    panel.settle()
    assert _problem(panel, "settingsShared") == "/data/gone is not a folder that can be read."
    assert edit.property("text").endswith("/data/gone") and site_defaults.shared_stores() == (Path("/data/idc"),)
    edit.clearFocus()


def test_what_was_given_at_the_start_is_shown_and_cannot_be_changed(app, make_bench):
    bench = make_bench(FakeCatalog())
    bench.browser.settings = DownloadSettings(bench.engine.client, bench.host.settings, DownloadOverrides(endpoint_url="http://127.0.0.1:1"))
    page = SettingsPage(bench.browser)
    edit = page.widget.findChild(QtWidgets.QLineEdit, "settingsEndpoint")
    assert (edit.property("text"), edit.isEnabled()) == ("http://127.0.0.1:1", False)
    assert "Set on the command line" in edit.property("toolTip")


def _sizes(panel):
    tree = panel.find(QtWidgets.QTreeWidget, "indexFiles")
    return {tree.topLevelItem(row).text(0): tree.topLevelItem(row).text(2) for row in range(tree.topLevelItemCount())}


def test_how_large_index_files_are_is_said_before_they_are_fetched(panel):
    assert _sizes(panel) == {"ct_index": "23.0 MB", "volume_geometry_index": "23.0 MB"}
    asked = len(panel.bench.engine.process.calls("catalog.side_index_bytes"))
    panel.bench.browser.indices.fetch(["ct_index"])
    panel.settle()
    assert _sizes(panel)["ct_index"] == "1 kB"
    panel.bench.browser.show_page("browse")
    panel.bench.browser.show_page("settings")
    panel.settle()
    assert len(panel.bench.engine.process.calls("catalog.side_index_bytes")) == asked


def test_sizes_are_asked_anew_of_another_place(panel):
    panel.bench.engine.process.handlers["catalog.side_index_bytes"] = lambda parameters: {"bytes": dict.fromkeys(parameters["names"])}
    panel.bench.browser.indices.set_source("https://mirror.example.org")
    panel.bench.browser.show_page("browse")
    panel.bench.browser.show_page("settings")
    panel.settle()
    assert set(_sizes(panel).values()) == {"-"}


def _place(panel, widget):
    page = panel.find(QtWidgets.QWidget, "settingsPage")
    return QtCore.QRect(widget.mapTo(page, QtCore.QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("width", [340, 890])
def test_after_a_failed_fetch_nothing_lies_over_anything_else_and_nothing_is_cut_off(panel, width):
    def fail(_parameters):
        raise TransferError("ct_index.parquet was not fetched from https://storage.example.org. " * 5)

    panel.bench.engine.process.handlers["catalog.fetch_side_index"] = fail
    panel.panel.widget.resize(width, 690)
    panel.bench.browser.indices.fetch(["ct_index"])
    panel.settle()
    QTest.qWait(20)
    page = panel.find(QtWidgets.QWidget, "settingsPage")
    kinds = (QtWidgets.QPushButton, QtWidgets.QTreeWidget, QtWidgets.QLineEdit, QtWidgets.QLabel, QtWidgets.QComboBox, QtWidgets.QCheckBox)
    shown = [widget for kind in kinds for widget in page.findChildren(kind) if widget.isVisible() and widget.objectName()]
    shown = [widget for widget in shown if not isinstance(widget.parent(), (QtWidgets.QAbstractSpinBox, QtWidgets.QComboBox))]
    assert len(shown) > 15
    for number, widget in enumerate(shown):
        assert page.rect().contains(_place(panel, widget)), widget.objectName()
        for other in shown[:number]:
            assert not _place(panel, widget).intersects(_place(panel, other)), (widget.objectName(), other.objectName())
    for kind in (QtWidgets.QPushButton, QtWidgets.QLabel):
        for widget in page.findChildren(kind):
            if widget.isVisible() and widget.text():
                wanted = widget.heightForWidth(widget.width()) if widget.hasHeightForWidth() else widget.sizeHint().height()
                assert widget.height() >= wanted, widget.text()
    assert panel.find(QtWidgets.QScrollArea, "settingsScroll").verticalScrollBar().maximum() > 0
