from __future__ import annotations

import shutil
import sys
import time

import pytest

pytest.importorskip("PySide6")

from PySide6.QtTest import QTest

import IDCBrowserLib
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.host.standalone.host import StandaloneSettings
from IDCBrowserLib.host.standalone.window import WindowConfig, make_window
from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.qtbinding import QtCore, QtWidgets


def run_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        QtCore.QCoreApplication.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)
    return condition()


@pytest.fixture
def open_window(app, tmp_path, home):
    opened = []

    def open_one(**config):
        opened.append(make_window(WindowConfig(settings_file=str(tmp_path / "settings.ini"), **config)))
        return opened[-1]

    yield open_one
    for window in opened:
        window.close()


def test_the_window_is_there_before_catalog_and_views(open_window):
    window = open_window()
    window.show()
    assert window.window.isVisible()
    assert window.browser.tables.state("collections").view is None
    assert window.views is None


def test_the_real_catalog_appears_and_closing_ends_the_engine(open_window, home):
    """At the first start: it is not laid out for fast browsing."""
    pytest.importorskip("idc_index_data")
    shutil.rmtree(home / "cache")
    window = open_window()
    window.show()
    assert run_until(lambda: window.browser.tables.state("collections").total > 100)
    assert run_until(lambda: window.browser.info)
    assert "IDC release" in window.window.findChild(QtWidgets.QLabel, "release").property("text")
    process = window.engine.client._process
    window.close()
    assert not process.is_running()
    window.close()


def test_a_window_closed_during_its_start_leaves_no_process(open_window):
    window = open_window()
    window.show()
    process = window.engine.client._process
    window.window.close()
    assert window.closed
    assert not process.is_running()


def test_the_folder_of_the_command_line_holds_until_the_user_chooses_another(open_window, tmp_path):
    window = open_window(download_folder=str(tmp_path / "given"))
    assert window.host.download_folder == str(tmp_path / "given")
    window.host.choose_folder = lambda title, start: str(tmp_path / "chosen")
    window.browser.choose_folder()
    assert window.host.download_folder == str(tmp_path / "chosen")
    window.close()
    assert open_window().host.download_folder == str(tmp_path / "chosen")


def test_without_a_choice_downloads_go_to_the_default_folder(open_window, tmp_path):
    assert open_window().host.download_folder == str(tmp_path / "home" / "data" / "Downloads")


def test_settings_survive_in_their_file(tmp_path, app):
    StandaloneSettings(str(tmp_path / "s.ini")).set_value("Some", "välue, with comma")
    assert StandaloneSettings(str(tmp_path / "s.ini")).value("Some", "") == "välue, with comma"
    assert StandaloneSettings(str(tmp_path / "s.ini")).value("Other", "default") == "default"


def test_the_settings_of_the_window_lie_in_a_home_of_its_own(tmp_path, monkeypatch):
    from IDCBrowserLib.cli.main import main
    from IDCBrowserLib.host.standalone import window

    configs = []
    monkeypatch.setattr(window, "run_window", lambda config, _on_cancel: configs.append(config) or 0)
    for home in (str(tmp_path), ""):
        monkeypatch.setenv("IDC_BROWSER_HOME", home)
        assert main(["window"]) == 0
    assert [config.settings_file for config in configs] == [str(tmp_path / "settings.ini"), ""]


def test_without_slicer_core_loading_says_what_is_missing(open_window, monkeypatch):
    window = open_window()
    monkeypatch.setitem(sys.modules, "IDCBrowserLib.host.standalone.scene", None)
    results = []
    window.host.loader.load([LoadRequest("1.2")], results.extend, lambda progress: None)
    assert "pip install 'idc-browser[standalone]'" in results[0].error
    assert "Browsing and downloading still work" in window.window.findChild(QtWidgets.QLabel, "messageText").property("text")


def test_a_missing_catalog_source_is_named(capsys):
    from IDCBrowserLib.cli.main import main

    assert main(["window", "--catalog-source", "/no/such/file.parquet"]) == 3
    assert "/no/such/file.parquet" in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be without a screen")
def test_without_a_screen_the_other_commands_are_named(monkeypatch):
    from IDCBrowserLib.cli.commands.window import check_screen

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="demo --headless"):
        check_screen()


