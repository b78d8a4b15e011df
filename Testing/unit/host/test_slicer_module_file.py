"""IDCBrowser.py as Slicer uses it: the specially named classes, their signatures and types."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_slicer import FakeSlicer
from PySide6 import QtCore, QtGui, QtWidgets

MODULE = Path(__file__).resolve().parents[3] / "IDCBrowser"
PORTAL = "cp s3://idc-open-data/35459457-bd4c-4eef-9579-47f12fc6928e/* ./\n"


@pytest.fixture(scope="module")
def app():
    yield QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


@pytest.fixture
def fake(app, monkeypatch, tmp_path):
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    QtCore.QSettings().clear()
    monkeypatch.setattr(QtCore, "SIGNAL", lambda text: f"2{text}", raising=False)
    monkeypatch.setitem(sys.modules, "qt", QtCore)
    return fake


@pytest.fixture
def module(fake, monkeypatch):
    specification = importlib.util.spec_from_file_location("IDCBrowser", MODULE / "IDCBrowser.py")
    loaded = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "IDCBrowser", loaded)
    specification.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def widget(module, fake):
    parent = QtWidgets.QWidget()
    QtWidgets.QVBoxLayout(parent)
    made = module.IDCBrowserWidget(parent)
    made.setup()
    fake.module_widget = made
    yield made
    made.cleanup()


class Opened:
    """Stands for the module's widget and keeps what it was asked to show."""

    def __init__(self):
        self.sources = []
        self.fetched = []
        self.problems = []

    def open_sources(self, sources, fetch):
        (self.fetched if fetch else self.sources).append(sources)

    def show_problem(self, text):
        self.problems.append(text)


@pytest.fixture
def instance(module):
    """Slicer keeps it as long as it runs."""
    made = module.IDCBrowser(SimpleNamespace())
    made.setup()
    return made


def test_the_module_describes_itself(module):
    parent = SimpleNamespace()
    module.IDCBrowser(parent)
    assert parent.title and parent.categories == ["Informatics"] and parent.contributors
    assert "F1" in parent.helpText and "10.1148/rg.230180" in parent.acknowledgementText


def test_plugins_and_settings_page_come_after_startup(instance, fake):
    assert not hasattr(fake.modules, "dicomPlugins")
    fake.app.startupCompleted.emit()
    assert len(fake.modules.dicomPlugins) == 3 and len(fake.app.pages) == 1


def test_an_older_slicer_is_left_alone(module, fake):
    fake.app.minorVersion = 8
    kept = module.IDCBrowser(SimpleNamespace())
    kept.setup()
    fake.app.startupCompleted.emit()
    assert not hasattr(fake.modules, "dicomPlugins")


def test_setting_up_and_cleaning_up_work_twice(module, widget):
    widget.exit()
    widget.cleanup()
    widget.cleanup()
    widget.enter()
    widget.exit()


def test_reloading_reads_the_library_anew_and_opens_the_panel_again(module, widget, fake):
    kept = {name: found for name, found in sys.modules.items() if name.split(".")[0] == "IDCBrowserLib"}
    entered = []
    fake.module_widget = SimpleNamespace(enter=lambda: entered.append(sys.modules["IDCBrowserLib.host.slicer.dicom.dicom_setting"]))
    try:
        widget.onReload()
        assert widget.reloaded and entered and entered[0] is not kept.get("IDCBrowserLib.host.slicer.dicom.dicom_setting")
        assert widget._desktop is None
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "IDCBrowserLib"]:
            del sys.modules[name]
        sys.modules.update(kept)


def test_a_link_opens_the_module_and_a_hostile_one_is_refused(instance, fake):
    fake.module_widget = Opened()
    fake.app.urlReceived.emit("slicer://idc-browser/?collection_id=lidc_idri")
    fake.app.urlReceived.emit("slicer://viewer/?studyUID=1.2")
    fake.app.urlReceived.emit("slicer://idc-browser/?manifest=//server/a.s5cmd")
    assert fake.module_widget.sources == [["lidc_idri"]] and fake.selected == ["IDCBrowser"] * 2
    assert len(fake.module_widget.problems) == 1


