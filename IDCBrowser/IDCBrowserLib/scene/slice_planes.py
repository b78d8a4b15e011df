"""Where the slice views of a scene stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.scene.segments.segment_rows import Ras

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSliceNode

# Slicer's names of its three views: axial, sagittal, coronal.
_VIEWS = ("Red", "Yellow", "Green")


def jump_slices(scene: vtkMRMLScene, ras: Ras) -> None:
    """Move every slice view to the slice through a point (RAS, mm), without panning."""
    for node in slice_nodes(scene):
        node.JumpSliceByOffsetting(*ras)


def crossing_point(scene: vtkMRMLScene) -> Ras | None:
    """The point (RAS, mm) that lies in the planes of the three main slice views; None where two of them are parallel or one is missing."""
    import numpy as np

    nodes = [node for node in slice_nodes(scene) if node.GetLayoutName() in _VIEWS]
    if len(nodes) != len(_VIEWS):
        return None
    matrices = [node.GetSliceToRAS() for node in nodes]
    normals = np.array([[matrix.GetElement(row, 2) for row in range(3)] for matrix in matrices])
    origins = np.array([[matrix.GetElement(row, 3) for row in range(3)] for matrix in matrices])
    if abs(np.linalg.det(normals)) < 1e-3:
        return None
    x, y, z = np.linalg.solve(normals, (normals * origins).sum(1))
    return float(x), float(y), float(z)


def slice_nodes(scene: vtkMRMLScene) -> list[vtkMRMLSliceNode]:
    """Of all slice views."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLSliceNode")
    return [scene.GetNthNodeByClass(index, "vtkMRMLSliceNode") for index in range(count)]
