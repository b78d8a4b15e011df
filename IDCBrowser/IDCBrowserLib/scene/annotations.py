"""Points and open contours of a structure set as Markups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.labelmap.types import Annotation

_NODE_CLASS = {"POINT": "vtkMRMLMarkupsFiducialNode"}
_CURVE_CLASS = "vtkMRMLMarkupsCurveNode"


def add_annotations(scene: Any, annotations: Sequence[Annotation]) -> tuple[Any, ...]:
    """One locked Markups node each: POINT contours become a point list, open contours a curve of straight lines."""
    return tuple(_add(scene, annotation) for annotation in annotations)


def _add(scene: Any, annotation: Annotation) -> Any:
    from vtkmodules.vtkCommonDataModel import vtkVector3d

    node_class = _NODE_CLASS.get(annotation.kind, _CURVE_CLASS)
    node = scene.AddNewNodeByClass(node_class, scene.GenerateUniqueName(annotation.name))
    if node_class == _CURVE_CLASS:
        node.SetCurveTypeToLinear()
    was_modifying = node.StartModify()
    for x, y, z in annotation.points:
        # LPS to RAS; markups are stored in RAS in the scene.
        node.AddControlPoint(vtkVector3d(-x, -y, z), annotation.name)
    node.SetLocked(True)
    node.EndModify(was_modifying)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    red, green, blue = (value / 255.0 for value in annotation.color)
    display.SetColor(red, green, blue)
    display.SetSelectedColor(red, green, blue)
    display.SetPropertiesLabelVisibility(node_class == _CURVE_CLASS)
    display.SetPointLabelsVisibility(node_class != _CURVE_CLASS)
    return node
