"""Segmentations of slides that lie elsewhere: their overviews and windows are those of the files, and only what they show is fetched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers import seg_files as sf
from helpers.seg_slides import COLUMNS, ROWS, on_slide
from helpers.slide_files import saved_segments
from pydicom.encaps import encapsulate, encapsulate_extended

from IDCBrowserLib.errors import CancelledError, ConversionError, NotFoundError, TransferError
from IDCBrowserLib.preview.objects import LocalObject
from IDCBrowserLib.slide import segment_levels
from IDCBrowserLib.slide.segment_levels import SegmentLevels, read_segment_levels
from IDCBrowserLib.task import Progress, Task

QUARTER = (0.5, 0.25, 0.75, 0.5)


class Elsewhere:
    """An object as one in a bucket: what is read of it is told."""

    series_uid = ""

    def __init__(self, path: str | Path, on_read: Callable[[int, int], None] = lambda _start, _stop: None) -> None:
        self._item = LocalObject(Path(path), Path(path).stat().st_size)
        self.size, self.label = self._item.size, self._item.label
        self.on_read = on_read
        self.bytes_read = 0

    def read(self, start: int, stop: int) -> bytes:
        self.on_read(start, stop)
        self.bytes_read += stop - start
        return self._item.read(start, stop)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Tissue and nuclei in 1,024 and 512 pixels a side, tiles of 256."""
    return saved_segments(str(tmp_path_factory.mktemp("segments")))


def one_of(sources: list[str] | list[Elsewhere]) -> SegmentLevels:
    [found], notes = read_segment_levels(sources)
    assert notes == []
    return found


def same_windows(one: SegmentLevels, other: SegmentLevels, rect=QUARTER, size: int = 256) -> bool:
    found, theirs = one.window(rect, size, size, Task()), other.window(rect, size, size, Task())
    return found.rect == theirs.rect and all(np.array_equal(a, b) for a, b in zip(found.layers, theirs.layers, strict=True))


def test_the_overview_is_that_of_the_files_and_the_larger_size_is_not_read_for_it(files):
    fine, coarse = map(Elsewhere, files)
    elsewhere, here = one_of([fine, coarse]).overview(1 << 18, Task()), one_of(files).overview(1 << 18, Task())
    assert all(np.array_equal(a, b) for a, b in zip(elsewhere.layers, here.layers, strict=True))
    assert [(one.name, one.voxels) for one in elsewhere.segments] == [(one.name, one.voxels) for one in here.segments]
    assert fine.bytes_read <= 1 << 16, "the beginning of its header"


def test_a_window_reads_the_tiles_in_sight_alone_and_none_of_them_twice(files):
    fine, coarse = map(Elsewhere, files)
    found = one_of([fine, coarse])
    assert same_windows(found, one_of(files))
    read = fine.bytes_read
    assert same_windows(found, one_of(files)) and fine.bytes_read == read
    tiles = 256 * 256 // 8
    assert same_windows(found, one_of(files), (0.5, 0.25, 0.75, 0.75)) and fine.bytes_read - read <= 2 * 2 * tiles + 2


def test_only_the_tiles_of_chosen_segments_are_read(files):
    fine, coarse = map(Elsewhere, files)
    found = one_of([fine, coarse]).of_segments([2])
    window = found.window(QUARTER, 256, 256, Task())
    every = one_of(files).window(QUARTER, 256, 256, Task())
    assert np.array_equal(window.layers[0], np.where(np.any([layer == 2 for layer in every.layers], axis=0), 2, 0))
    both = Elsewhere(files[0])
    one_of([both, Elsewhere(files[1])]).window(QUARTER, 256, 256, Task())
    assert fine.bytes_read <= both.bytes_read - 256 * 256 // 8
    assert [one.name for one in found.overview(1 << 18, Task()).segments] == ["Nuclei"]
    with pytest.raises(NotFoundError, match="has no segment 3"):
        found.of_segments([3])


def test_bytes_of_segments_are_those_that_an_overview_fetches(files):
    fine, coarse = map(Elsewhere, files)
    found = one_of([fine, coarse])
    of_each, common = found.overview_bytes(1 << 18)
    before = coarse.bytes_read
    found.of_segments([2]).overview(1 << 18, Task())
    assert (coarse.bytes_read - before, common) == (of_each[2], 0) and set(of_each) == {1, 2}
    assert one_of(files).overview_bytes(1 << 18) == ({}, 0), "nothing of files on this computer"


