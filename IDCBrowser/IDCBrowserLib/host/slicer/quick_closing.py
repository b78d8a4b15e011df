"""Closes Slicer as fast as its scene is closed, also with segmentations that a scene file brought.

Signatures (Slicer 5.12): ``vtkMRMLScene::EndImportEvent`` (Libs/MRML/Core/vtkMRMLScene.h), signal ``aboutToQuit`` of ``slicer.app``,
``vtkMRMLSegmentationNode.SetAndObserveSegmentation(segmentation)`` (Libs/MRML/Core/vtkMRMLSegmentationNode.h).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.scene.provenance import SOURCE_ATTRIBUTE
from IDCBrowserLib.scene.quick_release import release_quickly

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSegmentationNode


def start() -> None:
    """Once per Slicer, after startup."""
    import slicer

    slicer.mrmlScene.AddObserver(slicer.mrmlScene.EndImportEvent, _imported)
    slicer.app.aboutToQuit.connect(_let_go)


def _imported(scene: vtkMRMLScene, _event: str) -> None:
    for node in _own_segmentations(scene):
        release_quickly(node.GetSegmentation())


def _let_go() -> None:
    """While Python still runs: what Slicer does with its scene later happens without it. Nothing can be undone or saved any more."""
    import slicer

    for node in _own_segmentations(slicer.mrmlScene):
        node.SetAndObserveSegmentation(slicer.vtkSegmentation())


def _own_segmentations(scene: vtkMRMLScene) -> list[vtkMRMLSegmentationNode]:
    count = scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    nodes = [scene.GetNthNodeByClass(number, "vtkMRMLSegmentationNode") for number in range(count)]
    return [node for node in nodes if node.GetAttribute(SOURCE_ATTRIBUTE)]
