"""Slides and their annotations into the scene, through the real engine's methods."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("PySide6")

from helpers.fake_host import FakeEngine, FakeStore, Handle
from helpers.fake_slicer import FakeSlicer
from helpers.slide_files import drawn_handlers, known_segments, saved_nuclei, saved_segments, saved_slide, slide_handlers
from PySide6 import QtCore, QtGui, QtTest

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api import slide as slide_api
from IDCBrowserLib.dicom.sop_classes import SEGMENTATION, SLIDE_ANNOTATIONS, SLIDE_IMAGE
from IDCBrowserLib.errors import ConversionError, TransferError
from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
from IDCBrowserLib.host.loading.scene_loader import SceneLoader
from IDCBrowserLib.host.slicer.views.slide_views import SlideViews
from IDCBrowserLib.host.slides import outlines as outlines_module
from IDCBrowserLib.host.slides import outlines_actor
from IDCBrowserLib.host.slides.outlines import DOT, Outlines, OutlinesOfVolume
from IDCBrowserLib.host.standalone.slide_outlines import SlideOutlines
from IDCBrowserLib.host_interface import ChosenSegments, LoadRequest
from IDCBrowserLib.scene.arrays import array4x4
from IDCBrowserLib.scene.overlay import arrange
from IDCBrowserLib.scene.provenance import SLIDE_SEGMENTS_ATTRIBUTE
from IDCBrowserLib.scene.segments.segment_voxels import measure
from IDCBrowserLib.scene.segments.segmentation import reference_volume
from IDCBrowserLib.scene.segments.slide_segments import SlideSegmentFiles
from IDCBrowserLib.slide.levels import read_slide


@pytest.fixture
def load(host, tmp_path: Path):
    from helpers.answer import answer

    from IDCBrowserLib.demo.identity import uid

    slide, nuclei = saved_slide(str(tmp_path / "slide")), saved_nuclei(str(tmp_path / "nuclei"))
    segments = saved_segments(str(tmp_path / "slide_segments"))
    (tmp_path / "exchange").mkdir()
    sizes: dict[str, tuple[int, int]] = {}
    provenance = answer(catalog.PROVENANCE, lambda _params: {"series": []})
    engine = FakeEngine({**slide_handlers(tmp_path / "exchange", sizes), **drawn_handlers(tmp_path / "exchange"), **provenance})
    store = FakeStore()
    store.files = {uid("slide"): slide, uid("nuclei"): [nuclei], uid("slide_segments"): segments}
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


def in_slicer(view, host, monkeypatch, tmp_path):
    """Slicer with this view as its red one, whose own look at slides is off."""
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    monkeypatch.setattr("slicer.mrmlScene", host.scene, raising=False)
    window = view.render_window.window
    slice_view = SimpleNamespace(renderWindow=lambda: window, scheduleRender=view.invalidate)
    fake.app.manager.slice_widgets["Red"] = SimpleNamespace(sliceView=lambda: slice_view, sliceLogic=lambda: view.logic)
    view.detail.source = view.segments.source = None
    return fake


def test_in_slicer_a_view_shows_the_tiles_of_finer_levels_and_of_segments_in_their_place(load, host, grid, monkeypatch, tmp_path):
    view, parent = grid.axial, QtCore.QObject()
    files, segments = load.store.files[load.uid("slide")], load.store.files[load.uid("slide_segments")]
    loaded = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    grid.show_loaded([node for result in loaded for node in result.node_ids])

    def look() -> np.ndarray:
        view.fit()
        view.zoom(5)
        view.pan(40, -25)
        return picture_of(view)

    sharp = look()
    host.scene.Clear(False)
    load.store.files.update({load.uid("slide"): files[2:3], load.uid("slide_segments"): segments[1:]})
    loaded = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    fake = in_slicer(view, host, monkeypatch, tmp_path)
    slides, labels = Windows(load.engine), SegmentWindows(load.engine, segments[:1])
    slides.more = tuple(files[:2])
    views = SlideViews(slides, labels, parent)
    grid.show_loaded([node for result in loaded for node in result.node_ids])
    view.zoom(1 / 4)
    picture_of(view)
    QtTest.QTest.qWait(150)
    shown = views.view("Red")
    assert not shown.detail.is_shown and not slides.asked and not labels.asked, "what is loaded is sharp enough for a small picture"
    blurred = look()
    wait_for(lambda: picture_of(view) is not None and shown.detail.is_shown and labels.asked and not load.engine.client.pending, load.engine)
    close = look()
    assert shown.segments.is_painted and np.abs(blurred - sharp).mean() > 2 * np.abs(close - sharp).mean()
    # Views that come with a layout are looked at as well; one that is gone is not.
    fake.app.manager.slice_widgets["Slice4"] = fake.app.manager.slice_widgets["Red"]
    fake.app.manager.setLayout(fake.app.manager.layout)
    assert views.view("Slice4") is not None
    props = view.render_window.renderer.GetViewProps().GetNumberOfItems()
    views.close()
    assert view.render_window.renderer.GetViewProps().GetNumberOfItems() < props
    picture_of(view)
    QtTest.QTest.qWait(150)
    assert views.view("Red") is None and not view.render_window.renderer.HasObserver("StartEvent")


def yellow(view) -> np.ndarray:
    """Places (n, 2) of the view, x and y upwards, that have the color of outlines."""
    picture = picture_of(view).astype(int)
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    rows, columns = np.nonzero((red > 200) & (green > 180) & (blue < 60))
    # Of the pictures an edge of 60 pixels is cut.
    return np.column_stack([columns + 60, picture.shape[0] + 59 - rows])


def test_in_slicer_outlines_of_annotations_lie_in_their_places_while_few_are_in_sight(load, host, grid, monkeypatch, tmp_path):
    view, parent = grid.axial, QtCore.QObject()
    (slide,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))
    in_slicer(view, host, monkeypatch, tmp_path)
    # What the standalone window itself paints.
    monkeypatch.setattr(view._outlines, "draw", lambda *_what: 0)
    views = SlideViews(Windows(load.engine), SegmentWindows(load.engine), parent)
    grid.fit(host.scene.GetNodeByID(slide.node_ids[0]))
    assert not len(yellow(view)), "nothing was annotated yet"
    nuclei = load(LoadRequest(load.uid("nuclei"), sop_class_uid=SLIDE_ANNOTATIONS))[0]
    density = host.scene.GetNodeByID(nuclei.node_ids[0])
    grid.fit(density)
    view.zoom(6)
    picture_of(view)
    outlines = OutlinesOfVolume().get(density)
    places = np.column_stack([outlines.points, np.zeros(len(outlines.points)), np.ones(len(outlines.points))]) @ outlines.to_ras.T
    expected = (places @ np.linalg.inv(array4x4(view.node.GetXYToRAS())).T)[:, :2]
    found = yellow(view)
    assert len(found) > 100
    distances = np.sqrt(((found[:: max(1, len(found) // 200), None] - expected[None]) ** 2).sum(axis=2)).min(axis=1)
    longest = np.sqrt((np.diff(expected[outlines.starts[0] : outlines.starts[1]], axis=0) ** 2).sum(axis=1)).max()
    assert distances.max() <= longest / 2 + 3, "on the lines from one point to the next"
    monkeypatch.setattr(outlines_module, "MOST_SHOWN", 0)
    view.zoom(2)
    assert not len(yellow(view)), "the density map says more"
    monkeypatch.setattr(outlines_module, "MOST_SHOWN", 3000)
    view.zoom(0.5)
    assert len(yellow(view)) == len(found)
    views.close()
    assert not len(yellow(view))


def test_a_point_that_was_annotated_is_a_circle_and_another_slide_has_its_own_outlines(host, grid):
    outlines = Outlines(np.array([[1.0, 1.0]], np.float32), np.array([0, 1]), np.array([[1.0, 1.0]], np.float32), np.eye(4))
    ring = outlines_actor._rounded(outlines.points_of(0))
    np.testing.assert_allclose(np.linalg.norm(ring - 1.0, axis=1), DOT)
    assert OutlinesOfVolume().get(None) is None


def test_in_slicer_what_is_said_of_a_window_is_in_the_status_bar_once(load, host, grid, monkeypatch, tmp_path):
    (slide,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))
    said: list[str] = []
    in_slicer(grid.axial, host, monkeypatch, tmp_path)
    monkeypatch.setattr("slicer.util.showStatusMessage", lambda text, _milliseconds: said.append(text))

    class Failing:
        def ask(self, series_uid, files, wanted, on_done, on_error):
            on_error(ConversionError("No level can be read."))
            return Handle()

    parent = QtCore.QObject()
    views = SlideViews(Failing(), SegmentWindows(load.engine), parent)
    grid.fit(host.scene.GetNodeByID(slide.node_ids[0]))
    grid.axial.zoom(8)
    picture_of(grid.axial)
    wait_for(lambda: said, load.engine)
    grid.axial.pan(5, 5)
    picture_of(grid.axial)
    QtTest.QTest.qWait(150)
    assert said == ["No level can be read."]
    views.close()


def test_a_window_that_fails_is_said_in_the_corner_and_the_level_stays(load, host, grid):
    (slide,) = load(LoadRequest(load.uid("slide"), sop_class_uid=SLIDE_IMAGE))

    class Failing:
        def ask(self, series_uid, files, wanted, on_done, on_error):
            on_error(ConversionError("No level can be read."))
            return Handle()

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


class SegmentWindows:
    """Windows of segmentations from the engine's own method, among ``more`` files."""

    def __init__(self, engine: FakeEngine, more: Sequence[str] = ()) -> None:
        self.engine, self.more = engine, more
        self.asked: list[Any] = []
        self.files: list[SlideSegmentFiles] = []

    def ask(self, files, wanted, on_done, on_error):
        self.asked.append(wanted)
        self.files.append(files)
        paths = [*self.more, *files.files]
        params = {"series": files.series, "files": paths, "numbers": files.numbers, "rect": list(wanted.rect)}
        return self.engine.client.ask(slide_api.SEGMENT_WINDOW({**params, "width": wanted.width, "height": wanted.height}), on_done, on_error)


