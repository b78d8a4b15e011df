"""What is loaded next is read before it is asked for: the same nodes, without waiting for the engine."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers.fake_host import FakeEngine, FakeStore
from helpers.fake_images import CT, FakeImages
from helpers.made_volumes import image
from helpers.mrml_reading import voxels_of

pytest.importorskip("slicer")

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.host.loading.answered_ahead import AnsweredAhead
from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
from IDCBrowserLib.host.loading.read_ahead import ReadAhead
from IDCBrowserLib.host.loading.scene_loader import SceneLoader
from IDCBrowserLib.host.slicer.dicom.plain_images import PlainImages
from IDCBrowserLib.host_interface import LoadRequest

SEG = "1.2.3.4"
IMAGE = LoadRequest(CT, "1.2.3", "P", "CT", "1.2.840.10008.5.1.4.1.1.2")
DRAWN = LoadRequest(SEG, "1.2.3", "P", "SEG", "1.2.840.10008.5.1.4.1.1.66.4")


class Bench(FakeImages):
    """The loader of the standalone window over an engine that is asked ahead."""

    def __init__(self, scene: Any, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.scene = scene
        self.memory = {"bytes": 1000, "available_bytes": 10**6}
        self.engine = FakeEngine(self.handlers())
        self.store = store = FakeStore()
        store.files = {CT: ["/ct/1.dcm", "/ct/2.dcm"], SEG: ["/seg/1.dcm"]}
        engine = AnsweredAhead(self.engine.client)
        self.ahead = ReadAhead(engine, store, lambda: "bw")
        self.ahead_engine = engine
        images = EngineImageLoader(scene, engine, lambda: "bw")
        self.loader = SceneLoader(scene, engine, store, images)
        self.results: Any = None

    def use_slicers_way(self) -> None:
        """Slices of CT and MR are seen as they come."""
        engine, scene = self.ahead_engine, self.scene
        images = EngineImageLoader(scene, engine, lambda: "bw")
        self.ahead = ReadAhead(engine, self.store, lambda: "bw", images_as_they_come=True)
        self.loader = SceneLoader(scene, engine, self.store, PlainImages(scene, engine, images, images, lambda _node: None))

    def calls(self, method: str) -> int:
        return len(self.engine.process.calls(method))

    def start(self, *requests: LoadRequest) -> None:
        self.start_entries(list(requests) if requests else ())

    def start_entries(self, *entries: Sequence[LoadRequest]) -> None:
        self.ahead.start([entry for entry in entries if entry])
        self.engine.settle(60)

    def load(self, *requests: LoadRequest) -> Any:
        self.results = None
        self.ahead.pause(requests)
        handle = self.loader.load(requests, lambda results: setattr(self, "results", results), lambda _progress: None)
        self.engine.settle(60)
        return handle

    def arrays(self) -> list[Path]:
        return list(self.folder.glob("*.raw"))


@pytest.fixture
def bench(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    import slicer

    # Of Slicer's application nothing is asked but that its views wait.
    views = SimpleNamespace(pauseRender=lambda: None, resumeRender=lambda: None)
    monkeypatch.setattr(slicer, "app", views, raising=False)
    return Bench(host.scene, tmp_path)


def test_what_was_read_ahead_is_loaded_without_reading_it_again(bench: Bench) -> None:
    bench.start(DRAWN, IMAGE)
    assert (bench.calls("volume.read"), bench.calls("labelmap.convert")) == (1, 1)
    assert bench.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 0, "nothing is shown"
    bench.load(IMAGE, DRAWN)
    assert [result.error for result in bench.results] == ["", ""]
    assert (bench.calls("volume.read"), bench.calls("labelmap.convert")) == (1, 1)
    volume = bench.scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    assert voxels_of(volume).max() > 0
    bench.start()
    bench.scene.Clear(False)
    bench.load(IMAGE)
    assert bench.calls("volume.read") == 2, "it is wanted no more"


def test_what_is_still_wanted_is_loaded_again_without_reading_it(bench: Bench) -> None:
    """J, and K back to where one was: whatever was changed in the scene meanwhile, what comes is as it was read."""
    bench.start(DRAWN, IMAGE)
    for turn in range(3):
        bench.load(IMAGE, DRAWN)
        assert [result.error for result in bench.results] == ["", ""]
        voxels = voxels_of(bench.scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode"))
        assert np.array_equal(voxels, image()), turn
        voxels[:] = 7
        bench.start(IMAGE, DRAWN)
        bench.scene.Clear(False)
    assert (bench.calls("volume.read"), bench.calls("labelmap.convert")) == (1, 1)
    bench.start()
    assert not bench.arrays(), "nothing is left when it is over"


def test_a_disk_that_has_one_name_for_each_file_gives_what_was_read_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: Any) -> None:
        raise OSError("not supported")

    monkeypatch.setattr("os.link", refuse)
    bench.start(IMAGE)
    bench.load(IMAGE)
    assert (bench.results[0].error, bench.calls("volume.read"), bench.arrays()) == ("", 1, [])
    bench.scene.Clear(False)
    bench.load(IMAGE)
    assert (bench.results[0].error, bench.calls("volume.read")) == ("", 2)


def test_slices_that_are_shown_as_they_come_are_there_at_once_when_they_were_read_ahead(bench: Bench) -> None:
    bench.use_slicers_way()
    bench.start(IMAGE)
    assert (bench.calls("volume.plain"), bench.calls("volume.fill")) == (1, 1)
    for _ in range(2):
        bench.load(IMAGE)
        assert bench.results[0].error == ""
        assert np.array_equal(voxels_of(bench.scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")), image())
        bench.scene.Clear(False)
    assert (bench.calls("volume.plain"), bench.calls("volume.fill")) == (1, 1)
    bench.start()
    assert not bench.arrays()


def test_slices_are_filled_once_where_loading_begins_while_they_are_read_ahead(bench: Bench) -> None:
    bench.use_slicers_way()
    bench.engine.process.hold("volume.fill")
    bench.start(IMAGE)
    bench.load(IMAGE)
    assert bench.results is None
    bench.engine.process.release("volume.fill")
    bench.engine.settle(60)
    assert (bench.results[0].error, bench.calls("volume.fill")) == ("", 1)


def test_loading_something_else_does_not_wait_for_what_is_read_ahead(bench: Bench) -> None:
    bench.engine.process.hold("volume.read")
    bench.start(IMAGE)
    bench.load(DRAWN)
    assert bench.engine.process.cancelled == ["volume.read"]
    bench.engine.process.release("volume.read")
    bench.start(IMAGE)
    assert bench.arrays(), "it is read when that is named again"


def test_what_is_read_goes_on_when_the_same_is_wanted_first_again(bench: Bench) -> None:
    bench.engine.process.hold("volume.read")
    bench.start(IMAGE)
    bench.start_entries([IMAGE], [DRAWN])
    assert bench.engine.process.cancelled == []
    bench.engine.process.release("volume.read")
    bench.engine.settle(60)
    assert (bench.calls("volume.read"), bench.calls("labelmap.convert")) == (1, 1)


def test_where_memory_is_short_what_is_wanted_first_is_read_and_the_rest_let_go(bench: Bench) -> None:
    bench.start_entries([IMAGE], [DRAWN])
    kept = sum(path.stat().st_size for path in bench.arrays())
    assert (bench.calls("volume.read"), bench.calls("labelmap.convert")) == (1, 1)
    # Of 40 % of what is free, which is room for a little more than what is there.
    other = replace(IMAGE, series_uid="1.2.3.6")
    bench.store.files["1.2.3.6"] = ["/other/1.dcm"]
    bench.memory = {"bytes": kept, "available_bytes": int(1.5 * kept / 0.4)}
    bench.start_entries([other], [IMAGE], [DRAWN])
    assert bench.calls("volume.read") == 2, "the most wanted"
    assert sum(path.stat().st_size for path in bench.arrays()) <= 1.5 * kept
    bench.load(other)
    assert bench.calls("volume.read") == 2


def test_what_is_asked_for_while_it_is_read_is_waited_for(bench: Bench) -> None:
    bench.engine.process.hold("volume.read")
    bench.start(IMAGE)
    bench.load(IMAGE)
    assert bench.results is None
    bench.start()
    bench.engine.process.release("volume.read")
    bench.engine.settle(60)
    assert bench.calls("volume.read") == 1
    assert bench.results is not None and bench.results[0].node_ids, "also when nothing is to be read ahead any more"


def test_whoever_asks_second_while_it_is_read_takes_nothing_from_the_first(bench: Bench) -> None:
    bench.engine.process.hold("volume.read")
    bench.start(IMAGE)
    results: list[Any] = []
    bench.ahead.pause([IMAGE])
    for _ in range(2):
        bench.loader.load([IMAGE], results.append, lambda _progress: None)
    bench.engine.process.release("volume.read")
    bench.engine.settle(60)
    assert [bool(one[0].node_ids) and not one[0].error for one in results] == [True, True]


def test_loading_that_is_canceled_stops_the_reading(bench: Bench) -> None:
    bench.engine.process.hold("volume.read")
    bench.start(IMAGE)
    bench.load(IMAGE).cancel()
    bench.engine.settle()
    assert bench.engine.process.cancelled == ["volume.read"]


def test_what_nobody_asked_for_is_removed(bench: Bench) -> None:
    bench.start(DRAWN, IMAGE)
    assert bench.arrays()
    bench.start()
    assert not bench.arrays()
    bench.load(IMAGE)
    assert bench.calls("volume.read") == 2


def test_what_went_with_another_engine_is_read_again(bench: Bench) -> None:
    bench.start(IMAGE)
    for array in bench.arrays():
        array.unlink()
    bench.load(IMAGE)
    assert bench.results[0].node_ids and bench.calls("volume.read") == 2


def test_what_would_fill_the_memory_is_not_read_ahead(bench: Bench) -> None:
    bench.memory = {"bytes": 5 * 10**9, "available_bytes": 10 * 10**9}
    bench.start(IMAGE)
    assert bench.calls("volume.read") == 0
    bench.load(IMAGE)
    assert bench.results[0].node_ids


def test_what_cannot_be_read_says_so_when_it_is_loaded(bench: Bench) -> None:
    def broken(_params: Any) -> Any:
        raise ConversionError("It is damaged.")

    bench.engine.process.handlers["volume.read"] = broken
    bench.start(IMAGE, DRAWN)
    assert bench.calls("labelmap.convert") == 1, "the others are read all the same"
    bench.load(IMAGE)
    assert "It is damaged." in bench.results[0].error
    assert bench.calls("volume.read") == 2


def test_reports_and_slides_are_not_read_ahead(bench: Bench) -> None:
    bench.start(replace(IMAGE, modality="SR", sop_class_uid="1.2.840.10008.5.1.4.1.1.88.33"))
    bench.start(replace(IMAGE, modality="SM", sop_class_uid="1.2.840.10008.5.1.4.1.1.77.1.6"))
    assert bench.calls("volume.read") == 0
