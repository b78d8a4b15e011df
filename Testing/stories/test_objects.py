"""A person opens a study with every kind of object: each is shown as what it is, and is what it was made of."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.hands import Hands
from PySide6 import QtCore, QtTest

from IDCBrowserLib.demo import report
from IDCBrowserLib.demo.objects.checks import Read, check
from IDCBrowserLib.demo.world import World, open_world
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import WindowConfig
from IDCBrowserLib.ui.dose import dose_page


@pytest.fixture(scope="module")
def whole_world(phantom_folder: Path, objects_folder: Path) -> Iterator[World]:
    world = open_world(phantom_folder=phantom_folder, objects_folder=objects_folder)
    yield world
    world.close()


def files_of(world: World, folder: Path, keys: set[str]) -> Path:
    for series in world.series:
        for path in series.files if series.key in keys else ():
            (folder / series.key).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / series.key)
    return folder


def open_study(hands: Hands, folder: Path) -> None:
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.choose_folder_next(folder)
    hands.trigger("openFolderAction")
    hands.wait(lambda: "load" in hands.program.browser.downloads.documents, "everything loaded")


@pytest.fixture
def at_the_window(whole_world: World, tmp_path: Path, open_window: Callable[[WindowConfig], Hands]) -> Hands:
    return open_window(demo_config(replace(whole_world, folder=tmp_path / "world")))


def test_all_kinds_of_the_phantom_are_shown_as_they_were_made(at_the_window: Hands, whole_world: World, tmp_path: Path) -> None:
    hands = at_the_window
    open_study(hands, files_of(whole_world, tmp_path / "study", {"ct", "rtstruct", *whole_world.objects_truth, "mr_other_day"}))
    reports = hands.program.browser.reports
    hands.wait(lambda: reports.rows.total == 12, "the measurements")
    titles = [column["title"] for column in reports.state.columns]
    rows = [dict(zip(titles, row, strict=False)) for _number, row in reports.rows.loaded()]
    read = Read([f"{line['name']}: {line['value']}" for line in reports.state.lines], rows)
    nodes = report.nodes_by_key(hands.program.browser.downloads.documents, whole_world.series)
    found = check(hands.program.scene.scene, nodes, read, whole_world.objects_truth)
    assert {document["key"] for document in found} == set(whole_world.objects_truth)
    assert [row for document in found for row in document["checks"] if not row["right"]] == []


def test_a_dose_is_read_off_in_the_window(at_the_window: Hands, whole_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = at_the_window
    open_study(hands, files_of(whole_world, tmp_path / "study", {"ct", "rtstruct", "dose", "plan"}))
    doses = hands.program.browser.doses
    hands.wait(lambda: doses.state.rois, "the histograms")
    hands.program.panel.show_page("dose")
    assert "60 Gy in 30 fractions" in hands.widget("dosePlans").text()
    monkeypatch.setattr(dose_page, "choose_save_file", lambda *_how: str(tmp_path / "doses.csv"))
    hands.press("doseSave")
    saved = {row["name"]: row for row in csv.DictReader((tmp_path / "doses.csv").read_text().splitlines())}
    for counted in whole_world.objects_truth["dose"]["histograms"]:
        row = saved[counted["name"]]
        assert float(row["mean_gy"]) == pytest.approx(counted["mean_gy"], rel=0.03, abs=0.02)
        assert float(row["stored_mean_gy"]) == pytest.approx(counted["mean_gy"], rel=0.01, abs=0.06)
    hands.photograph("dose")


def test_an_ultrasound_is_played_and_a_slide_is_looked_at(at_the_window: Hands, whole_world: World, tmp_path: Path) -> None:
    hands = at_the_window
    open_study(hands, files_of(whole_world, tmp_path / "study", {"us", "slide", "nuclei"}))
    views = hands.program.views
    ultrasound = next(node for node in hands.program.scene.nodes("vtkMRMLScalarVolumeNode") if "Aorta" in node.GetName())
    views.fit(ultrasound)
    assert views.cine.rate.value() == 25 and views.cine.place.maximum() == 23
    QtTest.QTest.mouseClick(views.cine.play_button, QtCore.Qt.MouseButton.LeftButton)
    hands.wait(lambda: views.cine.place.value() > 0, "the next frame")
    hands.photograph("ultrasound")
    QtTest.QTest.mouseClick(views.cine.play_button, QtCore.Qt.MouseButton.LeftButton)
    density = next(node for node in hands.program.scene.nodes("vtkMRMLScalarVolumeNode") if "Nuclei" in node.GetName())
    views.fit(density)
    assert views.axial.background().GetClassName() == "vtkMRMLVectorVolumeNode"
    hands.photograph("slide")
