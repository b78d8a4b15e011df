"""What Slicer's views show right after loading: the image fitted and upright, at the slices that hold most of the segmentation.

Signatures (Slicer 5.12): ``slicer.util.setSliceViewerLayers(background, ..., rotateToVolumePlane, fit)``, ``getNodesByClass(className)``
(Base/Python/slicer/util.py), ``vtkMRMLSliceNode.SetOrientationToDefault()``, ``JumpAllSlices(scene, r, a, s, jumpMode)``
(Libs/MRML/Core/vtkMRMLSliceNode.h).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.overlay import arrange, dress, is_overlay
from IDCBrowserLib.scene.provenance import other_phases

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLSegmentationNode, vtkMRMLVolumeNode

logger = logging.getLogger(__name__)


def show_loaded(node_ids: Sequence[str]) -> None:
    """Bring nodes into sight. Showing is no part of loading: what goes wrong here is logged only."""
    import slicer

    nodes = [node for node in map(slicer.mrmlScene.GetNodeByID, node_ids) if node is not None]
    try:
        _show(nodes)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        logger.warning("The views could not be set to what was loaded.", exc_info=True)


def _show(nodes: Sequence[vtkMRMLNode]) -> None:
    import slicer

    if slicer.app.layoutManager() is None:
        return
    segmentation = next((node for node in nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)), None)
    image = _image(nodes, segmentation)
    if image is not None:
        for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
            # An oblique image loaded before leaves its planes behind; from there the closest axis could be another one.
            node.SetOrientationToDefault()
        volumes = [node for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode") if not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
        shown = arrange(volumes, image, newest_above=any(isinstance(node, slicer.vtkMRMLVolumeNode) and is_overlay(node) for node in nodes))
        dress(slicer.mrmlScene, shown)
        slicer.util.setSliceViewerLayers(
            background=shown.below, foreground=shown.above, foregroundOpacity=shown.opacity, rotateToVolumePlane=True, fit=True
        )
    if segmentation is not None:
        for other in other_phases(segmentation, [node for node in nodes if isinstance(node, slicer.vtkMRMLSegmentationNode)]):
            display = other.GetDisplayNode()
            if display is not None:
                display.SetVisibility(False)
        _jump_to(segmentation)


def _image(nodes: Sequence[vtkMRMLNode], segmentation: vtkMRMLSegmentationNode | None) -> vtkMRMLVolumeNode | None:
    """The image that the segmentation was drawn on, else the first one loaded."""
    import slicer

    if segmentation is not None:
        from IDCBrowserLib.scene.segmentation import reference_volume

        drawn_on = reference_volume(segmentation)
        if drawn_on is not None:
            return drawn_on
    volumes = [node for node in nodes if isinstance(node, slicer.vtkMRMLVolumeNode) and not isinstance(node, slicer.vtkMRMLLabelMapVolumeNode)]
    return next((node for node in volumes if is_overlay(node)), volumes[0] if volumes else None)


def _jump_to(segmentation: vtkMRMLSegmentationNode) -> None:
    import slicer

    from IDCBrowserLib.scene.densest import densest_point

    point = densest_point(segmentation)
    if point is not None:
        # Along the normal only: the image stays where it was fitted.
        slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *point, slicer.vtkMRMLSliceNode.OffsetJumpSlice)