def test_a_segmentation_brings_its_slide_and_lies_over_it(load, host, grid):
    segments, slide = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    assert (segments.error, slide.error, slide.series_uid) == ("", "", load.uid("slide"))
    found = {row["name"]: row["voxels"] for row in segments.report["segments"]}
    assert found == {row["name"]: row["voxels"] for row in known_segments()["segments"]}
    assert len(segments.node_ids) == 1, "no labelmap volume of what may be an overview"
    node = host.scene.GetNodeByID(segments.node_ids[0])
    picture = host.scene.GetNodeByID(slide.node_ids[0])
    assert reference_volume(node) is picture
    figures = {identifier: own for found in measure(node) for identifier, own in (found or {}).items()}
    tissue = known_segments()["segments"][0]["voxels"]
    assert figures["Segment_1"].area_mm2 == pytest.approx(tissue * 0.0005**2)
    bounds = [np.zeros(6), np.zeros(6)]
    node.GetRASBounds(bounds[0])
    picture.GetRASBounds(bounds[1])
    # Both in the plane of the glass; bounds of segments are of what is in them.
    assert (bounds[0][:4:2] >= bounds[1][:4:2] - 1e-6).all() and (bounds[0][1:4:2] <= bounds[1][1:4:2] + 1e-6).all()
    grid.show_loaded([*segments.node_ids, *slide.node_ids])
    assert grid.axial.background() is picture and grid.axial.isVisible() and not grid.coronal.isVisible()


