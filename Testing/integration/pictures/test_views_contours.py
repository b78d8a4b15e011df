"""The contours of a structure set over slices and in 3D, judged by what is drawn."""

import os
import zipfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from helpers.made_volumes import AXIAL, TABLE_TILTED, image, labelmap

pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from IDCBrowserLib.labelmap.rtstruct.contour_lines import ContourLines, DrawnRoi
from IDCBrowserLib.scene.segments.contours import COLORS, add_contours, contour_arrays, contour_models
from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap
from IDCBrowserLib.scene.volumes import add_scalar_volume

# ROI 2 as four corners of voxels (i, j) on slices 11 to 14, ROI 7 on slice 3.
CORNERS = [(10, 8), (20, 8), (20, 16), (10, 16)]


def lines_on(geometry):
    def at(i, j, k):
        return (geometry.index_to_lps() @ (i, j, k, 1))[:3]

    points = [at(i, j, k) for k in (11, 12, 13, 14, 3) for i, j in CORNERS] + [at(1, 1, 1), at(2, 2, 2)]
    contours = [(0, 0, 4)] * 4 + [(1, 0, 4), (1, 4, 1), (1, 3, 1)]
    rois = (DrawnRoi(2, "Tumor", (0, 255, 0)), DrawnRoi(7, "Lung", (0, 0, 255)))
    return ContourLines(np.array(points, np.float32), np.array(contours, np.int32), rois)


def add(host, geometry=AXIAL):
    volume = add_scalar_volume(host.scene, image(geometry), geometry, "CT", (1000, 500))
    segmentation = add_labelmap(host.scene, labelmap(geometry), "1.2.3.4", [volume]).segmentation
    return segmentation, add_contours(host.scene, lines_on(geometry), "contours", segmentation)


def on_slice(view):
    """Strokes of the view as arrays of (x, y) in the widget, with whether they are lines."""
    view.prepare()
    return [(closed, np.array([(point.x(), point.y()) for point in points])) for _color, closed, points in view.contours._strokes]


def show(grid, segmentation, k, geometry=AXIAL):
    grid.fit(None, segmentation)
    grid.show_contours(True)
    x, y, z, _one = geometry.index_to_ras() @ (15, 12, k, 1)
    for view in grid.slices:
        view.jump((x, y, z))
    return x, y, z


def test_points_and_open_contours_are_left_to_markups(host):
    _segmentation, model = add(host)
    points, starts, colors = contour_arrays(model)
    assert starts.tolist() == [0, 4, 8, 12, 16, 20]
    assert points.shape == (20, 3)
    assert colors[[0, 4]].tolist() == [[0, 255, 0, 255], [0, 0, 255, 255]]
    assert model.GetPolyData().GetNumberOfLines() == 5


def test_a_structure_set_of_points_alone_has_no_model(host):
    segmentation, _model = add(host)
    only = ContourLines(np.zeros((1, 3), np.float32), np.array([(0, 4, 1)], np.int32), (DrawnRoi(1, "Isocenter", (1, 2, 3)),))
    assert add_contours(host.scene, only, "points", segmentation) is None


@pytest.mark.parametrize("geometry", [AXIAL, TABLE_TILTED])
def test_lines_lie_on_their_slice_at_the_corners_that_were_drawn(host, grid, geometry):
    segmentation, _model = add(host, geometry)
    show(grid, segmentation, 12, geometry)
    ((closed, drawn),) = on_slice(grid.axial)
    expected = [(geometry.index_to_ras() @ (i, j, 12, 1))[:3] for i, j in CORNERS]
    assert closed
    assert np.allclose([grid.axial.ras_of(x, y) for x, y in drawn], expected, atol=1e-2)


def test_marks_show_where_contours_pass_through_other_planes(host, grid):
    segmentation, _model = add(host)
    x, _y, _z = show(grid, segmentation, 12)
    marks = on_slice(grid.sagittal)
    assert [closed for closed, _ in marks] == [False] * 2, "one stroke for each color"
    middle = np.array([grid.sagittal.ras_of(*point) for _closed, points in marks for point in points])
    assert np.allclose(middle[:, 0], x, atol=1e-2)
    assert np.allclose(sorted({round(float(y), 1) for y in middle[:, 1]}), sorted(-(-40 + 2 * j) for j in (8, 16)))
    assert sorted({round(float(z), 1) for z in middle[:, 2]}) == [-30 + 4 * k for k in (3, 11, 12, 13, 14)]


def test_nothing_is_drawn_until_asked_for_and_no_more_afterwards(host, grid, app):
    segmentation, model = add(host)
    show(grid, segmentation, 12)
    before = grid.three_d.render_window.image()
    grid.three_d.grab()
    grid.three_d.contours_button.click()
    assert on_slice(grid.axial) == []
    assert not model.GetDisplayNode().GetVisibility()
    assert grid.three_d.render_window.image() != before
    grid.three_d.contours_button.click()
    assert len(on_slice(grid.axial)) == 1


def test_the_contours_of_a_hidden_segment_are_hidden_with_it(host, grid):
    segmentation, model = add(host)
    show(grid, segmentation, 12)
    grid.set_segment_visible(segmentation, "Segment_2", False)
    assert on_slice(grid.axial) == []
    colors = model.GetPolyData().GetCellData().GetArray(COLORS)
    assert [colors.GetTuple4(cell)[3] for cell in range(5)] == [0, 0, 0, 0, 255]
    grid.set_segment_visible(segmentation, "Segment_2", True)
    assert len(on_slice(grid.axial)) == 1


def test_a_hidden_segmentation_hides_its_contours(host, grid):
    segmentation, model = add(host)
    show(grid, segmentation, 12)
    grid.set_segmentation_visible(segmentation, False)
    assert not model.GetDisplayNode().GetVisibility()
    grid.set_segmentation_visible(segmentation, True)
    assert model.GetDisplayNode().GetVisibility()


def test_the_button_can_be_pressed_only_with_a_structure_set(host, grid, app):
    volume = add_scalar_volume(host.scene, image(AXIAL), AXIAL, "CT", (1000, 500))
    segmentation = add_labelmap(host.scene, labelmap(), "1.2.3.4", [volume]).segmentation
    grid.fit(volume, segmentation)
    grid.three_d.grab()
    assert grid.three_d.contours_button.isVisible()
    assert not grid.three_d.contours_button.isEnabled()
    add_contours(host.scene, lines_on(AXIAL), "contours", segmentation)
    grid.three_d.grab()
    assert grid.three_d.contours_button.isEnabled()


def test_a_removed_segmentation_leaves_contours_that_do_no_harm(host, grid):
    segmentation, _model = add(host)
    show(grid, segmentation, 12)
    host.scene.RemoveNode(segmentation)
    grid.show_contours(True)
    assert contour_models(host.scene) == []
    assert on_slice(grid.axial) == []


def test_contours_are_saved_with_the_scene(host, tmp_path):
    segmentation, _model = add(host)
    host.save(tmp_path / "scene.mrb")
    with zipfile.ZipFile(tmp_path / "scene.mrb") as bundle:
        (saved,) = (name for name in bundle.namelist() if name.endswith(".mrml"))
        (model,) = (name for name in bundle.namelist() if "contours" in name.lower())
        assert f"IDCBrowser.segmentation:{segmentation.GetID()};" in bundle.read(saved).decode()
        assert b"ROINumber" in bundle.read(model)
