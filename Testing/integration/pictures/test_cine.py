"""Frames without a place in the patient: one view, played at the rate of the file."""

import json

import pytest

pytest.importorskip("PySide6")

from helpers.made_volumes import AXIAL, image
from PySide6 import QtWidgets

from IDCBrowserLib.host.standalone.cine import CineBar
from IDCBrowserLib.scene.provenance import FRAME_RATE_ATTRIBUTE, UNPLACED_ATTRIBUTE, WINDOWS_ATTRIBUTE, mark
from IDCBrowserLib.scene.volumes import add_scalar_volume


@pytest.fixture
def frames(host):
    node = add_scalar_volume(host.scene, image(), AXIAL, "Cine")
    windows = json.dumps([[40, 400, "Soft"], [500, 1000, ""]])
    mark(node, {UNPLACED_ATTRIBUTE: "true", FRAME_RATE_ATTRIBUTE: "10", WINDOWS_ATTRIBUTE: windows})
    return node


def test_they_have_one_view_with_a_bar(grid, frames):
    grid.fit(frames)
    assert [view.isVisible() for view in (grid.axial, grid.three_d, grid.coronal, grid.sagittal)] == [True, False, False, False]
    assert grid.cine.isVisible() and grid.cine.place.maximum() == 19
    assert grid.cine.rate.value() == 10 and grid.cine.findChild(QtWidgets.QLabel, "frameText").text() == "1 of 20"
    grid.cine.findChild(QtWidgets.QToolButton, "allViewsButton").click()
    assert grid.three_d.isVisible()


def test_an_image_of_a_patient_brings_the_other_views_back(grid, host, frames):
    grid.fit(frames)
    grid.fit(add_scalar_volume(host.scene, image(), AXIAL, "CT"))
    assert grid.coronal.isVisible() and not grid.cine.isVisible()


def test_frames_are_played_at_the_rate_of_the_file_whatever_a_machine_can_draw(grid, frames):
    grid.fit(frames)
    now = [100.0]
    bar = CineBar(grid.axial, clock=lambda: now[0])
    bar.show_volume(frames)
    bar.play_button.setChecked(True)
    assert bar.play_button.text() == "Pause"
    for seconds, frame in ((0.1, 1), (0.2, 2), (1.0, 10), (1.95, 0), (2.3, 3)):
        now[0] = 100.0 + seconds
        bar.show_due()
        assert (bar.place.value(), grid.axial.stack.index()) == (frame, frame), seconds
    bar.play_button.setChecked(False)
    assert bar.play_button.text() == "Play"
    bar.deleteLater()


def test_the_windows_of_the_file_can_be_chosen(grid, frames):
    grid.fit(frames)
    chosen = grid.cine.window_list
    assert [chosen.itemText(number) for number in range(chosen.count())] == ["Soft", "W 1000  L 500"]
    chosen.setCurrentIndex(1)
    chosen.activated.emit(1)
    display = frames.GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel()) == (1000, 500)
