"""What the scene shows of the further objects, against what is known of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.scene.probe import value_at
from IDCBrowserLib.scene.provenance import QUANTITY_ATTRIBUTE

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene

Truth = Mapping[str, Any]
_ROUNDING = 1e-4


@dataclass(frozen=True)
class Read:
    """What was opened as text: titles, lines, and measurements as rows of cells by the titles of their columns."""

    lines: Sequence[str] = ()
    rows: Sequence[Mapping[str, Any]] = ()


@dataclass
class _Checked:
    """Pairs of what was shown and what was expected."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def compare(self, what: str, shown: Any, expected: Any, tolerance: float = 0.0) -> None:
        """``tolerance`` is relative."""
        right = shown == expected
        if isinstance(expected, float) and isinstance(shown, (int, float)):
            right = math.isclose(shown, expected, rel_tol=tolerance or 1e-9, abs_tol=tolerance or 1e-9)
        self.rows.append({"what": what, "shown": shown, "expected": expected, "right": right})


def check(scene: vtkMRMLScene, nodes: Mapping[str, Sequence[str]], read: Read, truth: Mapping[str, Truth]) -> list[dict[str, Any]]:
    """For each series with a ``truth``: ``{"key", "checks": [{"what", "shown", "expected", "right"}], "right"}``; ``nodes`` are MRML ids by key."""
    documents = []
    for key, expected in truth.items():
        look = _LOOKS.get(key)
        if look is None:
            continue
        checked = _Checked()
        made = [node for node_id in nodes.get(key, ()) if (node := scene.GetNodeByID(node_id)) is not None]
        look(made, read, expected, checked)
        documents.append({"key": key, "checks": checked.rows, "right": bool(checked.rows) and all(row["right"] for row in checked.rows)})
    return documents


