"""Contours where slice views show what a plane cuts of a model: the outline of the slice, of the segments that are visible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from helpers.made_volumes import AXIAL, image, labelmap

pytest.importorskip("slicer")

from IDCBrowserLib.labelmap.rtstruct.contour_lines import ContourLines, DrawnRoi
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark
from IDCBrowserLib.scene.removing import remove_series
from IDCBrowserLib.scene.segments.contour_ribbons import CONTOURS_ROLE
from IDCBrowserLib.scene.segments.contours import COLORS, add_contours
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.segments import SceneSegments
from IDCBrowserLib.scene.volumes import add_scalar_volume

# Of slice 3: a square of the liver (ROI 1), a triangle of the tumor (ROI 2). LPS, mm.
Z = AXIAL.origin[2] + 3 * AXIAL.spacing[2]
SQUARE = [(-20, -20, Z), (0, -20, Z), (0, 0, Z), (-20, 0, Z)]
TRIANGLE = [(-15, -15, Z), (-5, -15, Z), (-5, -5, Z)]


@pytest.fixture
def segments(scene: Any) -> Iterator[SceneSegments]:
    volume = add_scalar_volume(scene, image(), AXIAL, "CT")
    node = add_labelmap(scene, labelmap(), "1.4", [volume], "RTSTRUCT").segmentation
    lines = ContourLines(
        np.array([*SQUARE, *TRIANGLE], np.float32),
        np.array([(0, 0, 4), (1, 0, 3)], np.int32),
        (DrawnRoi(1, "Liver", (255, 0, 0)), DrawnRoi(2, "Tumor", (0, 255, 0))),
    )
    model = add_contours(scene, lines, "contours", node)
    mark(model, {SERIES_ATTRIBUTE: "1.4"})
    made = SceneSegments(scene)
    made.watch(lambda: None)
    yield made
    made.close()


def ribbons(scene: Any) -> list[Any]:
    count = scene.GetNumberOfNodesByClass("vtkMRMLModelNode")
    found = [scene.GetNthNodeByClass(number, "vtkMRMLModelNode") for number in range(count)]
    return [node for node in found if node.GetNodeReference(CONTOURS_ROLE) is not None]


def cut(polydata: Any, z: float) -> tuple[list[float], set[tuple[int, ...]]]:
    """Lengths of the lines that a plane across z (mm) cuts, shortest first, and their colors: as Slicer's slice views cut models."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkPlane
    from vtkmodules.vtkFiltersCore import vtkCutter

    plane, cutter = vtkPlane(), vtkCutter()
    plane.SetOrigin(0, 0, z)
    plane.SetNormal(0, 0, 1)
    cutter.SetCutFunction(plane)
    cutter.SetInputData(polydata)
    cutter.Update()
    found = cutter.GetOutput()
    lengths = []
    for number in range(found.GetNumberOfCells()):
        points = found.GetCell(number).GetPoints()
        lengths.append(float(np.linalg.norm(np.subtract(points.GetPoint(0), points.GetPoint(1)))))
    colors = found.GetCellData().GetArray(COLORS)
    return sorted(lengths), {tuple(row) for row in vtk_to_numpy(colors).tolist()} if lengths else set()


def test_a_plane_cuts_the_contours_of_its_slice_in_their_colors(scene: Any, segments: SceneSegments) -> None:
    segments.show_contours(True)
    (ribbon,) = ribbons(scene)
    assert ribbon.GetDisplayNode().GetVisibility() and ribbon.GetDisplayNode().GetVisibility2D() and not ribbon.GetDisplayNode().GetVisibility3D()
    half = AXIAL.spacing[2] / 2
    for z in (Z, Z - 0.9 * half, Z + 0.9 * half):
        lengths, colors = cut(ribbon.GetPolyData(), z)
        np.testing.assert_allclose(lengths, sorted([20, 20, 20, 20, 10, 10, 200**0.5]), rtol=1e-5)
        assert colors == {(255, 0, 0, 255), (0, 255, 0, 255)}
    assert cut(ribbon.GetPolyData(), Z + 1.1 * half)[0] == []


def test_contours_of_hidden_segments_are_hidden_with_them(scene: Any, segments: SceneSegments) -> None:
    segments.show_contours(True)
    (ribbon,) = ribbons(scene)
    node = segments.nodes()[0]
    segments.show_segments(node.GetID(), ["Segment_1"], False)
    assert len(cut(ribbon.GetPolyData(), Z)[0]) == 3
    segments.show_source(node.GetID(), False)
    assert cut(ribbon.GetPolyData(), Z)[0] == []
    segments.show_source(node.GetID(), True)
    segments.show_segments(node.GetID(), ["Segment_1"], True)
    assert len(cut(ribbon.GetPolyData(), Z)[0]) == 7


def test_the_button_makes_them_once_and_they_go_with_their_series(scene: Any, segments: SceneSegments) -> None:
    for shown in (True, False, True):
        segments.show_contours(shown)
        assert all(bool(one.GetDisplayNode().GetVisibility()) is shown for one in ribbons(scene))
    assert len(ribbons(scene)) == 1
    remove_series(scene, ["1.4"])
    assert ribbons(scene) == []
    segments.show_contours(True)