def test_without_its_slide_a_segmentation_is_shown_alone_and_that_is_said(load):
    del load.store.files[load.uid("slide")]
    [segments] = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    assert segments.error == "" and "is not in the DICOM database" in segments.warnings[0]


def test_of_several_segmentations_those_that_lie_on_the_slide_are_shown(load, tmp_path: Path):
    fine, coarse = load.store.files[load.uid("slide_segments")]
    beside = pydicom.dcmread(coarse)
    beside.TotalPixelMatrixOriginSequence[0].XOffsetInSlideCoordinateSystem = "40"
    beside.save_as(tmp_path / "beside.dcm")
    load.store.files[load.uid("slide_segments")] = [fine, str(tmp_path / "beside.dcm")]
    segments, _slide = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    assert segments.error == "" and len(segments.node_ids) == 1
    assert any("beside.dcm lies beside the slide" in warning for warning in segments.warnings)


def test_looking_closer_paints_segments_from_the_tiles_of_a_larger_size(load, host, grid):
    fine, coarse = load.store.files[load.uid("slide_segments")]
    segments, slide = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    view = grid.axial
    view.detail.source = Windows(load.engine)
    grid.show_loaded([*segments.node_ids, *slide.node_ids])

    def look() -> np.ndarray:
        view.fit()
        view.zoom(3)
        view.pan(40, -25)
        picture = picture_of(view)
        # Where nuclei are painted, in blue and green; the slide itself may be smoothed meanwhile.
        return picture[..., 1] > picture[..., 0]

    sharp = look()
    host.scene.Clear(False)
    load.store.files[load.uid("slide_segments")] = [coarse]
    segments, slide = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    source = SegmentWindows(load.engine, [fine])
    view.segments.source = source
    grid.show_loaded([*segments.node_ids, *slide.node_ids])
    view.zoom(1 / 2)
    picture_of(view)
    assert not view.segments.is_painted and not source.asked, "the overview is sharp enough for a small picture"
    blurred = look()
    assert view.segments.is_painted, "from the overview until tiles come"
    wait_for(lambda: source.asked and not load.engine.client.pending, load.engine)
    close = look()
    assert sharp.mean() > 0.03 and (close ^ sharp).mean() < (blurred ^ sharp).mean() / 3
    # Slicer's own picture of the overview does not lie below.
    node = host.scene.GetNodeByID(segments.node_ids[0])
    node.GetDisplayNode().SetVisibility(False)
    plain = picture_of(view)
    assert not view.segments.is_painted
    node.GetDisplayNode().SetVisibility(True)
    node.GetDisplayNode().SetSegmentVisibility("Segment_1", False)
    nuclei = picture_of(view)
    node.GetDisplayNode().SetSegmentVisibility("Segment_2", False)
    assert np.abs(picture_of(view) - plain).max() == 0
    changed = np.abs(nuclei - plain).max(axis=2) > 0
    assert 0.01 < changed.mean() < 0.5, "only nuclei are painted then"
    node.GetDisplayNode().SetSegmentVisibility("Segment_1", True)
    picture_of(view)
    painted = view.segments._painted
    picture_of(view)
    assert all(one is other for one, other in zip(view.segments._painted, painted, strict=True)), "nothing is painted anew without a change"
    node.GetDisplayNode().AddViewNodeID("vtkMRMLSliceNodeGreen")
    assert np.abs(picture_of(view) - plain).max() == 0 and not view.segments.is_painted, "it is shown in another view alone"
    node.GetDisplayNode().RemoveAllViewNodeIDs()
    view.zoom(1 / 6)
    small = picture_of(view)
    node.GetDisplayNode().SetVisibility(False)
    assert not view.segments.is_painted and np.abs(small - picture_of(view)).max() > 30, "the overview is back"


