"""Isodose lines: surfaces of equal dose, shown where slices cut them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.scene.arrays import matrix4x4
from IDCBrowserLib.scene.colors import color_table

if TYPE_CHECKING:
    from slicer import vtkMRMLModelNode, vtkMRMLScalarVolumeNode, vtkMRMLScene, vtkMRMLVolumeNode

    from IDCBrowserLib.volume.geometry import Geometry

# Percent of the highest dose.
LEVELS = (10, 30, 50, 70, 80, 90, 95)
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


def add_isodoses(scene: vtkMRMLScene, dose: vtkMRMLScalarVolumeNode, geometry: Geometry, highest: float) -> vtkMRMLModelNode | None:
    """One ``vtkMRMLModelNode`` for all of ``LEVELS``, colored by dose, visible in slices only; None where there is no dose.

    Its point data "Dose" are in the unit of the volume.
    """
    from vtkmodules.vtkCommonTransforms import vtkTransform
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D
    from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter

    if not highest > 0 or min(geometry.shape) < 2:
        return None
    surfaces = vtkFlyingEdges3D()
    surfaces.SetInputData(dose.GetImageData())
    surfaces.ComputeNormalsOff()
    surfaces.ComputeGradientsOff()
    surfaces.ComputeScalarsOn()
    for number, percent in enumerate(LEVELS):
        surfaces.SetValue(number, highest * percent / 100)
    transform = vtkTransform()
    transform.SetMatrix(matrix4x4(geometry.index_to_ras()))
    placed = vtkTransformPolyDataFilter()
    placed.SetTransform(transform)
    placed.SetInputConnection(surfaces.GetOutputPort())
    placed.Update()
    polydata = placed.GetOutput()
    if not polydata.GetNumberOfPoints():
        return None
    polydata.GetPointData().GetScalars().SetName(_DOSE)
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", scene.GenerateUniqueName(f"{dose.GetName()} isodoses"))
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
