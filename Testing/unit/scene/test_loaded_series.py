"""Which series are in the scene, whoever brought or removed them."""

from __future__ import annotations

from IDCBrowserLib.scene.loaded_series import LoadedSeries
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE


class Watched:
    """A scene that is watched; ``turn`` lets the event loop go round."""

    def __init__(self, scene):
        self.scene = scene
        self.waiting = []
        self.told = 0
        self.loaded = LoadedSeries(scene, self.waiting.append, self._count)

    def _count(self):
        self.told += 1

    def turn(self):
        waiting, self.waiting[:] = list(self.waiting), []
        for do in waiting:
            do()

    def add(self, uid):
        node = self.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "image")
        node.SetAttribute(SERIES_ATTRIBUTE, uid)
        return node


def test_a_series_is_loaded_until_its_last_node_is_removed(scene):
    watched = Watched(scene)
    nodes = [watched.add("1.2"), watched.add("1.2"), watched.add("1.3")]
    assert watched.told == 0
    watched.turn()
    assert watched.loaded.uids == {"1.2", "1.3"} and watched.told == 1
    scene.RemoveNode(nodes[0])
    watched.turn()
    assert watched.loaded.uids == {"1.2", "1.3"} and watched.told == 1
    scene.RemoveNode(nodes[1])
    watched.turn()
    assert watched.loaded.uids == {"1.3"} and watched.told == 2


def test_nothing_is_loaded_after_the_scene_was_cleared(scene):
    watched = Watched(scene)
    watched.add("1.2")
    watched.turn()
    scene.Clear(0)
    watched.turn()
    assert watched.loaded.uids == frozenset() and watched.told == 2


def test_what_is_written_on_a_node_later_is_seen_after_loading(scene):
    watched = Watched(scene)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "image")
    watched.turn()
    node.SetAttribute(SERIES_ATTRIBUTE, "1.2")
    watched.loaded.look()
    assert watched.loaded.uids == {"1.2"}


def test_what_another_loader_brought_is_found_by_its_item(scene):
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    from IDCBrowserLib.scene.hierarchy import subject_hierarchy

    watched = Watched(scene)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "image")
    hierarchy = subject_hierarchy(scene)
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    hierarchy.SetItemUID(item, Constants.GetDICOMUIDName(), "1.4")
    watched.turn()
    assert watched.loaded.uids == {"1.4"}


def test_a_closed_watch_tells_nothing(scene):
    watched = Watched(scene)
    watched.add("1.2")
    watched.loaded.close()
    watched.turn()
    watched.add("1.3")
    watched.turn()
    assert watched.told == 0
