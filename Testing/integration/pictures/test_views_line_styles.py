"""Dashed and dotted outlines of segmentations, judged by what is drawn."""

import os
import zipfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from helpers.made_volumes import AXIAL, TABLE_TILTED, image, labelmap

pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from IDCBrowserLib.scene.arrays import matrix4x4
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.segments.line_style import line_style_of, set_line_style
from IDCBrowserLib.scene.segments.segment_voxels import layers_of
from IDCBrowserLib.scene.volumes import add_scalar_volume


def add(host, grid, geometry=AXIAL):
    """The segmentation alone, in outlines, with the views on a slice that several segments cross."""
    volume = add_scalar_volume(host.scene, np.zeros_like(image(geometry)), geometry, "CT", (1000, 500))
    segmentation = add_labelmap(host.scene, labelmap(geometry), "1.2.3.4", [volume]).segmentation
    segmentation.GetDisplayNode().SetVisibility2DFill(False)
    grid.fit(None, segmentation)
    x, y, z, _one = geometry.index_to_ras() @ (15, 12, 12, 1)
    for view in grid.slices:
        view.jump((x, y, z))
    return segmentation


def lines_in(view):
    """What the view draws itself: (pattern of the pen, points in the widget) of each line."""
    view.prepare()
    return [(pen.dashPattern(), np.array([(point.x(), point.y()) for point in line])) for pen, lines in view._styled._lines for line in lines]


def colored(view):
    """How many pixels have a color: those of outlines."""
    view.invalidate()
    picture = view.grab().toImage().convertToFormat(view.grab().toImage().Format.Format_RGB888)
    pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())[:, : 3 * picture.width()]
    pixels = pixels.reshape(picture.height(), picture.width(), 3).astype(int)
    middle = pixels[60:-60, 60:-60]
    return int((middle.max(axis=2) - middle.min(axis=2) > 60).sum())


@pytest.mark.parametrize("geometry", [AXIAL, TABLE_TILTED])
def test_dashed_lines_run_between_the_voxels_of_a_segment_and_others(host, grid, geometry):
    segmentation = add(host, grid, geometry)
    set_line_style(segmentation, "dashed")
    layers = layers_of(segmentation)
    for view in grid.slices:
        lines = lines_in(view)
        assert lines
        for _pattern, points in lines:
            for x, y in points[:: max(1, len(points) // 20)]:
                beside = {tuple(labels_at(layers, view.ras_of(x + dx, y + dy))) for dx, dy in ((-0.6, 0), (0.6, 0), (0, -0.6), (0, 0.6))}
                assert len(beside) > 1


def test_dashed_lines_go_where_a_transform_moves_the_segmentation(host, grid):
    """Each point of a line, shifted, is a point of the line that was drawn before."""
    segmentation = add(host, grid)
    set_line_style(segmentation, "dashed")
    before = np.concatenate([points for _pattern, points in lines_in(grid.axial)])
    node = host.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Moved")
    segmentation.SetAndObserveTransformNodeID(node.GetID())
    shift = np.subtract(grid.axial.ras_of(40, 0), grid.axial.ras_of(0, 0))
    matrix = np.eye(4)
    matrix[:3, 3] = shift
    node.SetMatrixTransformToParent(matrix4x4(matrix))
    after = np.concatenate([points for _pattern, points in lines_in(grid.axial)])
    np.testing.assert_allclose(after.min(axis=0) - before.min(axis=0), (40, 0), atol=1)
    np.testing.assert_allclose(after.max(axis=0) - before.max(axis=0), (40, 0), atol=1)
    node.SetMatrixTransformToParent(matrix4x4(np.eye(4)))
    assert len(np.concatenate([points for _pattern, points in lines_in(grid.axial)])) == len(before)


def labels_at(layers, ras):
    for layer in layers:
        index = np.floor(np.linalg.inv(layer.to_ras) @ [*ras, 1] + 0.5).astype(int)[:3][::-1]
        yield int(layer.voxels[tuple(index)]) if all(0 <= one < size for one, size in zip(index, layer.voxels.shape, strict=True)) else 0


def test_less_is_drawn_of_a_dashed_line_and_still_less_of_a_dotted_one(host, grid, tmp_path):
    segmentation = add(host, grid)
    segmentation.GetDisplayNode().SetSliceIntersectionThickness(3)
    counts = []
    for style in ("solid", "dashed", "dotted"):
        set_line_style(segmentation, style)
        counts.append(colored(grid.axial))
    solid, dashed, dotted = counts
    assert 0.3 * solid < dashed < 0.9 * solid
    assert dotted < dashed
    host.save(tmp_path / "scene.mrb")
    with zipfile.ZipFile(tmp_path / "scene.mrb") as saved:
        name = next(name for name in saved.namelist() if name.endswith(".mrml"))
        assert 'Visibility2DOutline="true"' in saved.read(name).decode(), "Slicer draws it"
    assert colored(grid.axial) == dotted
    set_line_style(segmentation, "solid")
    assert colored(grid.axial) == solid


def test_solid_hidden_and_left_out_ones_have_no_lines_of_their_own(host, grid):
    segmentation = add(host, grid)
    assert (line_style_of(segmentation), lines_in(grid.axial)) == ("solid", [])
    set_line_style(segmentation, "dotted")
    display = segmentation.GetDisplayNode()
    all_lines = len(lines_in(grid.axial))
    display.SetSegmentVisibility("Segment_1", False)
    assert len(lines_in(grid.axial)) < all_lines
    display.SetVisibility(False)
    assert lines_in(grid.axial) == []


def test_a_picture_without_changes_finds_no_lines_anew(host, grid, monkeypatch):
    from IDCBrowserLib.host.standalone import styled_outlines

    cuts = []
    found = styled_outlines.label_outlines
    monkeypatch.setattr(styled_outlines, "label_outlines", lambda *about: cuts.append(1) or found(*about))
    segmentation = add(host, grid)
    set_line_style(segmentation, "dashed")
    before = lines_in(grid.axial)
    made = len(cuts)
    segmentation.GetSegmentation().GetSegment("Segment_1").SetColor(0, 0, 1)
    set_line_style(segmentation, "dotted")
    assert len(lines_in(grid.axial)) == len(before) and len(cuts) == made, "color and style change no line"
    segmentation.GetDisplayNode().SetSegmentVisibility("Segment_1", False)
    assert len(lines_in(grid.axial)) < len(before)
    made = len(cuts)
    layer = layers_of(segmentation)[0]
    layer.voxels[...] = 0
    for identifier in layer.segments:
        segmentation.GetSegmentation().GetSegment(identifier).GetRepresentation("Binary labelmap").Modified()
    assert len(lines_in(grid.axial)) < len(before) and len(cuts) > made, "other voxels do"
    grid.axial.zoom(2)
    made = len(cuts)
    lines_in(grid.axial)
    assert len(cuts) > made