def chosen_request(load, *numbers: int) -> LoadRequest:
    """Of segments that are chosen of files that are here."""
    files = load.store.files[load.uid("slide_segments")]
    drawn_on = {"referenced_series_uids": [load.uid("slide")], "frame_of_reference_uid": ""}
    chosen = ChosenSegments({"series": load.uid("slide_segments"), "files": files}, numbers, drawn_on, on_slide=True)
    return LoadRequest(load.uid("slide_segments"), modality="SEG", chosen=chosen)


def test_chosen_segments_of_a_slide_lie_over_it_and_further_ones_join_them(load, host, grid):
    segments, slide = load(chosen_request(load, 2))
    assert (segments.error, slide.error) == ("", "")
    node = host.scene.GetNodeByID(segments.node_ids[0])
    assert [one["name"] for one in segments.report["segments"]] == ["Nuclei"]
    assert reference_volume(node) is host.scene.GetNodeByID(slide.node_ids[0])
    assert SlideSegmentFiles.of(node).numbers == (2,)
    [again] = load(chosen_request(load, 1, 2))
    assert again.node_ids == segments.node_ids and list(node.GetSegmentation().GetSegmentIDs()) == ["Segment_2", "Segment_1"]
    assert SlideSegmentFiles.of(node).numbers == (1, 2)
    [third] = load(chosen_request(load, 1))
    assert "already in the scene" in third.warnings[0]


