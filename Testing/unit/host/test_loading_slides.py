"""Slides and their annotations into the scene, through the real engine's methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PySide6")

from helpers.fake_host import FakeEngine, FakeStore
from helpers.slide_files import saved_nuclei, saved_slide, slide_handlers
from PySide6 import QtCore, QtGui, QtTest

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api import slide as slide_api
from IDCBrowserLib.dicom.sop_classes import SLIDE_ANNOTATIONS, SLIDE_IMAGE
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
from IDCBrowserLib.host.loading.scene_loader import SceneLoader
from IDCBrowserLib.host.standalone.outlines import SlideOutlines
from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.scene.overlay import arrange
from IDCBrowserLib.slide.levels import read_slide


class Files(FakeStore):
    def __init__(self, files: dict[str, list[str]]) -> None:
        super().__init__()
        self.files = files

    def series_files(self, series_uid, on_done, on_error):
        on_done(self.files.get(series_uid, []))
        return self

    def cancel(self) -> None:
        """Nothing runs."""


@pytest.fixture
def load(host, tmp_path: Path):
    from helpers.answer import answer

    from IDCBrowserLib.demo.identity import uid

    slide, nuclei = saved_slide(str(tmp_path / "slide")), saved_nuclei(str(tmp_path / "nuclei"))
    (tmp_path / "exchange").mkdir()
    sizes: dict[str, tuple[int, int]] = {}
    engine = FakeEngine({**slide_handlers(tmp_path / "exchange", sizes), **answer(catalog.PROVENANCE, lambda _params: {"series": []})})
    store = Files({uid("slide"): slide, uid("nuclei"): [nuclei]})
    loader = SceneLoader(host.scene, engine.client, store, EngineImageLoader(host.scene, engine.client, lambda: "bw"))

    def load_some(*requests: LoadRequest) -> list[Any]:
        results: list[Any] = []
        loader.load(requests, results.extend, lambda _progress: None)
        while not results:
            engine.client.poll()
        return results

    load_some.engine = engine  # type: ignore[attr-defined]
    load_some.sizes = sizes  # type: ignore[attr-defined]
    load_some.store = store  # type: ignore[attr-defined]
    load_some.uid = uid  # type: ignore[attr-defined]
    return load_some


def test_a_slide_and_its_nuclei_lie_over_each_other(load, host, grid):
    requests = [LoadRequest(load.uid("nuclei"), sop_class_uid=SLIDE_ANNOTATIONS), LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE)]
    nuclei, slide = load(*requests)
    assert (nuclei.error, slide.error) == ("", "")
    assert slide.report == {"levels": [[1024, 1024], [512, 512], [256, 256]], "shown": [1024, 1024]}
    assert nuclei.report["groups"] == [{"name": "Nuclei", "count": 491}]
    picture, density = host.scene.GetNodeByID(slide.node_ids[0]), host.scene.GetNodeByID(nuclei.node_ids[0])
    assert len(slide.node_ids) == 2, "the level and the label"
    shown = arrange([picture, density], density)
    assert (shown.below, shown.above) == (picture, density)
    label = host.scene.GetNodeByID(slide.node_ids[1])
    assert arrange([picture, label, density], density).below is picture
    assert arrange([picture, label, density], label).above is None
    grid.fit(density)
    assert grid.axial.isVisible() and not grid.coronal.isVisible()

    outlines = SlideOutlines()
    painter_on = QtGui.QImage(200, 200, QtGui.QImage.Format.Format_RGB32)
    painter_on.fill(0)
    painter = QtGui.QPainter(painter_on)
    corner = density.GetImageData() and picture.GetOrigin()
    # The whole slide in 200 pixels, upright: x of the glass runs against rows, y against columns.
    step = 1024 * 0.0005 / 200

    def ras_of(x: float, y: float):
        return corner[0] + y * step, corner[1] + x * step, 0.0

    count = outlines.draw(painter, density, QtCore.QRect(0, 0, 200, 200), ras_of)
    painter.end()
    assert count == 491
    colors = {painter_on.pixel(x, y) & 0xFFFFFF for x in range(200) for y in range(200)}
    assert len(colors) > 1, "something was painted"
    assert painter_on.pixel(2, 2) & 0xFFFFFF == 0, "nothing outside of the tissue"


def test_annotations_without_their_slide_say_which_one_is_missing(load):
    del load.store.files[load.uid("slide")]
    [nuclei] = load(LoadRequest(load.uid("nuclei"), sop_class_uid=SLIDE_ANNOTATIONS))
    assert load.uid("slide") in nuclei.error and "Download it" in nuclei.error


class Windows:
    """Windows of slides from the engine's own method."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.asked: list[Any] = []

    def ask(self, series_uid, files, wanted, on_done, on_error):
        self.asked.append(wanted)
        params = {"series": series_uid, "files": [*files, *self.more], "rect": list(wanted.rect), "width": wanted.width, "height": wanted.height}
        return self.engine.client.ask(slide_api.WINDOW({**params, "fetch": False}), on_done, on_error)

    more: tuple[str, ...] = ()


