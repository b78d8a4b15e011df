"""SEG and RTSTRUCT as pictures."""

from pathlib import Path

import numpy as np
import pytest
from helpers import seg_files
from helpers.rtstruct_files import R, Stack, axial, box, flat, structure_set, write
from helpers.seg_slides import COLUMNS, ROWS, on_slide

from IDCBrowserLib.errors import CancelledError, ConversionError
from IDCBrowserLib.labelmap.seg.convert_seg import describe_seg
from IDCBrowserLib.preview.segmentation import picture_of_seg
from IDCBrowserLib.preview.structures import picture_of_structures
from IDCBrowserLib.task import Task


def three_organs() -> np.ndarray:
    """(slices, rows, columns): 1 is largest on slice 2, where 2 is as well; 3 only on slice 4."""
    labels = np.zeros((6, 16, 24), np.uint8)
    labels[1, 2:6, 2:6] = 1
    labels[2, 2:12, 2:12] = 1
    labels[2, 13:15, 20:23] = 2
    labels[4, 1:3, 1:3] = 3
    return labels


def seg_file(tmp_path: Path, kind: str) -> Path:
    source = seg_files.images(6, 16, 24, spacing=(1.0, 1.0))
    array = three_organs() if kind == "LABELMAP" else _as_channels(three_organs())
    return seg_files.save(seg_files.seg(source, array, kind=kind), tmp_path / "seg.dcm")


def _as_channels(labels: np.ndarray) -> np.ndarray:
    return np.stack([labels == number for number in (1, 2, 3)], -1).astype(np.uint8)


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_the_plane_with_most_voxels_is_shown_in_the_colors_of_its_segments(tmp_path: Path, kind: str) -> None:
    path = seg_file(tmp_path, kind)
    found = picture_of_seg(path, Task())
    expected = np.zeros((16, 24, 3), np.uint8)
    for segment in describe_seg(path).segments:
        expected[three_organs()[2] == segment.number] = segment.color
    assert (found.pixels == expected).all()
    assert found.description == "Segmentation: Part 1, Part 2"


def test_a_segmentation_of_a_slide_says_where_it_opens(tmp_path: Path) -> None:
    path = seg_files.save(on_slide(np.ones((ROWS, COLUMNS), np.uint8)), tmp_path / "seg.dcm")
    with pytest.raises(ConversionError, match="open in Slim"):
        picture_of_seg(path, Task())


def test_a_cancelled_picture_is_not_finished(tmp_path: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        picture_of_seg(seg_file(tmp_path, "BINARY"), task)


def square(stack: Stack, k: int, low: float, high: float):
    return flat(stack, k, box(low, low, high, high))


def test_outlines_of_the_plane_with_most_points_are_drawn_in_their_color(tmp_path: Path) -> None:
    stack = axial()
    red = R(1, [square(stack, 1, 1, 6), square(stack, 3, 1, 3)], "Rectum", color=(255, 0, 0))
    blue = R(2, [square(stack, 1, 2, 4)], "Bladder", color=(0, 0, 255))
    green = R(3, [square(stack, 4, 2, 4)], "Spleen", color=(0, 255, 0))
    found = picture_of_structures(write(structure_set([red, blue, green]), tmp_path / "rs.dcm"), Task())
    assert found.description == "Contours: Rectum, Bladder"
    pixels = found.pixels.reshape(-1, 3).astype(int)
    assert ((pixels[:, 0] > 200) & (pixels[:, 2] < 50)).any() and ((pixels[:, 2] > 200) & (pixels[:, 0] < 50)).any()
    assert not (pixels[:, 1] > 60).any(), "what lies on other planes is not drawn"
    rows, columns = np.nonzero(found.pixels[..., 0] > 200)
    assert rows.max() - rows.min() == pytest.approx(columns.max() - columns.min(), abs=2), "a square stays a square"
    assert found.pixels[160, 20:300].sum() < found.pixels[:, 20].astype(int).sum() + 200_000, "only lines, no areas"


def test_a_structure_set_without_contours_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="no contours"):
        picture_of_structures(write(structure_set([R(1, [], "Empty")]), tmp_path / "rs.dcm"), Task())