@pytest.mark.parametrize(("kind", "full"), [("BINARY", False), ("BINARY", True), ("LABELMAP", False), ("LABELMAP", True)])
def test_frames_that_begin_within_a_byte_and_label_maps_are_read_by_range(tmp_path: Path, kind, full):
    array = sf.channels(1, ROWS, COLUMNS, count=2)[0] if kind == "BINARY" else sf.labels(1, ROWS, COLUMNS)[0]
    path = str(sf.save(on_slide(array, kind=kind, full=full), tmp_path / "seg.dcm"))
    assert same_windows(one_of([Elsewhere(path)]), one_of([path]), (0.3, 0.2, 0.9, 1.0), 4000)
    assert same_windows(one_of([Elsewhere(path)]).of_segments([2]), one_of([path]).of_segments([2]), (0.0, 0.0, 1.0, 1.0), 4000)


def test_label_maps_of_sixteen_bits_are_read_by_range(tmp_path: Path):
    made = on_slide(sf.labels(1, ROWS, COLUMNS)[0], kind="LABELMAP")
    numbers = {0: 0, 1: 1, 2: 700, 3: 40000}
    values = np.array([numbers[value] for value in range(4)], np.uint16)
    frames = [values[frame] for frame in sf.frame_arrays(made)]
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit = 15
    for item in made.SegmentSequence:
        item.SegmentNumber = numbers[item.SegmentNumber]
    sf.set_frames(made, frames)
    made["PixelData"].VR = "OW"
    path = str(sf.save(made, tmp_path / "seg.dcm"))
    window = one_of([Elsewhere(path)]).window((0.0, 0.0, 1.0, 1.0), 4000, 4000, Task())
    assert np.array_equal(window.layers[0], values[sf.labels(1, ROWS, COLUMNS)[0]])


def test_tiles_in_big_endian_cannot_be_read_by_range(tmp_path: Path):
    path = sf.save_as(on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0]), tmp_path / "big.dcm", "1.2.840.10008.1.2.2")
    with pytest.raises(ConversionError, match=r"big\.dcm is written in big endian and can be read as a whole only\. Download it\."):
        one_of([Elsewhere(path)]).overview(1 << 18, Task())
    assert one_of([str(path)]).overview(1 << 18, Task()).segments[0].voxels > 0


def packed(path: str, folder: Path, table: str) -> str:
    """With RLE, and the table of tiles that is asked for."""
    made = pydicom.dcmread(path)
    tiles = np.unpackbits(np.frombuffer(made.PixelData, np.uint8), bitorder="little")[: made.NumberOfFrames * made.Rows * made.Columns]
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit = 7
    made.PixelData = tiles.tobytes()
    made["PixelData"].VR = "OB"
    made.compress(pydicom.uid.RLELossless)
    frames = list(pydicom.encaps.generate_frames(made.PixelData, number_of_frames=made.NumberOfFrames))
    if table == "extended":
        made.PixelData, made.ExtendedOffsetTable, made.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    else:
        made.PixelData = encapsulate(frames, has_bot=table == "basic")
    made.save_as(folder / f"{table}.dcm")
    return str(folder / f"{table}.dcm")


@pytest.mark.parametrize("table", ["basic", "extended"])
def test_compressed_tiles_are_found_by_their_table(files, tmp_path: Path, table):
    path = packed(files[1], tmp_path, table)
    assert same_windows(one_of([Elsewhere(path)]), one_of([path]))


def test_tiles_that_cannot_be_decoded_are_counted_and_said_and_the_others_are_shown(files, tmp_path: Path):
    made = pydicom.dcmread(packed(files[1], tmp_path, "basic"))
    tiles = list(pydicom.encaps.generate_frames(made.PixelData, number_of_frames=made.NumberOfFrames))
    tiles[1] = tiles[3] = b"damaged!"
    made.PixelData = encapsulate(tiles)
    made.save_as(tmp_path / "damaged.dcm")
    window = one_of([str(tmp_path / "damaged.dcm")]).window((0.0, 0.0, 1.0, 1.0), 512, 512, Task())
    (note,) = window.notes
    assert note.startswith("2 tiles of ") and "damaged.dcm cannot be decoded and are skipped (" in note and "Frame 2 " in note
    assert any(layer.any() for layer in window.layers)