def picture_of(view) -> np.ndarray:
    view.invalidate()
    grabbed = view.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB888)
    values = np.frombuffer(grabbed.constBits(), np.uint8).reshape(grabbed.height(), grabbed.bytesPerLine())
    # Without the corner texts.
    return values[:, : 3 * grabbed.width()].reshape(grabbed.height(), -1, 3)[60:-60, 60:-60].astype(int)


def wait_for(condition, engine: FakeEngine) -> None:
    for _try in range(1000):
        QtTest.QTest.qWait(5)
        engine.client.poll()
        if condition():
            return
    raise AssertionError("waited in vain")


def test_looking_closer_shows_the_tiles_of_a_finer_level_in_their_place(load, host, grid):
    files = load.store.files[load.uid("slide")]
    view = grid.axial
    (whole,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))
    grid.fit(host.scene.GetNodeByID(whole.node_ids[0]))
    view.zoom(5)
    view.pan(40, -25)
    sharp = picture_of(view)
    host.scene.Clear(False)
    load.store.files[load.uid("slide")] = files[2:3]
    (coarse,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))
    assert coarse.report["shown"] == [256, 256]
    source = Windows(load.engine)
    source.more = tuple(files[:2])
    view.detail.source = source
    grid.fit(host.scene.GetNodeByID(coarse.node_ids[0]))
    view.zoom(1 / 4)
    picture_of(view)
    QtTest.QTest.qWait(150)
    assert not view.detail.is_shown and not source.asked, "the level is sharp enough for a small picture"
    view.zoom(4)
    view.zoom(5)
    view.pan(40, -25)
    blurred = picture_of(view)
    wait_for(lambda: picture_of(view) is not None and view.detail.is_shown, load.engine)
    close = picture_of(view)
    assert np.abs(blurred - sharp).mean() > 3 * np.abs(close - sharp).mean() and np.abs(close - sharp).mean() < 4
    asked = len(source.asked)
    view.pan(30, 10)
    view.pan(-30, -10)
    picture_of(view)
    QtTest.QTest.qWait(150)
    assert len(source.asked) == asked, "back at the same place nothing is asked for again"
    view.zoom(1 / 20)
    picture_of(view)
    assert not view.detail.is_shown


def test_a_window_that_fails_is_said_in_the_corner_and_the_level_stays(load, host, grid):
    (slide,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))

    class Failing:
        def ask(self, series_uid, files, wanted, on_done, on_error):
            on_error(ConversionError("No level can be read."))
            return load.store

    grid.axial.detail.source = Failing()
    grid.fit(host.scene.GetNodeByID(slide.node_ids[0]))
    grid.axial.zoom(8)
    picture_of(grid.axial)
    wait_for(lambda: grid.axial.detail.note == "No level can be read.", load.engine)
    assert not grid.axial.detail.is_shown


def test_of_a_slide_the_wheel_zooms_and_the_left_button_moves(load, host, grid):
    (slide,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))
    view = grid.axial
    view.detail.source = Windows(load.engine)
    grid.fit(host.scene.GetNodeByID(slide.node_ids[0]))
    picture_of(view)
    before, place = view.node.GetFieldOfView()[0], view.node.GetXYZOrigin()
    view.drag_left(30, 0)
    assert view.node.GetXYZOrigin() != place and view.node.GetFieldOfView()[0] == before
    middle = QtCore.QPointF(view.rect().center())
    wheel = QtGui.QWheelEvent(
        middle, middle, QtCore.QPoint(), QtCore.QPoint(0, 120), QtCore.Qt.MouseButton.NoButton, QtCore.Qt.KeyboardModifier.NoModifier,
        QtCore.Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    view.wheelEvent(wheel)
    assert view.node.GetFieldOfView()[0] < before


def test_annotations_of_a_level_that_is_not_here_lie_over_the_one_that_is(load, host):
    files = load.store.files[load.uid("slide")]
    (full,) = load(LoadRequest(load.uid("nuclei"), sop_class_uid=SLIDE_ANNOTATIONS))
    load.store.files[load.uid("slide")] = files[2:3]
    load.sizes.update({read_slide(files).levels[0].sop_instance_uid: (1024, 1024)})
    (nuclei,) = load(LoadRequest(load.uid("nuclei"), sop_class_uid=SLIDE_ANNOTATIONS))
    assert nuclei.error == ""
    there, here = host.scene.GetNodeByID(full.node_ids[0]), host.scene.GetNodeByID(nuclei.node_ids[0])
    bounds = [np.zeros(6), np.zeros(6)]
    there.GetRASBounds(bounds[0])
    here.GetRASBounds(bounds[1])
    # Half a pixel of the level that is here, of 0.002 mm: its first pixel's corner is what both share.
    assert np.ptp(bounds[0]) > 10 and np.abs(bounds[0] - bounds[1]).max() < 0.001
