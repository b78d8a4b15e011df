"""Isodose lines: surfaces of equal dose, shown where slices cut them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.arrays import triangle_mesh
from IDCBrowserLib.scene.colors import color_table
from IDCBrowserLib.scene.names import unique_name

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLModelNode, vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLVolumeNode

_DOSE = "Dose"
_LINE_WIDTH = 2
DOSE_ROLE = "IDCBrowser.dose"


def show_isodoses_of(scene: vtkMRMLScene, dose: vtkMRMLVolumeNode | None) -> None:
    """Of this dose alone: lines of one that is not shown would be read as belonging to what is."""
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLModelNode")):
        node = scene.GetNthNodeByClass(index, "vtkMRMLModelNode")
        display, owner = node.GetDisplayNode(), node.GetNodeReference(DOSE_ROLE)
        if owner is not None and display is not None:
            display.SetVisibility2D(owner is dose)


def add_isodoses(
    scene: vtkMRMLScene, dose: vtkMRMLScalarVolumeNode, points: NDArray[Any], triangles: NDArray[Any], doses: NDArray[Any], highest: float
) -> vtkMRMLModelNode | None:
    """One ``vtkMRMLModelNode`` for all surfaces of equal dose, colored by dose, visible in slices only; None where there is no dose.

    ``points`` (n, 3) LPS mm, ``triangles`` (m, 3), ``doses`` (n,): the dose of each point, in the unit of the volume.
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk

    if not len(triangles):
        return None
    polydata = triangle_mesh(points, triangles)
    scalars = numpy_to_vtk(doses, deep=True)
    scalars.SetName(_DOSE)
    polydata.GetPointData().SetScalars(scalars)
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", unique_name(scene, f"{dose.GetName()} isodoses"))
    node.SetAndObservePolyData(polydata)
    node.SetNodeReferenceID(DOSE_ROLE, dose.GetID())
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    assert display is not None, "it was just made"
    display.SetVisibility2D(True)
    display.SetVisibility3D(False)
    display.SetSliceIntersectionThickness(_LINE_WIDTH)
    display.SetAndObserveColorNodeID(color_table(scene, "dose"))
    display.SetActiveScalarName(_DOSE)
    display.SetScalarRangeFlag(display.UseManualScalarRange)
    display.SetScalarRange(0.0, highest)
    display.SetScalarVisibility(True)
    return node