def drop(window, paths):
    from PySide6.QtGui import QDropEvent

    data = QtCore.QMimeData()
    data.setUrls([QtCore.QUrl.fromLocalFile(str(path)) for path in paths])
    window.window.dropEvent(
        QDropEvent(
            QtCore.QPointF(5, 5), QtCore.Qt.DropAction.CopyAction, data, QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier
        )
    )


def test_a_dropped_manifest_is_shown_and_not_downloaded(open_window, tmp_path):
    pytest.importorskip("idc_index_data")
    (tmp_path / "list.txt").write_text("LIDC-IDRI-0001\nnothing-like-this\n")
    window = open_window()
    window.show()
    drop(window, [tmp_path / "list.txt"])
    assert run_until(lambda: window.browser.plan.state.document is not None)
    assert window.browser.plan.state.document["series_count"] > 0
    assert [item["line"] for item in window.browser.plan.state.document["unresolved"]] == [2]
    assert not window.browser.downloads.state.running


def test_a_dropped_picture_is_answered_in_place(open_window, tmp_path):
    window = open_window()
    drop(window, [tmp_path / "photo.png"])
    text = window.window.findChild(QtWidgets.QLabel, "messageText").property("text")
    assert text.startswith("Error: photo.png is not a manifest (.s5cmd, .csv,")
    assert window.browser.plan.state.sources == ()


def test_the_menu_opens_manifests(open_window, tmp_path):
    window = open_window()
    window.host.choose_manifests = lambda: [str(tmp_path / "a.s5cmd")]
    action = next(action for action in window._actions if action.objectName() == "openManifestAction")
    assert action.shortcut().toString() == "Ctrl+M"
    action.trigger()
    assert window.browser.plan.state.sources == (str(tmp_path / "a.s5cmd"),)


def test_the_views_take_no_room_until_something_is_loaded_and_then_that_which_a_person_gave_them(open_window):
    pytest.importorskip("slicer")
    window = open_window()
    window.show()
    window.ensure_views()
    window.window.resize(780, 740)
    splitter = window.window.findChild(QtWidgets.QSplitter, "mainSplitter")
    assert list(splitter.sizes())[1] == 0 and not window.views.isVisible()
    window.bring_up_views()
    QtCore.QCoreApplication.processEvents()
    assert list(splitter.sizes())[1] == pytest.approx(390, abs=20)
    splitter.setSizes([460, 320])
    size, left = window.window.size(), list(splitter.sizes())
    window.bring_up_views()
    assert list(splitter.sizes()) == left, "a second load changes nothing"
    window.close()
    again = open_window()
    again.show()
    assert again.window.size() == size.boundedTo(again.window.screen().availableSize())
    again.ensure_views()
    assert not again.views.isVisible()
    again.bring_up_views()
    assert list(again.window.findChild(QtWidgets.QSplitter, "mainSplitter").sizes()) == pytest.approx(left, abs=2)


def test_a_window_of_the_usual_size_fits_a_small_screen_with_its_filters_open(open_window):
    window = open_window()
    window.show()
    window.window.findChild(QtWidgets.QPushButton, "filtersButton").click()
    window.browser.filters.toggle("Modality", "SEG")
    QtCore.QCoreApplication.processEvents()
    window.window.resize(1280, 720)
    QtCore.QCoreApplication.processEvents()
    assert (window.window.width(), window.window.height()) == (1280, 720)


def test_the_help_menu_leads_to_the_keys_and_says_what_the_program_is(open_window):
    window = open_window()
    window.show()
    window.window.activateWindow()
    assert QTest.qWaitForWindowActive(window.window)
    window.window.setFocus()
    QTest.keyClick(window.window, QtCore.Qt.Key.Key_F1)
    assert window.window.findChild(QtWidgets.QTextBrowser, "helpText").isVisible(), "also while the focus is outside the panel"
    window.panel.show_page("browse")
    menu = window.window.findChild(QtWidgets.QMenu, "helpMenu")
    assert [action.text() for action in menu.actions()] == ["&Keys and diagnostics", "Open &links with this program", "&About IDC Browser"]
    menu.actions()[0].trigger()
    assert window.window.findChild(QtWidgets.QTextBrowser, "helpText").isVisible()
    menu.actions()[-1].trigger()
    about = window.window.findChild(QtWidgets.QMessageBox, "aboutBox")
    assert IDCBrowserLib.__version__ in about.text() and "not a medical device" in about.text()
    about.close()