def _values(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """The value at points of the patient, and its quantity."""
    volume: Any = nodes[0] if nodes else None
    checked.compare("quantity", volume.GetAttribute(QUANTITY_ATTRIBUTE) if volume is not None else None, truth["quantity"])
    for point in truth["points"] if volume is not None else ():
        x, y, z = point["lps"]
        checked.compare(point["name"], value_at(volume, (-x, -y, z)), point["value"], truth["tolerance"])


def _measurements(_nodes: Sequence[vtkMRMLNode], read: Read, truth: Truth, checked: _Checked) -> None:
    """Each measurement of the table, by the name of its segment and its quantity."""
    checked.compare("measurements", len(read.rows), len(truth["measurements"]))
    for row in truth["measurements"]:
        cells = [list(shown.values()) for shown in read.rows]
        found = [values for values in cells if row["name"] in values and row["quantity"] in values]
        numbers = [value for value in (found[0] if found else ()) if isinstance(value, float)]
        checked.compare(f"{row['quantity']} of {row['name']}", numbers[0] if numbers else None, float(row["value"]), _ROUNDING)


def _plan(_nodes: Sequence[vtkMRMLNode], read: Read, truth: Truth, checked: _Checked) -> None:
    """Prescription, fractions and isocenter in the text."""
    text = "\n".join(read.lines)
    isocenter = ", ".join(f"{value:g}" for value in truth["isocenter"])
    for what, words in (("prescription", f"{truth['prescription_gy']:g} Gy"), ("fractions", str(truth["fractions"])), ("isocenter", isocenter)):
        checked.compare(what, words if words in text else None, words)


def _surface(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """Name, triangles and enclosed volume of the segment."""
    from vtkmodules.vtkFiltersCore import vtkMassProperties

    from IDCBrowserLib.scene.segments.segmentation import CLOSED_SURFACE

    node: Any = nodes[0] if nodes else None
    segment = node.GetSegmentation().GetNthSegment(0) if node is not None else None
    checked.compare("name", segment.GetName() if segment is not None else None, truth["name"])
    if segment is not None:
        mesh = segment.GetRepresentation(CLOSED_SURFACE)
        mass = vtkMassProperties()
        mass.SetInputData(mesh)
        checked.compare("triangles", int(mesh.GetNumberOfPolys()), truth["triangles"])
        checked.compare("volume in mm3", round(float(mass.GetVolume()), 3), truth["volume_mm3"], _ROUNDING)


def _registration(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """The matrix, back in LPS."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix = vtkMatrix4x4()
    if nodes:
        node: Any = nodes[0]
        node.GetMatrixTransformToParent(matrix)
    signs = (-1.0, -1.0, 1.0, 1.0)
    found = [matrix.GetElement(row, column) * signs[row] * signs[column] for row in range(4) for column in range(4)]
    checked.compare("matrix", [round(value, 6) + 0.0 for value in found], [round(value, 6) + 0.0 for value in truth["matrix"]])


def _cine(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """Frames, distances between pixels, and pixels."""
    volume: Any = nodes[0] if nodes else None
    image = volume.GetImageData() if volume is not None else None
    checked.compare("frames", image.GetDimensions()[2] if image is not None else None, truth["frames"])
    if image is not None:
        checked.compare("mm between pixels", float(volume.GetSpacing()[0]), truth["pixel_mm"], _ROUNDING)
        for pixel in truth["pixels"]:
            value = image.GetScalarComponentAsDouble(pixel["column"], pixel["row"], pixel["frame"], 0)
            checked.compare(f"frame {pixel['frame']}, row {pixel['row']}, column {pixel['column']}", int(value), pixel["value"])


def _slide(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """The size of the level that is shown, and colors of its pixels."""
    volume: Any = nodes[0] if nodes else None
    image = volume.GetImageData() if volume is not None else None
    shown = list(image.GetDimensions()[1::-1]) if image is not None else None
    checked.compare("rows and columns", shown, truth["levels"][0])
    if image is None or shown != truth["levels"][0]:
        return
    for pixel in truth["pixels"]:
        color = [int(image.GetScalarComponentAsDouble(pixel["column"], pixel["row"], 0, part)) for part in range(3)]
        checked.compare(f"row {pixel['row']}, column {pixel['column']}", color, pixel["rgb"])


def _annotations(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """The density times its area is the number of annotations."""
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy

    volume: Any = nodes[0] if nodes else None
    found = None
    if volume is not None:
        density = vtk_to_numpy(volume.GetImageData().GetPointData().GetScalars())
        found = float(np.round(density.sum(dtype=np.float64) * volume.GetSpacing()[0] * volume.GetSpacing()[1], 2))
    checked.compare("annotations", found, float(truth["annotations"]), _ROUNDING)


def _slide_segments(nodes: Sequence[vtkMRMLNode], _read: Read, truth: Truth, checked: _Checked) -> None:
    """Pixels of each segment, and which segments points of the slide lie in."""
    import numpy as np

    from IDCBrowserLib.scene.segments.segment_voxels import layers_of

    node: Any = nodes[0] if nodes else None
    layers = layers_of(node) if node is not None else []
    names = {identifier: node.GetSegmentation().GetSegment(identifier).GetName() for layer in layers for identifier in layer.segments}
    masks = {names[identifier]: layer.voxels[0] == label for layer in layers for identifier, label in layer.segments.items()}
    for row in truth["segments"]:
        mask = masks.get(row["name"])
        checked.compare(f"pixels of {row['name']}", int(np.count_nonzero(mask)) if mask is not None else None, row["voxels"])
    for point in truth["points"] if masks else ():
        row, column = point["row"], point["column"]
        found = [name for name, mask in masks.items() if mask[row, column]]
        checked.compare(f"segments at row {row}, column {column}", sorted(found), sorted(point["segments"]))


_LOOKS: dict[str, Callable[[Sequence[Any], Read, Truth, _Checked], None]] = {
    "pet": _values,
    "dose": _values,
    "adc": _values,
    "report": _measurements,
    "plan": _plan,
    "surface": _surface,
    "registration": _registration,
    "us": _cine,
    "slide": _slide,
    "nuclei": _annotations,
    "slide_segments": _slide_segments,
}
