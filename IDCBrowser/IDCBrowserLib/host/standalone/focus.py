"""Only what belongs to the image on the screen is shown: nothing of other patients, and of several phases that of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.scene.hierarchy import patient_item
from IDCBrowserLib.scene.provenance import other_phases
from IDCBrowserLib.scene.segmentation import reference_volume

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLSegmentationNode, vtkMRMLVolumeNode

_HIDDEN = "IDCBrowser.HiddenWithItsPatient"
_OVERLAYS = ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsCurveNode")


def show_only_what_belongs_to(host: StandaloneScene, volume: vtkMRMLVolumeNode | None) -> None:
    """Hide segmentations and annotations of other patients and phases than that of ``volume``, and show again what was hidden this way.

    All patients share one coordinate system in a scene: without this one's liver would lie on another's images.
    """
    patient = patient_item(host.scene, volume) if volume is not None else None
    elsewhen = {node.GetID() for node in _of_other_phases(host, volume)}
    for node_class in _OVERLAYS:
        for node in host.nodes(node_class):
            other = patient_item(host.scene, node)
            _hide(node, (patient is not None and other is not None and other != patient) or node.GetID() in elsewhen)


def _of_other_phases(host: StandaloneScene, volume: vtkMRMLVolumeNode | None) -> list[vtkMRMLSegmentationNode]:
    """Segmentations beside which one of the same object was drawn on ``volume``."""
    segmentations = host.nodes("vtkMRMLSegmentationNode")
    here = [node for node in segmentations if volume is not None and reference_volume(node) is volume]
    return [other for node in here for other in other_phases(node, segmentations) if other not in here]


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