def test_the_reader_gives_the_types_that_slicer_insists_on(module, fake, tmp_path):
    fake.module_widget = Opened()
    path = tmp_path / "a.s5cmd"
    path.write_text(PORTAL)
    reader = module.IDCBrowserFileReader(SimpleNamespace())
    assert type(reader.canLoadFileConfidence(str(path))) is float and type(reader.canLoadFileConfidence("/nowhere")) is float
    assert isinstance(reader.extensions(), list) and all(text.endswith(")") for text in reader.extensions())
    assert reader.load({"fileName": str(path)}) is True
    assert fake.module_widget.sources == [[str(path)]]


def test_a_sample_is_fetched_at_its_click(instance, fake):
    fake.module_widget = Opened()
    fake.app.startupCompleted.emit()
    fake.samples["IDCKidneySEG"](None)
    assert len(fake.module_widget.fetched[0]) == 2 and fake.module_widget.sources == []


def test_without_a_main_window_a_manifest_cannot_be_shown(module, fake):
    fake.app.window = False
    assert module.IDCBrowserFileReader(SimpleNamespace()).load({"fileName": "/a.s5cmd"}) is False


class MainWindow(QtWidgets.QWidget):
    """Accepts every file that is dragged over it, as Slicer's does, and keeps what it was given to read."""

    def __init__(self):
        super().__init__()
        self.setAcceptDrops(True)
        self.taken = 0

    def dragEnterEvent(self, event):
        event.accept()

    def dropEvent(self, event):
        self.taken += 1


def drop(window, paths):
    """Drag files over the window and drop them; whether Slicer itself got to see the drop."""
    data = QtCore.QMimeData()
    data.setUrls([QtCore.QUrl.fromLocalFile(str(path)) for path in paths])
    action, button, key = QtCore.Qt.DropAction.CopyAction, QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier
    before = window.taken
    QtWidgets.QApplication.sendEvent(window, QtGui.QDragEnterEvent(QtCore.QPoint(1, 1), action, data, button, key))
    QtWidgets.QApplication.sendEvent(window, QtGui.QDropEvent(QtCore.QPointF(1, 1), action, data, button, key))
    return window.taken > before


def test_dropped_manifests_open_after_the_drop_and_slicer_asks_for_no_reader(instance, fake, tmp_path):
    fake.main_window = MainWindow()
    fake.module_widget = Opened()
    path = tmp_path / "a.s5cmd"
    path.write_text(PORTAL)
    fake.app.startupCompleted.emit()
    assert not drop(fake.main_window, [path])
    assert fake.module_widget.sources == []
    QtWidgets.QApplication.processEvents()
    assert fake.module_widget.sources == [[str(path)]]


def test_other_drops_are_left_to_slicer_and_so_are_all_once_it_ends(instance, fake, tmp_path):
    fake.main_window = MainWindow()
    fake.module_widget = Opened()
    manifest, image = tmp_path / "a.s5cmd", tmp_path / "image.nrrd"
    manifest.write_text(PORTAL)
    image.write_bytes(b"NRRD0004")
    fake.app.startupCompleted.emit()
    assert drop(fake.main_window, [tmp_path]) and drop(fake.main_window, [manifest, image])
    fake.app.aboutToQuit.emit()
    assert drop(fake.main_window, [manifest])
    QtWidgets.QApplication.processEvents()
    assert fake.module_widget.sources == []


def test_a_drop_after_a_reload_opens_once(instance, fake, tmp_path):
    from IDCBrowserLib.host.slicer import drops

    fake.main_window = MainWindow()
    fake.module_widget = Opened()
    path = tmp_path / "a.s5cmd"
    path.write_text(PORTAL)
    for _reload in range(3):
        drops.start()
    drop(fake.main_window, [path])
    QtWidgets.QApplication.processEvents()
    assert fake.module_widget.sources == [[str(path)]]
    drops.stop()


def test_scripts_reach_the_logic_as_slicer_finds_it(module, widget):
    assert isinstance(widget.logic, module.IDCBrowserLogic)
    for name in ("find", "plan", "download", "load", "volumes", "labelmap"):
        assert "::" in getattr(module.IDCBrowserLogic, name).__doc__
