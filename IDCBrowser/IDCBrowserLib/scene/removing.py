"""Takes what was loaded out of the scene."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.hierarchy import items_with_places, remove_items, subject_hierarchy
from IDCBrowserLib.scene.provenance import displayable_nodes, nodes_of_series
from IDCBrowserLib.scene.segments.labelmap_volume import color_table_of

if TYPE_CHECKING:
    from slicer import vtkMRMLColorTableNode, vtkMRMLDisplayNode, vtkMRMLNode, vtkMRMLScene


def remove_series(scene: vtkMRMLScene, series_uids: Collection[str]) -> bool:
    """All that was made of these series; False where nothing was there."""
    nodes = [node for uid in series_uids for node in nodes_of_series(scene, uid)]
    remove_nodes(scene, nodes)
    return bool(nodes)


def remove_nodes(scene: vtkMRMLScene, nodes: Iterable[vtkMRMLNode]) -> None:
    """With their items in the subject hierarchy, studies and patients that are empty then, and with what says how they are shown unless others are
    shown so, too; segmentations before their images."""
    hierarchy = subject_hierarchy(scene)
    nodes = list(nodes)
    displays = [display for node in nodes for display in _displays(node)]
    tables = [table for node in nodes if (table := color_table_of(node)) is not None]
    items = items_with_places(hierarchy, nodes)
    for node in sorted(nodes, key=lambda node: not node.IsA("vtkMRMLSegmentationNode")):
        scene.RemoveNode(node)
    # Slicer removes items with their nodes; a scene without its plugins would keep them. Never before: with the item of a segmentation Slicer removes
    # its segments one by one, a fifth of a second each.
    remove_items(hierarchy, items)
    _remove_looks(scene, displays, tables)


def _remove_looks(scene: vtkMRMLScene, displays: Collection[vtkMRMLDisplayNode], tables: Collection[vtkMRMLColorTableNode]) -> None:
    """Of nodes that are gone."""
    left = [display for node in displayable_nodes(scene) for display in _displays(node)]
    colors = [display.GetColorNode() for display in left]
    for gone in [*(one for one in displays if one not in left), *(one for one in tables if one not in colors)]:
        if gone.GetScene() is not None:
            scene.RemoveNode(gone)


def _displays(node: vtkMRMLNode) -> list[vtkMRMLDisplayNode]:
    from slicer import vtkMRMLDisplayableNode

    if not isinstance(node, vtkMRMLDisplayableNode):
        return []
    found = [node.GetNthDisplayNode(number) for number in range(node.GetNumberOfDisplayNodes())]
    return [display for display in found if display is not None]
