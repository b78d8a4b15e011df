"""The module in Slicer, on fakes of Slicer's services and the real MRML: states, life and death of the panel."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers import made_reports as made
from helpers.fake_catalog import FakeCatalog
from helpers.fake_host import FakeEngine
from helpers.fake_slicer import FakeSlicer
from PySide6 import QtCore, QtWidgets

from IDCBrowserLib.host.slicer.desktop import SlicerDesktop, why_not_this_slicer
from IDCBrowserLib.host.slicer.panel.panel_text import first_database_text, state_text
from IDCBrowserLib.host.slicer.views.layout import LAYOUT_ID
from IDCBrowserLib.host_interface import LoadResult
from IDCBrowserLib.provisioning import wheelhouse
from IDCBrowserLib.task import Task

MODULE = Path(__file__).resolve().parents[3] / "IDCBrowser"
REQUIREMENTS = str(MODULE / "Resources" / "requirements.txt")


@pytest.fixture(scope="module")
def app():
    yield QtWidgets.QApplication.instance() or QtWidgets.QApplication([])


class Engine(FakeEngine):
    """Stands for ``QtEngine``: counts its starts and ends."""

    def __init__(self):
        catalog = FakeCatalog()
        catalog.selection.manifests["lungs"] = [catalog.rows["series"][0]["SeriesInstanceUID"]]
        super().__init__({**catalog.handlers(), "store.series_status": self.statuses})
        self.asked_folders = []
        self.started = self.ended = 0

    def statuses(self, parameters):
        self.asked_folders.append(parameters["database"])
        return dict.fromkeys(parameters["series"], "absent")

    def start(self):
        self.started += 1

    def close(self):
        self.ended += 1
        self.client.close()


class Desk:
    def __init__(self, app, patch, folder, window=True, packages=True, reason=""):
        self.slicer = FakeSlicer(folder, window, packages).install(patch, folder / "settings")
        self.parent = QtWidgets.QWidget()
        QtWidgets.QVBoxLayout(self.parent)
        self.engines = []
        self.reason = reason
        self.desktop = self.make()

    def make(self):
        made = SlicerDesktop(self.parent.layout(), REQUIREMENTS, self.reason, self.engine)
        self.slicer.module_widget = made
        return made

    def engine(self):
        self.engines.append(Engine())
        return self.engines[-1]

    @property
    def manager(self):
        return self.slicer.app.manager

    def text(self):
        return self.desktop.panel.state.text()

    def settle(self):
        for _ in range(3):
            self.engines[-1].settle()
            QtWidgets.QApplication.processEvents()


@pytest.fixture
def desk(app, monkeypatch, tmp_path):
    made = []

    def make(**options):
        made.append(Desk(app, monkeypatch, tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.desktop.close()
        QtCore.QCoreApplication.sendPostedEvents(None, 52)


def test_setting_up_starts_nothing(desk):
    here = desk()
    assert here.engines == [] and here.manager.factories == []


def test_entering_shows_the_browser_and_leaving_restores_the_layout(desk):
    here = desk()
    before = here.manager.layout
    here.desktop.enter()
    assert here.manager.layout == LAYOUT_ID and here.engines[0].started == 1
    here.desktop.exit()
    assert here.manager.layout == before


def test_a_second_entry_shows_the_same_browser(desk):
    here = desk()
    here.desktop.enter()
    first = here.desktop.browser
    here.desktop.exit()
    here.desktop.enter()
    assert here.desktop.browser is first and len(here.engines) == 1 and len(here.manager.factories) == 1


def test_what_is_here_is_asked_again_when_the_module_is_entered_again(desk, monkeypatch):
    here = desk()
    here.desktop.enter()
    asked = []
    monkeypatch.setattr(here.desktop.browser.statuses_in_sight, "refresh", lambda: asked.append("again"))
    here.desktop.exit()
    here.desktop.enter()
    assert asked == ["again"]


def test_a_report_is_read_in_the_module_panel_beside_the_views_which_come_back_for_a_place(desk, tmp_path):
    group = made.group([made.number(made.code("vol", meaning="Volume"), "2.5", "mm3")], "Lesion")
    report = made.save(made.measurement_report([group]), tmp_path / "r.dcm")
    here = desk()
    before = here.manager.layout
    here.desktop.enter()
    panel, reports = here.desktop.panel.widget, here.desktop.browser.reports
    assert panel.findChild(QtWidgets.QTableView, "reportTable") is None
    for _ in range(2):
        reports.open([str(report)])
        here.settle()
    (table,) = panel.findChildren(QtWidgets.QTableView, "reportTable")
    assert "Volume" in [table.model().index(0, column).data() for column in range(table.model().columnCount())]
    reports.placed.emit()
    assert here.manager.layout == before


def test_a_layout_that_the_user_chose_meanwhile_stays(desk):
    import slicer

    here = desk()
    here.desktop.enter()
    here.manager.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
    here.desktop.exit()
    assert here.manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView


def test_without_a_main_window_the_panel_says_so(desk):
    here = desk(window=False)
    here.desktop.enter()
    assert "main window" in here.text()
    here.desktop.exit()


def test_an_older_slicer_is_told_which_version_is_needed(desk):
    here = desk()
    here.slicer.app.majorVersion, here.slicer.app.minorVersion = 5, 8
    reason = why_not_this_slicer((5, 12))
    assert "5.12" in reason and "5.8" in reason
    here.desktop.close()
    here.reason = reason
    here.desktop = here.make()
    here.desktop.enter()
    assert here.text() == reason and here.engines == []
    assert not here.desktop.panel.install.isVisibleTo(here.parent)


def test_missing_packages_are_asked_for_and_the_browser_opens_without_a_restart(desk):
    here = desk(packages=False)
    here.desktop.enter()
    assert here.engines == [] and here.desktop.panel.install.isVisibleTo(here.parent)
    here.desktop.panel.install.click()
    assert len(here.engines) == 1 and not here.desktop.panel.install.isVisibleTo(here.parent)


def test_a_slicer_that_has_none_of_the_packages_yet_opens_the_module_and_asks_for_them(desk, monkeypatch, tmp_path):
    for name in ("duckdb", "idc_index", "idc_index_data", "pandas", "platformdirs", "psutil", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delenv("IDC_BROWSER_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    here = desk(packages=False)
    here.slicer.packaging.outcome = "decline"
    here.desktop.enter()
    here.desktop.panel.install.click()
    assert "not installed" in here.text() and here.desktop.panel.install.isVisibleTo(here.parent)


def test_packages_that_a_setup_agreed_to_are_installed_without_a_question(desk, monkeypatch):
    monkeypatch.setattr("IDCBrowserLib.site_defaults.agreed_to_packages", lambda: True)
    here = desk(packages=False)
    here.slicer.packaging.outcome = "decline"
    here.desktop.enter()
    here.desktop.panel.install.click()
    assert here.slicer.packaging.arguments[0] == "-r" and here.desktop.browser is not None


@pytest.mark.parametrize(("outcome", "said"), [("decline", "not installed"), ("fail", "wheels")])
def test_what_became_of_the_packages_is_said_in_the_panel(desk, outcome, said):
    here = desk(packages=False)
    here.slicer.packaging.outcome = outcome
    here.desktop.enter()
    here.desktop.panel.install.click()
    assert said in here.text() and here.desktop.panel.from_folder.isVisibleTo(here.parent)


def test_packages_come_from_a_folder_of_wheels_without_a_network(desk, monkeypatch, tmp_path):
    here = desk(packages=False)
    monkeypatch.setattr("IDCBrowserLib.host.slicer.desktop.choose_folder", lambda title, start: str(tmp_path))
    here.desktop.enter()
    here.desktop.panel.from_folder.click()
    assert here.slicer.packaging.arguments[:3] == ["--no-index", "--find-links", str(tmp_path)]
    assert here.desktop.browser is not None


def wheelhouse_with_a_wheel(folder):
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "good-1.0-py3-none-any.whl").write_bytes(b"wheel")
    wheelhouse.make(folder, [], "3.12", [], False, Task())
    return folder


@pytest.mark.parametrize("chosen", ["", "wheels"])
def test_packages_of_a_wheelhouse_are_compared_with_its_list(desk, monkeypatch, tmp_path, chosen):
    house = wheelhouse_with_a_wheel(tmp_path / "house")
    monkeypatch.setattr("IDCBrowserLib.host.slicer.desktop.choose_folder", lambda title, start: str(house / chosen))
    here = desk(packages=False)
    here.desktop.enter()
    (house / "wheels" / "good-1.0-py3-none-any.whl").write_bytes(b"wheeL")
    here.desktop.panel.from_folder.click()
    assert "good-1.0" in here.text() and here.desktop.browser is None
    (house / "wheels" / "good-1.0-py3-none-any.whl").write_bytes(b"wheel")
    here.desktop.panel.from_folder.click()
    assert here.slicer.packaging.arguments[:3] == ["--no-index", "--find-links", str(house / "wheels")]
    assert here.desktop.browser is not None


def test_a_missing_pythonslicer_is_said_in_the_panel(desk, monkeypatch):
    here = desk()
    here.desktop.close()
    monkeypatch.setattr("IDCBrowserLib.host.slicer.desktop.shutil.which", lambda _name: None)
    here.desktop = SlicerDesktop(here.parent.layout(), REQUIREMENTS, "")
    here.desktop.enter()
    assert "PythonSlicer" in here.text()


def test_closing_ends_the_engine_and_leaves_nothing_behind(desk):
    here = desk()
    here.desktop.enter()
    widget = here.desktop._browser_panel.widget
    gone = []
    widget.destroyed.connect(lambda: gone.append(True))
    here.desktop.close()
    here.desktop.close()
    QtCore.QCoreApplication.sendPostedEvents(None, 52)
    assert here.engines[0].ended == 1 and gone == [True]
    assert here.manager.layout != LAYOUT_ID and here.manager.factories[0].shown is None


def test_after_a_reload_the_view_factory_is_used_again(desk):
    here = desk()
    here.desktop.enter()
    here.desktop.close()
    here.desktop = here.make()
    here.desktop.enter()
    assert len(here.manager.factories) == 1 and here.manager.layout == LAYOUT_ID


def test_slicer_quitting_during_a_download_ends_the_engine(desk):
    here = desk()
    here.desktop.enter()
    here.settle()
    here.engines[0].process.hold("transfer.download")
    here.desktop.browser.opened_set.open_sources(["lungs"])
    here.settle()
    here.desktop.browser.picked.download(False)
    here.settle()
    here.slicer.app.aboutToQuit.emit()
    assert here.engines[0].ended == 1 and here.desktop.browser is None


def test_a_manifest_waits_for_the_packages(desk):
    here = desk(packages=False)
    here.desktop.open_sources(["lungs"])
    assert "once they are installed" in here.text()
    here.desktop.panel.install.click()
    here.settle()
    assert here.engines[0].process.calls("selection.plan")[0]["sources"] == ["lungs"]


def test_what_a_click_asked_for_is_fetched_once_it_is_looked_up(desk):
    here = desk()
    here.desktop.open_sources(["lungs"], True)
    assert here.engines[0].process.calls("transfer.download") == []
    here.settle()
    assert here.desktop.browser.downloads.documents["plan"] and not here.desktop._fetch


def test_the_narrow_panel_shows_what_moves_and_what_waits_and_lets_it_rest(desk):
    here = desk()
    here.desktop.enter()
    here.settle()
    here.engines[0].process.hold("transfer.download")
    panel, browser = here.desktop.panel, here.desktop.browser
    for _download in range(2):
        browser.opened_set.open_sources(["lungs"])
        here.settle()
        browser.picked.download(False)
        here.settle()
    assert "Downloading 1 series" in panel.progress.text() and "1 more waiting" in panel.progress.text()
    assert panel.pause.text() == "Pause" and panel.pause.isEnabled()
    panel.pause.click()
    here.settle()
    assert [row.phase.value for row in browser.downloads.rows] == ["paused", "running"]
    panel.cancel.click()
    here.settle()
    assert [row.phase.value for row in browser.downloads.rows] == ["paused", "cancelled"]
    assert panel.pause.text() == "Resume"
    panel.cancel.click()
    here.settle()
    assert not panel.cancel.isEnabled() and not panel.pause.isEnabled()


@pytest.mark.parametrize("width", [340, 450])
def test_no_button_of_the_narrow_panel_moves_while_something_is_downloaded_and_loaded(desk, width):
    here = desk()
    here.parent.resize(width, 760)
    here.parent.show()
    here.desktop.enter()
    here.settle()
    panel, browser = here.desktop.panel, here.desktop.browser

    def places():
        here.settle()
        QtWidgets.QApplication.processEvents()
        buttons = [made for made in panel.widget.findChildren(QtWidgets.QAbstractButton) if made.isVisible()]
        return {made.objectName(): made.mapTo(here.parent, QtCore.QPoint(0, 0)).toTuple() for made in buttons}

    before, wanted = places(), panel.widget.sizeHint().width()
    assert {"showBrowser", "modulePause", "moduleCancel", "moduleChangeFolder"} <= set(before)
    here.engines[0].process.hold("transfer.download")
    browser.opened_set.open_sources(["lungs"])
    assert places() == before
    browser.picked.download(False)
    assert places() == before and panel.cancel.isEnabled()
    panel.show_ready("Loaded into the views: " + "a series with a long name, " * 9, True)
    assert places() == before and "a long name" in panel.state.toolTip()
    panel.show_progress("Downloading 1 series\n1.2 MB of 7.3 MB, 2.5 MB/s, 1 s left, to " + "folder" * 20, True, "Pause")
    here.settle()
    assert panel.widget.sizeHint().width() == wanted, "Slicer gives the dock the width that the panel would like to have"
    panel.cancel.click()
    assert places() == before
    here.parent.resize(width + 90, 760)
    assert places() == before, "the segments make the dock wider"


def test_what_a_link_opened_is_not_fetched(desk):
    here = desk()
    here.desktop.open_sources(["lungs"])
    here.settle()
    assert here.desktop.browser.plan.state.document is not None and here.desktop.browser.downloads.documents == {}


def test_before_the_first_download_the_panel_says_that_it_makes_the_database_and_raises_no_alarm(desk, tmp_path):
    here = desk()
    here.slicer.database.isOpen = False
    here.slicer.database.lastError = "unable to open database file"
    QtCore.QSettings().setValue("DatabaseDirectory_0.8.1", str(tmp_path / "SlicerDICOMDatabase"))
    here.slicer.can_create_database = False
    here.desktop.enter()
    database, button = here.desktop.panel.database, here.desktop.panel.open_database
    assert database.text() == f"The first download creates Slicer's DICOM database in {tmp_path / 'SlicerDICOMDatabase'}"
    assert not button.isVisibleTo(here.parent)
    here.desktop._host.store.prepare()
    here.desktop.enter()
    assert "unable to open database file" in database.text() and button.isVisibleTo(here.parent)


def test_a_database_on_a_drive_that_is_gone_is_a_problem(tmp_path):
    assert first_database_text(str(tmp_path / "drive" / "database")) == ""
    (tmp_path / "database").mkdir()
    assert first_database_text(str(tmp_path / "database")) == "" and first_database_text("") == ""
    assert first_database_text(str(tmp_path / "new"))


def test_a_home_folder_without_documents_is_no_drive_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda _path: str(tmp_path))
    assert first_database_text(str(tmp_path / "Documents" / "SlicerDICOMDatabase"))
    assert first_database_text(f"{tmp_path}-of-somebody-else/database") == ""


def test_names_are_as_long_as_the_narrow_panel_has_room_for_and_parts_of_something_are_not_named_beside_it():
    dose = "DEMO-001 1005: Dose of the plan"
    assert state_text(True, False, [dose, f"{dose} isodoses", "2: CT"]) == f"Loaded into the views: {dose}, 2: CT."
    long = "CASE-001 1002: " + "Organs " * 9
    said = state_text(True, False, [long, "2: CT", "3: PET"])
    assert said == f"Loaded into the views: {long[:35].rstrip()}…, 2: CT and 1 more."


def test_after_loading_the_panel_names_what_is_in_the_views(desk):
    here = desk()
    here.desktop.enter()
    assert "central area" in here.text()
    assert not here.desktop.segments.box.isChecked(), "its width belongs to the browser"
    assert here.parent.findChild(QtWidgets.QComboBox, "segmentsLine") is not None
    assert here.parent.findChild(QtWidgets.QComboBox, "segmentsLineStyle").isHidden(), "Slicer has solid lines only"
    nodes = [
        here.slicer.scene.AddNewNodeByClass("vtkMRMLSegmentationNode" if "S" in name else "vtkMRMLScalarVolumeNode", name)
        for name in ("2: CT thorax", "3: PET", "4: SEG", "5: RTSTRUCT", "6: SEG")
    ]
    here.desktop._view.restore()
    here.desktop._loaded([LoadResult("0", (nodes[0].GetID(),))])
    assert not here.desktop.segments.box.isChecked(), "an image alone has no segments"
    here.desktop._loaded([LoadResult(str(number), (node.GetID(),)) for number, node in enumerate(nodes)])
    assert here.text() == "Loaded into the views: 2: CT thorax, 3: PET and 3 more."
    QtWidgets.QApplication.processEvents()
    assert here.desktop.segments.box.isChecked(), "in a turn after the views"
    here.desktop.panel.show.click()
    assert "central area" in here.text()
    here.slicer.scene.Clear(0)
    here.desktop._view.restore()
    assert here.text() == 'The browser is hidden. Press "Show the browser" to continue there.'


def test_beside_the_views_the_segments_have_the_room_of_what_belongs_to_the_browser(desk):
    here = desk()
    here.parent.resize(400, 440)
    here.parent.show()
    here.desktop.enter()
    panel, section = here.desktop.panel, here.desktop.segments
    belonging = (panel.pages, panel.selection, panel.folder, panel.change_folder)
    assert all(part.isVisible() for part in belonging) and section.box.isFlat()
    node = here.slicer.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "2: SEG")
    here.desktop._loaded([LoadResult("1", (node.GetID(),))])
    here.settle()
    assert not any(part.isVisible() for part in belonging)
    panel.show_database("The database is missing.", True)
    panel.show_database("", False)
    assert panel.database.isVisible(), "no button moves"
    here.desktop._show_state()
    assert not panel.database.isVisible()
    here.settle()
    assert section.box.height() > here.parent.height() / 2
    stays = {part: part.geometry() for part in (panel.show, panel.pause, panel.cancel)}
    panel.show.click()
    here.settle()
    assert all(part.isVisible() for part in belonging)
    assert {part: part.geometry() for part in stays} == stays
    here.desktop._view.restore()
    section.box.setChecked(False)
    assert all(part.isVisible() for part in belonging), "folded segments need no room"


def test_a_row_of_the_tables_leads_to_the_views_in_the_layout_that_the_user_chose(desk):
    import slicer

    chosen = slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView
    here = desk()
    here.desktop.enter()
    here.desktop._begins()
    node = here.slicer.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "2: CT")
    here.desktop._loaded([LoadResult("1.2", (node.GetID(),))])
    assert here.manager.layout not in (chosen, LAYOUT_ID), "into an empty scene: one that fits"
    here.manager.setLayout(chosen)
    here.desktop.panel.show.click()
    assert here.manager.layout == LAYOUT_ID
    here.desktop._wanted([node.GetID()])
    assert here.manager.layout == chosen


def test_views_that_show_slices_while_the_rest_comes_are_left_where_the_user_scrolled(desk, monkeypatch):
    here = desk()
    here.desktop.enter()
    looks = []
    monkeypatch.setattr("IDCBrowserLib.host.slicer.views.shown_nodes.LAYOUT_MS", 0)
    monkeypatch.setattr("IDCBrowserLib.host.slicer.views.shown_nodes.show_loaded", lambda node_ids, *_: looks.append(list(node_ids)) or {})
    first, second = (here.slicer.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in ("2: CT", "3: PET"))
    results = [LoadResult(str(number), (node.GetID(),)) for number, node in enumerate((first, second))]

    def load(loaded):
        here.desktop._begins()
        here.desktop._nodes.seen(first)
        here.settle()
        here.desktop._loaded(loaded)
        here.settle()
        return [looks.pop(0) for _ in range(len(looks))]

    assert load(results[:1]) == [[first.GetID()]]
    assert here.text().startswith("Loaded into the views: 2: CT")
    assert load(results) == [[first.GetID()], [first.GetID(), second.GetID()]], "something else came"
    here.desktop._begins()
    here.desktop._loaded(results[:1])
    here.settle()
    assert looks == [[first.GetID()]], "another load of what was seen before"


def test_the_panel_says_what_the_views_show_while_a_series_comes_and_afterwards(desk, tmp_path):
    here = desk()
    here.desktop.enter()
    array = tmp_path / "1.raw"
    array.write_bytes(bytes(4 * 4 * 4 * 2))
    axes = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    geometry = {"shape": [4, 4, 4], "spacing": [1, 1, 1], "origin": [0, 0, 0], "directions": axes}
    shown = {"array": str(array), "dtype": "int16", "shape": [4, 4, 4], "geometry": geometry, "present": [0, 2], "of": 4, "window": (40, 400)}
    about = {
        "inverted": False,
        "series_uid": "1.2",
        "modality": "CT",
        "series_description": "",
        "series_number": "",
        "patient_id": "",
        "patient_name": "",
    }
    loader = here.desktop.browser.host.loader
    assert loader.show_first_slices({**shown, **about})
    here.settle()
    assert "where a slice is missing, the nearest one" in here.text()
    node = here.slicer.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "2: CT")
    here.desktop._begins()
    here.desktop._loaded([LoadResult("1.2", (node.GetID(),))])
    loader.hide_first_slices()
    here.settle()
    assert here.text().startswith("Loaded into the views: 2: CT")


def test_a_closed_database_is_offered_slicers_own_way(desk, tmp_path):
    here = desk()
    QtCore.QSettings().setValue("DatabaseDirectory_0.8.1", str(tmp_path))
    here.slicer.database.isOpen = False
    here.slicer.database.lastError = "another schema"
    here.desktop.enter()
    assert "another schema" in here.desktop.panel.database.text()
    here.desktop.panel.open_database.click()
    assert here.slicer.selected == ["DICOM", "IDCBrowser"]
    assert not here.desktop.panel.open_database.isVisibleTo(here.parent)


def test_a_database_that_is_gone_is_made_anew_when_the_user_asks_for_it(desk):
    here = desk()
    here.desktop.enter()
    os.remove(here.slicer.database.databaseFilename)
    here.desktop._begins()
    assert "was moved or deleted" in here.desktop.panel.database.text()
    here.desktop._host.store.prepare()
    assert not os.path.exists(here.slicer.database.databaseFilename), "a drive may come back"
    here.desktop.panel.open_database.click()
    assert os.path.exists(here.slicer.database.databaseFilename) and here.desktop.panel.database.text() == ""
    assert not here.desktop.panel.open_database.isVisibleTo(here.parent)


def test_statuses_are_asked_again_when_the_database_has_changed(desk, monkeypatch):
    monkeypatch.setattr("IDCBrowserLib.host.slicer.dicom.database_state._PAUSE_MS", 0)
    here = desk()
    here.desktop.enter()
    here.desktop.browser.statuses.ask(["1.2.3"])
    here.settle()
    asked = len(here.engines[0].asked_folders)
    for _ in range(5):
        here.slicer.database.databaseChanged.emit()
    here.settle()
    assert len(here.engines[0].asked_folders) == asked + 1
    here.desktop.close()
    here.slicer.database.databaseChanged.emit()


def test_importing_the_module_loads_nothing_and_opens_nothing():
    code = textwrap.dedent(f"""
        import sys, types
        slicer = types.ModuleType("slicer"); i18n = types.ModuleType("slicer.i18n"); base = types.ModuleType("slicer.ScriptedLoadableModule")
        i18n.tr = lambda text: text; i18n.translate = lambda context, text: text
        for name in ("", "Widget", "Logic", "Test"): setattr(base, "ScriptedLoadableModule" + name, type("Base" + name, (), {{}}))
        sys.modules.update({{"slicer": slicer, "slicer.i18n": i18n, "slicer.ScriptedLoadableModule": base}})
        sys.path.insert(0, {str(MODULE)!r})
        touched = []
        def look(event, arguments):
            if event.startswith(("socket.", "subprocess.")) or (event == "open" and not str(arguments[0]).endswith((".py", ".pyc"))):
                touched.append((event, str(arguments[0])))
        before = set(sys.modules)
        sys.addaudithook(look)
        import IDCBrowser
        new = {{name.split(".")[0] for name in set(sys.modules) - before}} - sys.stdlib_module_names
        print(sorted(new), [item for item in touched if "IDCBrowser" not in item[1] or not item[1].endswith("IDCBrowser")])
    """)
    # -B: writing bytecode is Python's doing, not the module's.
    result = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "['IDCBrowser'] []"


@pytest.mark.parametrize(("possible", "problem"), [(True, False), (False, True)])
def test_the_first_download_makes_the_database_that_slicer_has_not_yet(desk, possible, problem):
    here = desk()
    here.slicer.database.isOpen = False
    here.slicer.can_create_database = possible
    here.desktop.enter()
    here.settle()
    here.desktop.browser.opened_set.open_sources(["lungs"])
    here.settle()
    here.desktop.browser.picked.download(False)
    here.desktop.browser.picked.download(False)
    assert here.slicer.selected.count("DICOM") == 1, "Slicer's own way, tried once"
    assert here.slicer.database.isOpen is possible
    here.desktop._database_changed()
    assert here.desktop.panel.open_database.isVisibleTo(here.desktop.panel.widget) is problem


@pytest.mark.parametrize("name", ["cart", "downloads", "storage", "settings"])
def test_the_narrow_panel_leads_to_each_page_of_the_browser(desk, name):
    here = desk()
    here.desktop.enter()
    here.settle()
    here.desktop.exit()
    assert here.manager.layout != LAYOUT_ID
    here.desktop.panel.widget.findChild(QtWidgets.QPushButton, f"module{name.title()}").click()
    assert here.manager.layout == LAYOUT_ID
    browser_panel = here.desktop._browser_panel
    assert browser_panel.further[browser_panel.pages.currentIndex() - 1].name == name


def test_every_widget_has_a_parent_as_one_without_outlives_the_module_in_slicer(desk):
    before = QtWidgets.QApplication.topLevelWidgets()
    here = desk()
    here.desktop.enter()
    here.settle()
    here.desktop.browser.reports.opened.emit()
    others = (*before, here.parent, here.manager.area, *(factory.inner for factory in here.manager.factories))
    alone = [made for made in QtWidgets.QApplication.topLevelWidgets() if made.parent() is None and made not in others]
    assert [made.objectName() for made in alone] == []


@pytest.mark.parametrize("way", ["button", "keys"])
def test_a_manifest_is_opened_by_the_button_and_by_the_keys_that_help_names(desk, way):
    here = desk()
    here.desktop.enter()
    here.settle()
    here.desktop._host.choose_manifests = lambda: ["lungs"]
    if way == "button":
        here.desktop.exit()
        here.desktop.panel.manifest.click()
    else:
        panel = here.desktop._browser_panel.widget
        (action,) = [one for one in panel.actions() if one.shortcut().toString() == "Ctrl+M"]
        action.trigger()
    here.settle()
    assert here.manager.layout == LAYOUT_ID
    assert list(here.desktop.browser.plan.state.sources) == ["lungs"]