def test_without_a_table_that_is_said_and_a_smaller_size_is_shown(files, tmp_path: Path):
    path = packed(files[0], tmp_path, "none")
    found = one_of([Elsewhere(path), Elsewhere(files[1])])
    window = found.window(QUARTER, 256, 256, Task())
    assert window.rows == 512 and "none.dcm has no table of its tiles. Download" in window.notes[0]
    with pytest.raises(ConversionError, match="no table of its tiles"):
        one_of([Elsewhere(path)]).overview(1 << 18, Task())


def test_more_than_is_fetched_for_one_look_is_said_and_nothing_of_it_is_read(files, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(segment_levels, "MOST_FETCHED", 20_000)
    [fine] = map(Elsewhere, files[:1])
    found = one_of([fine])
    overview = found.overview(1 << 18, Task())
    assert not overview.layers[0].any() and [(one.layer, one.voxels) for one in overview.segments] == [(0, 0), (0, 0)]
    assert "would take" in overview.warnings[0] and "Zoom in to see its segments, or download the series." in overview.warnings[0]
    with pytest.raises(ConversionError, match="too much for one look"):
        found.window((0.0, 0.0, 1.0, 1.0), 1024, 1024, Task())
    assert same_windows(found, one_of(files[:1]), (0.5, 0.5, 0.7, 0.7), 205), "a tile of it is not"


def test_a_network_that_fails_is_said_and_tried_again(files):
    def offline(start: int, _stop: int) -> None:
        if start >= 1 << 16:
            raise TransferError("The server cannot be reached.")

    fine = Elsewhere(files[0], offline)
    found = one_of([fine, Elsewhere(files[1])])
    window = found.window(QUARTER, 256, 256, Task())
    assert (window.rows, window.notes) == (512, ("The server cannot be reached.",))
    with pytest.raises(TransferError, match="cannot be reached"):
        one_of([fine]).window(QUARTER, 256, 256, Task())
    fine.on_read = lambda _start, _stop: None
    assert found.window(QUARTER, 256, 256, Task()).rows == 1024
    with pytest.raises(TransferError):
        read_segment_levels([Elsewhere(files[0], lambda _start, _stop: offline(1 << 16, 0))])


def test_a_canceled_window_ends_while_a_tile_is_fetched(files):
    coming, task = threading.Event(), Task()

    def never(_start: int, _stop: int) -> None:
        task.cancel()
        coming.wait(20)

    item = Elsewhere(files[0])
    found = one_of([item])
    found.overview_bytes(1 << 18)
    item.on_read = never
    with pytest.raises(CancelledError):
        found.window((0.0, 0.0, 1.0, 1.0), 1024, 1024, task)
    coming.set()


def test_tiles_are_put_together_while_the_next_ones_are_fetched(tmp_path: Path):
    """The last tile does not come before the first one was used: it would never come if all were fetched before the first is decoded."""
    side, tile = 4096, 1024
    array = np.random.default_rng(0).integers(0, 2, (side, side, 1)).astype(np.uint8)
    made = on_slide(sf.channels(1, ROWS, COLUMNS, count=1)[0])
    made.Rows = made.Columns = tile
    made.TotalPixelMatrixRows = made.TotalPixelMatrixColumns = side
    frames = [array[row : row + tile, column : column + tile, 0] for row in range(0, side, tile) for column in range(0, side, tile)]
    del made.PerFrameFunctionalGroupsSequence
    made.DimensionOrganizationType, made.NumberOfFrames = "TILED_FULL", len(frames)
    made.PixelData = np.packbits(np.stack(frames).ravel(), bitorder="little").tobytes()
    path = str(sf.save(made, tmp_path / "seg.dcm"))
    used, came = threading.Event(), []

    def read(_start: int, stop: int) -> None:
        if stop >= item.size - 2:
            came.append(used.wait(30))

    item = Elsewhere(path, read)
    found = one_of([item])
    task = Task(lambda progress: used.set() if isinstance(progress, Progress) and progress.done >= 1 else None)
    window = found.window((0.0, 0.0, 1.0, 1.0), 4096, 4096, task)
    assert came == [True] and np.array_equal(window.layers[0] > 0, array[..., 0] > 0)
