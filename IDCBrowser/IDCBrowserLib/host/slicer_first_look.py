"""What Slicer's views show right after loading: the image fitted, at the slices that hold most of the segmentation.

Signatures (Slicer 5.12): ``slicer.util.setSliceViewerLayers(background, ..., fit)`` (Base/Python/slicer/util.py),
``vtkMRMLSliceNode.JumpAllSlices(scene, r, a, s, jumpMode)`` (Libs/MRML/Core/vtkMRMLSliceNode.h).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

logger = logging.getLogger(__name__)


def show_loaded(node_ids: Sequence[str]) -> None:
    """Bring nodes into sight. Showing is no part of loading: what goes wrong here is logged only."""
    import slicer

    nodes = [node for node in map(slicer.mrmlScene.GetNodeByID, node_ids) if node is not None]
    try:
        _show(nodes)
    except (AttributeError, RuntimeError, TypeError, ValueError):
        logger.warning("The views could not be set to what was loaded.", exc_info=True)


def _show(nodes: Sequence[Any]) -> None:
    import slicer

    if slicer.app.layoutManager() is None:
        return
    images = [node for node in nodes if node.IsA("vtkMRMLVolumeNode") and not node.IsA("vtkMRMLLabelMapVolumeNode")]
    if images:
        slicer.util.setSliceViewerLayers(background=images[0], fit=True)
    for node in nodes:
        if node.IsA("vtkMRMLSegmentationNode"):
            from IDCBrowserLib.scene.densest import densest_point

            point = densest_point(node)
            if point is not None:
                mode = slicer.vtkMRMLSliceNode.CenteredJumpSlice
                slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *point, mode)
                return
