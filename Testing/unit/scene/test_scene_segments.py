"""Who looks at the segmentations of a scene hears of every change, and keeps nothing of what is gone."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.made_volumes import AXIAL, image, labelmap

from IDCBrowserLib.scene.removing import remove_series
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.segments import SceneSegments
from IDCBrowserLib.scene.volumes import add_scalar_volume

pytest.importorskip("slicer")


class Watched:
    """Segmentations of a scene, with how often something changed."""

    def __init__(self, scene: Any) -> None:
        self.scene, self.count = scene, 0
        self.segments = SceneSegments(scene)
        self.segments.watch(self._tell)

    def _tell(self) -> None:
        self.count += 1

    def load(self, uid: str = "1.4") -> Any:
        volume = add_scalar_volume(self.scene, image(), AXIAL, "CT")
        return add_labelmap(self.scene, labelmap(), uid, [volume], "SEG").segmentation


@pytest.fixture
def watched(scene: Any) -> Iterator[Watched]:
    made = Watched(scene)
    yield made
    made.segments.close()


def test_an_eye_that_somebody_clicks_elsewhere_is_told(watched: Watched) -> None:
    node = watched.load()
    before = watched.count
    node.GetDisplayNode().SetVisibility(False)
    assert watched.count > before
    (source,) = watched.segments.sources()
    assert not source.visible


def test_after_the_scene_was_closed_those_that_come_then_are_told_as_well(watched: Watched) -> None:
    """Their ids are those of the former ones."""
    first = watched.load().GetID()
    watched.scene.Clear(False)
    node = watched.load()
    assert node.GetID() == first
    before = watched.count
    node.GetDisplayNode().SetSegmentVisibility("Segment_1", False)
    assert watched.count > before


def test_nothing_of_a_segmentation_that_was_removed_stays_in_memory(watched: Watched) -> None:
    gone = []
    for turn in range(3):
        node = watched.load()
        for part in (node, node.GetSegmentation(), node.GetSegmentation().GetSegment("Segment_1").GetRepresentation("Binary labelmap")):
            part.AddObserver("DeleteEvent", lambda *_: gone.append(1))
        del node, part
        remove_series(watched.scene, ["1.4"])
        gc.collect()
        assert len(gone) == 3 * (turn + 1)
