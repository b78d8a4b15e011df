"""Closes Slicer as fast as its scene is closed, also with segmentations that a scene file brought.

Signatures (Slicer 5.12): ``vtkMRMLScene::EndImportEvent``, ``NodeAboutToBeRemovedEvent`` with the node as call data
(Libs/MRML/Core/vtkMRMLScene.h), signal ``aboutToQuit`` of ``slicer.app``, ``vtkMRMLSegmentationNode.SetAndObserveSegmentation(segmentation)``
(Libs/MRML/Core/vtkMRMLSegmentationNode.h). VTK converts call data for functions that have the attribute ``CallDataType``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.scene.provenance import SOURCE_ATTRIBUTE, segmentation_nodes
from IDCBrowserLib.scene.segments.quick_release import release_quickly

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSegmentationNode

# Before whoever else is told.
_FIRST = 1000.0


def start() -> None:
    """Once per Slicer, after startup."""
    import slicer
    from vtkmodules.util.vtkConstants import VTK_OBJECT

    # What vtkmodules.util.misc.calldata_type does.
    vars(_removed)["CallDataType"] = VTK_OBJECT
    scene = slicer.mrmlScene
    scene.AddObserver(scene.EndImportEvent, _imported)
    scene.AddObserver(scene.NodeAboutToBeRemovedEvent, _removed, _FIRST)
    slicer.app.aboutToQuit.connect(_let_go)


def _removed(scene: vtkMRMLScene | None, _event: str, node: vtkMRMLNode) -> None:
    """The subject hierarchy removes the segments of a node that goes, one by one; it then finds none. What undo may bring back is left alone."""
    import slicer

    if scene is None:
        # The scene itself is being destroyed.
        return
    may_come_back = scene.GetUndoFlag() and node.GetUndoEnabled() and not scene.IsClosing()
    if isinstance(node, slicer.vtkMRMLSegmentationNode) and node.GetAttribute(SOURCE_ATTRIBUTE) and not may_come_back:
        node.SetAndObserveSegmentation(slicer.vtkSegmentation())


def _imported(scene: vtkMRMLScene, _event: str) -> None:
    for node in _own_segmentations(scene):
        release_quickly(node.GetSegmentation())


def _let_go() -> None:
    """While Python still runs: what Slicer does with its scene later happens without it. Nothing can be undone or saved any more."""
    import slicer

    for node in _own_segmentations(slicer.mrmlScene):
        node.SetAndObserveSegmentation(slicer.vtkSegmentation())


def _own_segmentations(scene: vtkMRMLScene) -> list[vtkMRMLSegmentationNode]:
    return [node for node in segmentation_nodes(scene) if node.GetAttribute(SOURCE_ATTRIBUTE)]
