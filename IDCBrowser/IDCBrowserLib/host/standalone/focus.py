"""Only what belongs to the image on the screen is shown: its patient, its frame of reference, and of several phases its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.scene.hierarchy import patient_item
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, UNPLACED_ATTRIBUTE, other_phases
from IDCBrowserLib.scene.registrations import TO_FRAME_ATTRIBUTE
from IDCBrowserLib.scene.segments.segmentation import reference_volume

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLSegmentationNode, vtkMRMLVolumeNode

_HIDDEN = "IDCBrowser.HiddenWithItsPatient"
_OVERLAYS = ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsCurveNode")


def show_only_what_belongs_to(host: StandaloneScene, volume: vtkMRMLVolumeNode | None) -> None:
    """Hide segmentations and annotations of other patients, frames of reference and phases than that of ``volume``, and show again what was hidden
    this way.

    All of them share one coordinate system in a scene: without this one's liver would lie on another's images, or on those of a day on which the
    patient lay elsewhere.
    """
    patient = patient_item(host.scene, volume) if volume is not None else None
    elsewhen = {node.GetID() for node in (*_of_other_phases(host, volume), *_of_other_frames(host, volume))}
    for node_class in _OVERLAYS:
        for node in host.nodes(node_class):
            other = patient_item(host.scene, node)
            _hide(node, (patient is not None and other is not None and other != patient) or node.GetID() in elsewhen)


def _of_other_phases(host: StandaloneScene, volume: vtkMRMLVolumeNode | None) -> list[vtkMRMLSegmentationNode]:
    """Segmentations beside which one of the same object was drawn on ``volume``."""
    segmentations = host.nodes("vtkMRMLSegmentationNode")
    here = [node for node in segmentations if volume is not None and reference_volume(node) is volume]
    return [other for node in here for other in other_phases(node, segmentations) if other not in here]


def _of_other_frames(host: StandaloneScene, volume: vtkMRMLVolumeNode | None) -> list[vtkMRMLSegmentationNode]:
    """Segmentations whose images lie in another frame of reference, or anywhere where those of ``volume`` state no place.

    What a registration moved lies where it leads.
    """
    if volume is None:
        return []
    frame, unplaced = _frame_of(volume), bool(volume.GetAttribute(UNPLACED_ATTRIBUTE))
    found = []
    for node in host.nodes("vtkMRMLSegmentationNode"):
        image = reference_volume(node)
        other = _frame_of(image) if image is not None else ""
        if image is not volume and (unplaced or (frame and other and frame != other)):
            found.append(node)
    return found


def _frame_of(volume: vtkMRMLVolumeNode) -> str:
    transform = volume.GetParentTransformNode()
    moved_to = transform.GetAttribute(TO_FRAME_ATTRIBUTE) if transform is not None else None
    return moved_to or volume.GetAttribute(FRAME_ATTRIBUTE) or ""


def _hide(node: vtkMRMLDisplayableNode, hidden: bool) -> None:
    display = node.GetDisplayNode()
    if display is None:
        return
    if hidden and display.GetVisibility():
        node.SetAttribute(_HIDDEN, "1")
        display.SetVisibility(False)
    elif not hidden and node.GetAttribute(_HIDDEN):
        node.RemoveAttribute(_HIDDEN)
        display.SetVisibility(True)
