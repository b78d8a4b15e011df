"""Shows only what belongs to the patient on the screen when the scene holds several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.scene.hierarchy import patient_item

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLVolumeNode

_HIDDEN = "IDCBrowser.HiddenWithItsPatient"
_OVERLAYS = ("vtkMRMLSegmentationNode", "vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsCurveNode")


def show_only_patient_of(host: StandaloneScene, volume: vtkMRMLVolumeNode | None) -> None:
    """Hide segmentations and annotations of other patients than that of ``volume``, and show again what was hidden this way.

    All patients share one coordinate system in a scene: without this one's liver would lie on another's images.
    """
    patient = patient_item(host.scene, volume) if volume is not None else None
    for node_class in _OVERLAYS:
        for node in host.nodes(node_class):
            other = patient_item(host.scene, node)
            _hide(node, patient is not None and other is not None and other != patient)


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
