"""Spatial registrations as linear transforms, applied to the images of their frame of reference on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.arrays import matrix4x4
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, SERIES_ATTRIBUTE, displayable_nodes, mark, segmentation_nodes
from IDCBrowserLib.scene.segments.segmentation import reference_volume

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLLinearTransformNode, vtkMRMLScene, vtkMRMLVolumeNode

TO_FRAME_ATTRIBUTE = "IDCBrowser.ToFrameOfReferenceUID"


def add_registration(scene: vtkMRMLScene, matrix: Sequence[Sequence[float]], from_frame: str, to_frame: str, name: str) -> vtkMRMLLinearTransformNode:
    """A ``vtkMRMLLinearTransformNode`` that moves what lies in ``from_frame`` to its place in ``to_frame``; nothing is moved yet.

    ``matrix`` takes LPS mm to LPS mm; MRML's matrix to the parent takes RAS to RAS, which conjugates it by the signs of the first two axes.
    """
    import numpy as np

    signs = np.diag([-1.0, -1.0, 1.0, 1.0])
    node = scene.CreateNodeByClass("vtkMRMLLinearTransformNode")
    node.UnRegister(None)
    node.SetName(unique_name(scene, name))
    node.SetMatrixTransformToParent(matrix4x4(signs @ np.asarray(matrix, float) @ signs))
    scene.AddNode(node)
    mark(node, {FRAME_ATTRIBUTE: from_frame, TO_FRAME_ATTRIBUTE: to_frame})
    return node


def is_registration(node: vtkMRMLDisplayableNode) -> bool:
    """Made here: slice views have linear transforms of their own."""
    return bool(node.GetAttribute(TO_FRAME_ATTRIBUTE))


def moved_by(volumes: Sequence[vtkMRMLVolumeNode], transform: vtkMRMLDisplayableNode) -> list[vtkMRMLVolumeNode]:
    """The volumes that lie in the frame of reference that a registration moves."""
    frame = transform.GetAttribute(FRAME_ATTRIBUTE)
    return [volume for volume in volumes if frame and volume.GetAttribute(FRAME_ATTRIBUTE) == frame]


def apply_registration(volumes: Sequence[vtkMRMLVolumeNode], transform: vtkMRMLDisplayableNode, applied: bool) -> list[vtkMRMLVolumeNode]:
    """Move, or no longer move, what lies in the registration's frame of reference, with what was drawn on it; gives the volumes."""
    moved = moved_by(volumes, transform)
    for node in (*moved, *_drawn_on(moved, transform.GetScene())):
        node.SetAndObserveTransformNodeID(transform.GetID() if applied else None)
    return moved


def _drawn_on(volumes: Sequence[vtkMRMLVolumeNode], scene: vtkMRMLScene) -> list[vtkMRMLDisplayableNode]:
    """Segmentations of the volumes, and what else was made of the same objects: contours, points, isodose lines."""
    drawn: list[vtkMRMLDisplayableNode] = [node for node in segmentation_nodes(scene) if reference_volume(node) in volumes]
    series = {uid for node in (*volumes, *drawn) if (uid := node.GetAttribute(SERIES_ATTRIBUTE))}
    others = [node for node in displayable_nodes(scene) if node.GetAttribute(SERIES_ATTRIBUTE) in series]
    return [*drawn, *(node for node in others if not any(node is one for one in (*volumes, *drawn)))]
