"""Points and open contours of a structure set as Markups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.labelmap.types import Annotation
from IDCBrowserLib.scene.names import unique_name

if TYPE_CHECKING:
    from slicer import vtkMRMLMarkupsNode, vtkMRMLScene


def add_annotations(scene: vtkMRMLScene, annotations: Sequence[Annotation]) -> tuple[vtkMRMLMarkupsNode, ...]:
    """One locked Markups node each: POINT contours become a point list, open contours a curve of straight lines."""
    return tuple(_add(scene, annotation) for annotation in annotations)


def _add(scene: vtkMRMLScene, annotation: Annotation) -> vtkMRMLMarkupsNode:
    from vtkmodules.vtkCommonDataModel import vtkVector3d

    is_curve = annotation.kind != "POINT"
    node = _new_curve(scene, annotation.name) if is_curve else _new_points(scene, annotation.name)
    was_modifying = node.StartModify()
    for x, y, z in annotation.points:
        # LPS to RAS; markups are stored in RAS in the scene.
        node.AddControlPoint(vtkVector3d(-x, -y, z), annotation.name)
    node.SetLocked(True)
    node.EndModify(was_modifying)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    assert display is not None, "it was just made"
    red, green, blue = (value / 255.0 for value in annotation.color)
    display.SetColor(red, green, blue)
    display.SetSelectedColor(red, green, blue)
    display.SetPropertiesLabelVisibility(is_curve)
    display.SetPointLabelsVisibility(not is_curve)
    return node


def _new_points(scene: vtkMRMLScene, name: str) -> vtkMRMLMarkupsNode:
    return scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", unique_name(scene, name))


def _new_curve(scene: vtkMRMLScene, name: str) -> vtkMRMLMarkupsNode:
    node = scene.AddNewNodeByClass("vtkMRMLMarkupsCurveNode", unique_name(scene, name))
    node.SetCurveTypeToLinear()
    return node
