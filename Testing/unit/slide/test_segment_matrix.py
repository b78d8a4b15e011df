"""Parts of the total pixel matrix of a SEG on a slide: which tiles they need, which pixels of them they show, and what of them cannot be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from helpers import seg_files as sf
from helpers.seg_slides import COLUMNS, ROWS, TILE_COLUMNS, TILE_ROWS, on_slide

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg import slide_matrix, slide_tiles
from IDCBrowserLib.labelmap.seg.header import open_seg
from IDCBrowserLib.labelmap.seg.slide_matrix import MatrixPart, SlideMatrix, damage
from IDCBrowserLib.labelmap.seg.slide_tiles import SlideTiles, read_tiles
from IDCBrowserLib.task import Task

ARRAY = sf.channels(1, ROWS, COLUMNS, count=3)[0]
LABELS = sf.labels(1, ROWS, COLUMNS)[0]


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(sf.save(on_slide(ARRAY), tmp_path_factory.mktemp("binary") / "seg.dcm"))


@pytest.fixture(scope="module")
def label_map(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(sf.save(on_slide(LABELS, kind="LABELMAP"), tmp_path_factory.mktemp("labelmap") / "seg.dcm"))


def part_of(path: str, rows: tuple[int, int], columns: tuple[int, int], step: int, numbers: set[int] | None = None) -> MatrixPart:
    matrix = SlideMatrix.of_file(path)
    chosen = {number: segment for number, segment in matrix.seg.segments.items() if numbers is None or number in numbers}
    return matrix.part(chosen, rows, columns, step, Task(), most_s=1000.0)


def middles(first: int, last: int, step: int) -> list[int]:
    """The middle one of so many; of fewer at the end the last."""
    return [min(at + step // 2, last - 1) for at in range(first, last, step)]


@pytest.mark.parametrize(
    ("rows", "columns", "step"),
    [
        ((0, ROWS), (0, COLUMNS), 1),
        ((3, 20), (14, 16), 1),
        ((0, ROWS), (0, COLUMNS), 3),
        ((5, 26), (1, 40), 4),
        ((0, 26), (0, 40), 100),
        ((9, 10), (15, 16), 1),
    ],
)
def test_a_part_shows_the_middle_pixels_of_its_squares(
    rows: tuple[int, int], columns: tuple[int, int], step: int, binary: str, label_map: str
) -> None:
    at = np.ix_(middles(*rows, step), middles(*columns, step))
    found = part_of(binary, rows, columns, step)
    for number in (1, 2, 3):
        layer = found.layers.layers[found.layer_of[number]][0]
        assert np.array_equal(layer == number, ARRAY[..., number - 1][at] > 0)
        assert found.voxels[number] == int((ARRAY[..., number - 1][at] > 0).sum())
    whole = part_of(label_map, rows, columns, step)
    assert np.array_equal(whole.layers.layers[0][0], LABELS[at])
    assert dict(whole.voxels) == {number: int((LABELS[at] == number).sum()) for number in (1, 2, 3)}
    assert set(whole.layer_of.values()) == {0} and (whole.damaged, whole.reason, whole.late) == (0, "", 0)


def test_only_the_segments_that_are_chosen_are_there(binary: str, label_map: str) -> None:
    found = part_of(binary, (0, ROWS), (0, COLUMNS), 1, {2})
    assert np.array_equal(found.layers.layers[0][0] == 2, ARRAY[..., 1] > 0) and len(found.layers.layers) == 1
    found = part_of(label_map, (0, ROWS), (0, COLUMNS), 1, {2})
    assert np.array_equal(found.layers.layers[0][0], np.where(LABELS == 2, 2, 0)) and dict(found.voxels) == {2: int((LABELS == 2).sum())}


def test_a_segment_without_tiles_there_has_no_voxels(tmp_path: Path) -> None:
    made = on_slide(ARRAY)
    keep = [n for n, group in enumerate(made.PerFrameFunctionalGroupsSequence) if group.SegmentIdentificationSequence[0].ReferencedSegmentNumber != 2]
    found = part_of(str(sf.save(sf.with_frames(made, keep), tmp_path / "seg.dcm")), (0, ROWS), (0, COLUMNS), 1)
    assert (found.layer_of[2], found.voxels[2]) == (0, 0) and found.voxels[1] and found.voxels[3]


def test_frames_in_any_order_lie_where_they_say(tmp_path: Path) -> None:
    made = on_slide(ARRAY)
    shuffled = sf.with_frames(made, np.random.default_rng(1).permutation(int(made.NumberOfFrames)).tolist())
    found = part_of(str(sf.save(shuffled, tmp_path / "seg.dcm")), (0, ROWS), (0, COLUMNS), 1)
    for number in (1, 2, 3):
        assert np.array_equal(found.layers.layers[found.layer_of[number]][0] == number, ARRAY[..., number - 1] > 0)


@pytest.mark.parametrize(("step", "shape"), [(1, (26, 40)), (4, (7, 10)), (5, (6, 8)), (100, (1, 1))])
def test_what_is_empty_has_the_size_that_it_would_have(step: int, shape: tuple[int, int], binary: str) -> None:
    matrix = SlideMatrix.of_file(binary)
    found = matrix.empty(matrix.seg.segments, step)
    assert found.layers.layers[0].shape == (1, *shape) == matrix.geometry(step).shape
    assert dict(found.layer_of) == dict(found.voxels) == {1: 0, 2: 0, 3: 0} and not found.layers.layers[0].any()


@pytest.mark.parametrize(
    ("rows", "columns", "tiles"),
    [
        ((0, 26), (0, 40), 9),
        ((0, 9), (0, 15), 1),
        ((0, 10), (0, 15), 2),
        ((0, 9), (0, 16), 2),
        ((8, 9), (14, 15), 1),
        ((9, 10), (15, 16), 1),
        ((8, 10), (14, 16), 4),
        ((18, 26), (30, 40), 1),
    ],
)
def test_only_tiles_that_show_something_of_a_window_are_needed(rows: tuple[int, int], columns: tuple[int, int], tiles: int, label_map: str) -> None:
    found = read_tiles(open_seg(label_map)).within(rows, columns)
    assert len(found) == tiles


def test_tiles_of_segments_come_in_the_order_of_their_numbers(binary: str, label_map: str) -> None:
    seg = open_seg(binary)
    tiles = SlideTiles(np.array([3, 1, 2, 1], np.int32), np.zeros(4, np.int64), np.zeros(4, np.int64), 9, 15, ROWS, COLUMNS)
    assert tiles.of_segments(np.arange(4), seg, {1, 3}).tolist() == [1, 3, 0]
    assert tiles.of_segments(np.array([0, 3]), seg, {1, 3}).tolist() == [3, 0]
    assert tiles.of_segments(np.arange(4), open_seg(label_map), {1}).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("seconds", "late"), [(8.0, 0), (7.0, 1), (-1.0, 9)])
def test_tiles_for_which_there_is_no_time_left_are_counted_and_empty(seconds: float, late: int, label_map: str) -> None:
    ticks = iter(range(100))
    matrix = SlideMatrix(open_seg(label_map), clock=lambda: float(next(ticks)))
    found = matrix.part(matrix.seg.segments, (0, ROWS), (0, COLUMNS), 1, Task(), most_s=seconds + 1)
    assert (found.late, found.damaged) == (late, 0)
    assert found.layers.layers[0][0][:9, :15].any() == (late < 9)


@pytest.mark.parametrize(("most", "is_shown"), [(3, True), (2, False)])
def test_a_picture_has_so_many_layers_and_a_labelmap_any_number(most: int, is_shown: bool, binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slide_matrix, "_MOST_LAYERS", most)
    matrix = SlideMatrix.of_file(binary)
    assert len(matrix.whole(matrix.seg.segments, ConvertOptions(), Task()).layers.layers) == 3
    if is_shown:
        assert len(part_of(binary, (0, ROWS), (0, COLUMNS), 1).layers.layers) == 3
        return
    with pytest.raises(ConversionError, match="More than 2 segments lie over each other, which is too much for a picture"):
        part_of(binary, (0, ROWS), (0, COLUMNS), 1)


def test_a_slide_without_a_size_has_no_matrix_and_one_of_more_than_a_million_pixels_a_side_is_none(tmp_path: Path) -> None:
    made = on_slide(LABELS, kind="LABELMAP")
    for rows, columns, said in (
        (0, 9, "are missing, so its size is unknown"),
        (9, 0, "are missing"),
        ((1 << 20) + 1, 9, "are 1,048,577 and 9; no slide"),
    ):
        made.TotalPixelMatrixRows, made.TotalPixelMatrixColumns = rows, columns
        with pytest.raises(ConversionError, match=said):
            SlideMatrix.of_file(str(sf.save(made, tmp_path / "seg.dcm")))
    made.TotalPixelMatrixRows, made.TotalPixelMatrixColumns = 9, 1 << 20
    assert SlideMatrix.of_file(str(sf.save(made, tmp_path / "seg.dcm"))).columns == 1 << 20


def test_a_value_that_is_no_segment_is_named_with_its_frame(label_map: str, tmp_path: Path) -> None:
    made = on_slide(LABELS, kind="LABELMAP")
    frames = sf.frame_arrays(made)
    frames[4] = np.full((TILE_ROWS, TILE_COLUMNS), 77, np.uint8)
    sf.set_frames(made, frames)
    with pytest.raises(ConversionError, match=r"Frame 5 holds the value 77, which Segment Sequence \(0062,0002\) does not describe"):
        part_of(str(sf.save(made, tmp_path / "seg.dcm")), (0, ROWS), (0, COLUMNS), 1)


def test_what_is_not_complete_is_said_in_a_sentence_each(binary: str) -> None:
    layers = part_of(binary, (0, 1), (0, 1), 1).layers
    assert damage(MatrixPart(layers, {}, {}), "a.dcm") == []
    assert damage(MatrixPart(layers, {}, {}, 1200, "why", 3), "a.dcm") == [
        "1,200 tiles of a.dcm cannot be decoded and are skipped (why). Download the series again.",
        "3 tiles of a.dcm would take too long and are skipped. Zoom in to see them.",
    ]


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [
        ("Rows", 0, "are 0, 15 and 9; this is not possible"),
        ("Columns", 0, "are 9, 0 and 9; this is not possible"),
        ("NumberOfFrames", -1, "are 9, 15 and -1; this is not possible"),
        ("NumberOfFrames", 10, "Number of Frames (0028,0008) is 10, but 9 are described"),
    ],
)
def test_tiles_without_a_size_or_of_another_number_are_refused(keyword: str, value: int, said: str, tmp_path: Path) -> None:
    made = on_slide(LABELS, kind="LABELMAP")
    setattr(made, keyword, value)
    with pytest.raises(ConversionError) as caught:
        read_tiles(open_seg(sf.save(made, tmp_path / "seg.dcm")))
    assert said in str(caught.value)


@pytest.mark.parametrize(("most", "is_possible"), [(9, True), (8, False)])
def test_there_may_be_so_many_tiles_and_no_more(most: int, is_possible: bool, label_map: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slide_tiles, "_MOST_TILES", most)
    if is_possible:
        assert len(read_tiles(open_seg(label_map)).row) == 9
        return
    with pytest.raises(ConversionError, match="are 9, 15 and 9; this is not possible"):
        read_tiles(open_seg(label_map))


@pytest.mark.parametrize("full", [True, False])
def test_without_places_tiles_are_row_by_row_segment_after_segment(full: bool, tmp_path: Path) -> None:
    made = on_slide(ARRAY, full=True)
    made.DimensionOrganizationType = "TILED_FULL" if full else "TILED_SPARSE"
    tiles = read_tiles(open_seg(sf.save(made, tmp_path / "seg.dcm")))
    places = [(number, row, column) for number in (1, 2, 3) for row in (0, 9, 18) for column in (0, 15, 30)]
    assert list(zip(tiles.segment.tolist(), tiles.row.tolist(), tiles.column.tolist(), strict=True)) == places
    assert (tiles.height, tiles.width, tiles.rows, tiles.columns) == (9, 15, 26, 40)


def test_tiles_of_segments_that_are_not_described_are_refused(tmp_path: Path) -> None:
    made = on_slide(ARRAY)
    made.PerFrameFunctionalGroupsSequence[2].SegmentIdentificationSequence[0].ReferencedSegmentNumber = 9
    with pytest.raises(ConversionError, match="Frames refer to segment 9 "):
        read_tiles(open_seg(sf.save(made, tmp_path / "seg.dcm")))
