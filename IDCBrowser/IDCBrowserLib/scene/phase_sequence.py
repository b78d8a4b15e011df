"""Phases of one series as a sequence: volumes, or segmentations, at one place at different times, for playing them in Slicer's module Sequences.

The nodes of the phases stay in the scene, each with its phase in its name. The sequence shares their voxels. Playback is off at first, since the
sequence would otherwise put one more node over them; it is not saved with the scene, whose file would hold every voxel twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLScene, vtkMRMLSequenceBrowserNode, vtkMRMLSequenceNode


def add_phase_sequences(
    scene: vtkMRMLScene, name: str, phases: Sequence[tuple[str, Geometry, vtkMRMLDisplayableNode]], series_uid: str
) -> list[vtkMRMLSequenceNode]:
    """A sequence with its browser for nodes of one class on one grid; none where a grid or class has one node only.

    ``phases``: what tells each phase ("TriggerTime 100"), its grid, and its node.
    """
    groups: dict[tuple[str, Geometry], list[tuple[str, vtkMRMLDisplayableNode]]] = defaultdict(list)
    for label, geometry, node in phases:
        groups[node.GetClassName(), geometry].append((label, node))
    several = [own for own in groups.values() if len({label for label, _ in own}) > 1]
    return [_add(scene, name, own, series_uid) for own in several]


def _add(scene: vtkMRMLScene, name: str, phases: Sequence[tuple[str, vtkMRMLDisplayableNode]], series_uid: str) -> vtkMRMLSequenceNode:
    from slicer import vtkMRMLSequenceBrowserNode, vtkMRMLSequenceNode

    sequence = vtkMRMLSequenceNode()
    sequence.SetName(unique_name(scene, f"{name} phases"))
    sequence.SetIndexName("phase")
    sequence.SetIndexUnit("")
    sequence.SetIndexType(sequence.TextIndex)
    sequence.SetSaveWithScene(False)
    scene.AddNode(sequence)
    for number, (label, node) in enumerate(phases):
        empty = scene.CreateNodeByClass(node.GetClassName())
        empty.UnRegister(None)
        sequence.SetDataNodeAtValue(empty, label)
        # Shares the voxels, which putting the node itself in would copy.
        sequence.UpdateDataNodeAtValue(node, label, True)
        sequence.GetNthDataNode(number).SetName(node.GetName())
        provenance.mark(node, {provenance.PHASE_ATTRIBUTE: label})
    browser = vtkMRMLSequenceBrowserNode()
    browser.SetName(unique_name(scene, f"{name} browser"))
    browser.SetSaveWithScene(False)
    scene.AddNode(browser)
    _connect(browser, sequence)
    for made in (sequence, browser):
        provenance.mark(made, {provenance.SERIES_ATTRIBUTE: series_uid})
    return sequence


def _connect(browser: vtkMRMLSequenceBrowserNode, sequence: vtkMRMLSequenceNode) -> None:
    was_modifying = browser.StartModify()
    browser.AddSynchronizedSequenceNode(sequence)
    browser.SetPlayback(sequence, False)
    browser.EndModify(was_modifying)
