"""Transforms above nodes: where in the scene what has a place of its own really lies.

``GetTransformBetweenNodes(source, target, transform)`` and ``GetMatrixTransformBetweenNodes``, where None is the scene:
Libs/MRML/Core/vtkMRMLTransformNode.h.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.arrays import array4x4
from IDCBrowserLib.scene.segments.segment_rows import Ras

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLTransformableNode
    from vtkmodules.vtkCommonTransforms import vtkGeneralTransform


def in_scene(node: vtkMRMLTransformableNode, ras: Ras) -> Ras:
    """Where a point of a node (RAS, mm) lies in the scene."""
    return ras if node.GetParentTransformNode() is None else _moved(to_scene(node), ras)


def from_scene(node: vtkMRMLTransformableNode, ras: Ras) -> Ras:
    """The inverse: which point of a node lies at a point of the scene."""
    if node.GetParentTransformNode() is None:
        return ras
    transform = to_scene(node)
    transform.Inverse()
    return _moved(transform, ras)


def points_in_scene(node: vtkMRMLTransformableNode, points: NDArray[Any]) -> NDArray[Any]:
    """The same of many points (n, 3)."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints

    if node.GetParentTransformNode() is None:
        return points
    own, moved = vtkPoints(), vtkPoints()
    own.SetData(numpy_to_vtk(points, deep=True))
    to_scene(node).TransformPoints(own, moved)
    found: NDArray[Any] = vtk_to_numpy(moved.GetData())
    return found


def to_scene(node: vtkMRMLTransformableNode) -> vtkGeneralTransform:
    """All transforms above a node as one, which may bend."""
    from slicer import vtkMRMLTransformNode
    from vtkmodules.vtkCommonTransforms import vtkGeneralTransform

    transform = vtkGeneralTransform()
    vtkMRMLTransformNode.GetTransformBetweenNodes(node.GetParentTransformNode(), None, transform)
    return transform


def matrix_between(node: vtkMRMLTransformableNode, other: vtkMRMLTransformableNode | None) -> NDArray[Any] | None:
    """(4, 4) RAS mm: from a node to ``other``, or to the scene; None where something between them bends."""
    import numpy as np
    from slicer import vtkMRMLTransformNode
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    above, goal = node.GetParentTransformNode(), other.GetParentTransformNode() if other is not None else None
    if above is goal:
        return np.eye(4)
    matrix = vtkMatrix4x4()
    is_linear = vtkMRMLTransformNode.GetMatrixTransformBetweenNodes(above, goal, matrix)
    return array4x4(matrix) if is_linear else None


def transform_stamp(node: vtkMRMLTransformableNode) -> tuple[str, int]:
    """Another value whenever the node is moved."""
    above = node.GetParentTransformNode()
    return ("", 0) if above is None else (above.GetID() or "", above.GetTransformToWorldMTime())


def _moved(transform: vtkGeneralTransform, ras: Ras) -> Ras:
    x, y, z = transform.TransformPoint(ras)
    return x, y, z