def test_closer_the_tiles_of_chosen_segments_alone_are_asked_for(load, host, grid):
    segments, slide = load(chosen_request(load, 2))
    view = grid.axial
    view.detail.source = Windows(load.engine)
    view.segments.source = source = SegmentWindows(load.engine, [])
    grid.show_loaded([*segments.node_ids, *slide.node_ids])
    view.fit()
    view.zoom(3)
    picture_of(view)
    wait_for(lambda: source.asked and not load.engine.client.pending, load.engine)
    assert view.segments.is_painted and source.files[0].numbers == (2,)


def test_a_scene_of_before_segments_could_be_chosen_still_shows_them_closer(load, host):
    segments, _slide = load(LoadRequest(load.uid("slide_segments"), sop_class_uid=SEGMENTATION))
    node = host.scene.GetNodeByID(segments.node_ids[0])
    node.SetAttribute(SLIDE_SEGMENTS_ATTRIBUTE, json.dumps(["a.dcm"]))
    assert SlideSegmentFiles.of(node) == SlideSegmentFiles(("a.dcm",))


def test_a_window_that_failed_is_asked_for_again_after_a_while(app):
    from IDCBrowserLib.host.slides.slide_window import Wanted, WindowAsker

    asked: list[Wanted] = []
    told: list[str] = []

    def ask(wanted, on_done, on_error):
        asked.append(wanted)
        on_error(TransferError("No network.")) if len(asked) < 3 else on_done("window")

    parent = QtCore.QObject()
    asker: WindowAsker[str] = WindowAsker(ask, told.append, lambda error: told.append(str(error)), parent, retry_ms=20)
    asker.want(Wanted((0, 0, 1, 1), 10, 10))
    for _try in range(200):
        QtTest.QTest.qWait(5)
        asker.want(Wanted((0, 0, 1, 1), 10, 10))
        if "window" in told:
            break
    assert told == ["No network.", "No network.", "window"] and len(set(asked)) == 1
    asker.stop()


def test_a_window_of_a_damaged_slide_is_not_asked_for_again_while_it_stays_in_sight(app):
    from IDCBrowserLib.host.slides.slide_window import Wanted, WindowAsker

    asked: list[Wanted] = []

    def ask(wanted, on_done, on_error):
        asked.append(wanted)
        on_error(ConversionError("It is damaged."))

    parent = QtCore.QObject()
    asker: WindowAsker[str] = WindowAsker(ask, lambda _window: None, lambda _error: None, parent, retry_ms=1)
    whole, part = Wanted((0, 0, 1, 1), 10, 10), Wanted((0, 0, 0.5, 1), 10, 10)
    for wanted in [*[whole] * 40, *[part] * 40, *[whole] * 40]:
        asker.want(wanted)
        QtTest.QTest.qWait(5)
    assert asked == [whole, part, whole]
    asker.stop()
