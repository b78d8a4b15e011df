from pathlib import Path

import numpy as np
import pytest

from IDCBrowserLib.demo import structures, truth
from IDCBrowserLib.demo.grid import CT_GRID, Grid
from IDCBrowserLib.demo.rtstruct import Contour, Roi
from IDCBrowserLib.labelmap.convert import convert
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.task import Task

GRID = Grid((1, 8, 8), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


def square(low: float, high: float, kind: str = "CLOSED_PLANAR") -> Contour:
    return Contour(kind, 0, ((low, low, 0.0), (high, low, 0.0), (high, high, 0.0), (low, high, 0.0)))


def test_voxel_centers_inside_a_square_are_counted() -> None:
    inside = truth.filled([square(1.5, 4.5)], GRID)
    assert inside.sum() == 9
    assert inside[0, 2:5, 2:5].all()


def test_a_second_contour_inside_is_a_hole() -> None:
    assert truth.filled([square(0.5, 6.5), square(2.5, 4.5)], GRID).sum() == 36 - 4


def test_an_edge_through_centers_owns_the_lower_side_only() -> None:
    assert truth.filled([square(2.0, 4.0)], GRID).sum() == 4


def test_regions_that_share_voxels_are_reported() -> None:
    rois = [Roi(number, str(number), "ORGAN", (0, 0, 0), (square(*sides),)) for number, sides in ((3, (0.5, 4.5)), (8, (3.5, 6.5)))]
    point = Roi(9, "Isocenter", "ISOCENTER", (0, 0, 0), (Contour("POINT", 0, ((1.0, 2.0, 0.0),)),))
    found = truth.of_rois([*rois, point], GRID)
    assert found["segments"] == [{"number": 3, "name": "3", "voxels": 16}, {"number": 8, "name": "8", "voxels": 9}]
    assert found["overlapping_voxels"] == 1
    assert found["points"] == [{"number": 9, "name": "Isocenter", "position": [1.0, 2.0, 0.0]}]


def test_no_voxel_center_lies_on_a_contour_so_the_truth_is_beyond_dispute() -> None:
    x = np.round((CT_GRID.origin[0] + CT_GRID.spacing[0] * np.arange(CT_GRID.shape[2])) * 100).astype(np.int64)
    y = np.round((CT_GRID.origin[1] + CT_GRID.spacing[1] * np.arange(CT_GRID.shape[1])) * 100).astype(np.int64)
    for roi in structures.rois(CT_GRID):
        for contour in roi.contours:
            corners = np.round(np.array([point[:2] for point in contour.points]) * 100).astype(np.int64)
            for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
                columns = x[(x >= min(x0, x1)) & (x <= max(x0, x1))]
                rows = y[(y >= min(y0, y1)) & (y <= max(y0, y1))]
                crossed = (columns[None, :] - x0) * (y1 - y0) == (x1 - x0) * (rows[:, None] - y0)
                assert not crossed.any(), (roi.name, contour.k)


@pytest.mark.parametrize(("key", "image"), [("seg_binary", "ct"), ("seg_labelmap", "ct"), ("rtstruct", "ct"), ("mr_seg", "mr")])
def test_a_conversion_finds_exactly_the_voxels_that_were_drawn(key: str, image: str, phantom_folder: Path, series: dict, truth: dict) -> None:
    labelmap = convert(str(series[key].files[0]), [str(path) for path in series[image].files], ConvertOptions(), Task())
    assert {segment.number: segment.voxels for segment in labelmap.segments} == {one["number"]: one["voxels"] for one in truth[key]["segments"]}
    assert labelmap.overlapping_voxels == truth[key]["overlapping_voxels"]
    assert labelmap.warnings == ()
    assert [list(annotation.points[0]) for annotation in labelmap.annotations] == [point["position"] for point in truth[key].get("points", [])]
