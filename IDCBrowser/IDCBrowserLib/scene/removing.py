"""Takes what was loaded out of the scene."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.provenance import nodes_of_series

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene


def remove_series(scene: vtkMRMLScene, series_uids: Collection[str]) -> bool:
    """All that was made of these series; False where nothing was there."""
    nodes = [node for uid in series_uids for node in nodes_of_series(scene, uid)]
    remove_nodes(scene, nodes)
    return bool(nodes)


def remove_nodes(scene: vtkMRMLScene, nodes: Iterable[vtkMRMLNode]) -> None:
    """With how they are shown and their items in the subject hierarchy; segmentations before their images."""
    hierarchy = subject_hierarchy(scene)
    for node in sorted(nodes, key=lambda node: not node.IsA("vtkMRMLSegmentationNode")):
        item = hierarchy.GetItemByDataNode(node)
        if item != hierarchy.GetInvalidItemID():
            # Slicer does so itself; a scene without its plugins would keep an item of a node that is gone.
            hierarchy.RemoveItem(item, False, False)
        displays = _displays_of(node)
        scene.RemoveNode(node)
        for display in displays:
            # Slicer does that itself as well; a scene without its plugins would keep and save them.
            if display.GetScene() is not None:
                scene.RemoveNode(display)


def _displays_of(node: vtkMRMLNode) -> list[vtkMRMLNode]:
    from slicer import vtkMRMLDisplayableNode

    if not isinstance(node, vtkMRMLDisplayableNode):
        return []
    found = (node.GetNthDisplayNode(number) for number in range(node.GetNumberOfDisplayNodes()))
    return [display for display in found if display is not None]
