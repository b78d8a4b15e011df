"""Slides and their annotations into the scene, through the real engine's methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6")

from helpers.fake_host import FakeEngine, FakeStore
from helpers.slide_files import saved_nuclei, saved_slide, slide_handlers
from PySide6 import QtCore, QtGui

from IDCBrowserLib.api import catalog
from IDCBrowserLib.dicom.sop_classes import SLIDE_ANNOTATIONS, SLIDE_IMAGE
from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
from IDCBrowserLib.host.loading.scene_loader import SceneLoader
from IDCBrowserLib.host.standalone.outlines import SlideOutlines
from IDCBrowserLib.host_interface import LoadRequest
from IDCBrowserLib.scene.overlay import arrange


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
    engine = FakeEngine({**slide_handlers(tmp_path / "exchange"), **answer(catalog.PROVENANCE, lambda _params: {"series": []})})
    store = Files({uid("slide"): slide, uid("nuclei"): [nuclei]})
    loader = SceneLoader(host.scene, engine.client, store, EngineImageLoader(host.scene, engine.client, lambda: "bw"))

    def load_some(*requests: LoadRequest) -> list[Any]:
        results: list[Any] = []
        loader.load(requests, results.extend, lambda _progress: None)
        while not results:
            engine.client.poll()
        return results

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
