"""Windows of a slide: only the tiles in sight, of the level that fits, from files that are here or read by range."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import numpy as np
import pydicom
import pytest
from helpers.slide_files import saved_slide
from pydicom.encaps import encapsulate, generate_fragments

from IDCBrowserLib.errors import CancelledError, ConversionError, TransferError
from IDCBrowserLib.preview.bucket_tiles import BucketTiles
from IDCBrowserLib.preview.objects import LocalObject
from IDCBrowserLib.preview.slide_windows import SlideWindows
from IDCBrowserLib.slide.levels import Slide, read_slide
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.slide.window import Rect
from IDCBrowserLib.task import Task

WHOLE = (0.0, 0.0, 1.0, 1.0)


class Counted:
    """An object as one in a bucket: what is read of it is counted."""

    series_uid = ""

    def __init__(self, path: str) -> None:
        self._item = LocalObject(Path(path), Path(path).stat().st_size)
        self.size, self.label = self._item.size, self._item.label
        self.bytes_read = 0

    def read(self, start: int, stop: int) -> bytes:
        self.bytes_read += max(0, min(stop, self.size) - start)
        return self._item.read(start, stop)


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Slide:
    """Levels of 1024 (JPEG 2000), 512 and 256 pixels in tiles of 256."""
    folder = tmp_path_factory.mktemp("slide")
    return read_slide(saved_slide(str(folder)))


def pixels(slide: Slide, number: int) -> np.ndarray:
    level = slide.levels[number]
    return Tiles(level).region((0, level.rows), (0, level.columns), Task())


@pytest.mark.parametrize(
    ("rect", "size", "level"),
    [
        (WHOLE, 200, 2),
        (WHOLE, 300, 2),
        (WHOLE, 400, 1),
        (WHOLE, 1024, 0),
        (WHOLE, 4000, 0),
        ((0.5, 0.5, 1.0, 1.0), 200, 1),
        ((0.1, 0.1, 0.2, 0.2), 90, 0),
    ],
)
def test_the_coarsest_level_that_is_sharp_enough_is_read(slide: Slide, rect: Rect, size: int, level: int) -> None:
    found = SlideWindows(slide.levels).window(rect, size, size, Task())
    assert found.columns == slide.levels[level].columns and found.notes == ()


def test_a_window_shows_the_pixels_of_its_place(slide: Slide) -> None:
    found = SlideWindows(slide.levels).window((0.2501, 0.5, 0.5, 0.625), 250, 125, Task())
    left, top, right, bottom = (round(value * 1024) for value in found.rect)
    assert (left, top, right, bottom) == (256, 512, 512, 640)
    assert np.array_equal(found.pixels, pixels(slide, 0)[512:640, 256:512])


def test_a_level_that_is_much_finer_comes_in_means_of_its_pixels(slide: Slide) -> None:
    (found,) = [SlideWindows(slide.levels[:1]).window(WHOLE, 256, 256, Task())]
    means = pixels(slide, 0).reshape(256, 4, 256, 4, 3).mean(axis=(1, 3))
    # Decoders of JPEG 2000 halve by wavelets.
    assert found.pixels.shape == (256, 256, 3) and np.abs(found.pixels - means).mean() < 2
    moved = np.abs(found.pixels[1:] - means[:-1]).mean(), np.abs(found.pixels[:, 1:] - means[:, :-1]).mean()
    assert min(moved) > 4, "and each in its place"


def test_an_uncompressed_level_that_is_much_finer_comes_in_exact_means(slide: Slide) -> None:
    found = SlideWindows(slide.levels[1:2]).window(WHOLE, 100, 100, Task())
    means = pixels(slide, 1).reshape(128, 4, 128, 4, 3).mean(axis=(1, 3))
    assert np.abs(found.pixels - means).max() <= 1


def test_a_window_of_means_begins_and_ends_where_it_says(slide: Slide) -> None:
    found = SlideWindows(slide.levels[:1]).window((0.1003, 0.2, 0.7, 0.9), 300, 350, Task())
    left, top, right, bottom = (value * 1024 for value in found.rect)
    assert (left, top) == (102, 204) and left <= 102.7 and right >= 0.7 * 1024 and bottom >= 0.9 * 1024
    assert found.pixels.shape[:2] == (round((bottom - top) / 2), round((right - left) / 2))
    means = pixels(slide, 0)[204 : 204 + 2 * found.pixels.shape[0], 102 : 102 + 2 * found.pixels.shape[1]]
    shape = found.pixels.shape
    assert np.abs(found.pixels - means.reshape(shape[0], 2, shape[1], 2, 3).mean(axis=(1, 3))).mean() < 3


def test_means_over_edges_of_tiles_and_of_a_last_narrow_pixel(slide: Slide) -> None:
    whole = pixels(slide, 1).astype(float)
    reduced = Tiles(slide.levels[1]).region((0, 512), (0, 512), Task(), 3)
    assert reduced.shape == (171, 171, 3)
    assert abs(reduced[85, 85] - whole[255:258, 255:258].mean(axis=(0, 1))).max() <= 1
    assert abs(reduced[170, 170] - whole[510:, 510:].mean(axis=(0, 1))).max() <= 1


def test_tiles_of_the_last_windows_are_decoded_once() -> None:
    """Kept tiles are given again, and no more are kept than fit."""
    decoded: list[int] = []

    class Source:
        header, note = pydicom.Dataset(), ""

        def prepare(self, frames, task):
            decoded.extend(frames)

        def code(self, frame):
            raise ValueError("gray")

    from IDCBrowserLib.slide.levels import SlideImage

    image = SlideImage("a", "1.2", "VOLUME", 8, 8, 4, 4, 4, (1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), "")
    tiles = Tiles(image, Source(), most_kept=2 * 4 * 4 * 3)
    for columns in ((0, 8), (4, 8), (0, 4)):
        tiles.region((0, 4), columns, Task())
    assert decoded == [0, 1] and tiles.decoded == 2
    tiles.region((4, 8), (0, 8), Task())
    tiles.region((0, 4), (0, 4), Task())
    assert decoded == [0, 1, 2, 3, 0]


def test_of_a_level_in_a_bucket_only_its_header_and_the_tiles_in_sight_are_fetched(slide: Slide) -> None:
    item = Counted(slide.levels[0].path)
    windows = SlideWindows(slide.levels[1:], [(1024, 1024, item)])
    assert windows.window(WHOLE, 200, 200, Task()).columns == 256 and item.bytes_read == 0
    found = windows.window((0.0, 0.0, 0.24, 0.24), 245, 245, Task())
    assert found.columns == 1024 and np.array_equal(found.pixels, pixels(slide, 0)[:246, :246])
    first = item.bytes_read
    assert first < item.size / 3
    windows.window((0.01, 0.01, 0.23, 0.23), 225, 225, Task())
    assert item.bytes_read == first, "the tile is kept"


@pytest.mark.parametrize("number", [1, 2])
def test_uncompressed_levels_are_read_by_range_as_well(slide: Slide, number: int) -> None:
    source = BucketTiles(Counted(slide.levels[number].path))
    size = slide.levels[number].rows
    assert np.array_equal(Tiles(source.image, source).region((0, size), (0, size), Task()), pixels(slide, number))


def changed(slide: Slide, folder: Path, change) -> Counted:
    dataset = pydicom.dcmread(slide.levels[0].path)
    change(dataset)
    dataset.save_as(folder / "changed.dcm")
    return Counted(str(folder / "changed.dcm"))


def without_table(dataset: pydicom.Dataset) -> None:
    dataset.PixelData = encapsulate(list(generate_fragments(dataset.PixelData, endianness="<"))[1:], has_bot=False)


def with_extended_table(dataset: pydicom.Dataset) -> None:
    from pydicom.encaps import encapsulate_extended

    parts = list(generate_fragments(dataset.PixelData, endianness="<"))[1:]
    dataset.PixelData, dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = encapsulate_extended(parts)


def test_the_extended_table_of_tiles_serves_too(slide: Slide, tmp_path: Path) -> None:
    source = BucketTiles(changed(slide, tmp_path, with_extended_table))
    assert np.array_equal(Tiles(source.image, source).region((300, 700), (300, 700), Task()), pixels(slide, 0)[300:700, 300:700])


def test_without_a_table_of_tiles_a_coarser_level_is_shown_and_the_reason_said(slide: Slide, tmp_path: Path) -> None:
    windows = SlideWindows(slide.levels[1:], [(1024, 1024, changed(slide, tmp_path, without_table))])
    for _again in range(2):
        found = windows.window(WHOLE, 1000, 1000, Task())
        assert found.columns == 512 and "no table of its tiles. Download this level" in found.notes[0]


def test_a_broken_tile_is_gray_and_counted_and_the_others_are_shown(slide: Slide, tmp_path: Path) -> None:
    def broken(dataset: pydicom.Dataset) -> None:
        parts = list(generate_fragments(dataset.PixelData, endianness="<"))[1:]
        parts[5] = parts[5][: len(parts[5]) // 4]
        dataset.PixelData = encapsulate([part[:60] if number == 5 else part for number, part in enumerate(parts)])

    found = SlideWindows((), [(1024, 1024, changed(slide, tmp_path, broken))]).window(WHOLE, 1024, 1024, Task())
    assert found.notes[0].startswith("1 tile of the slide cannot be decoded")
    assert (found.pixels[256:512, 256:512] == 128).all() and np.array_equal(found.pixels[:256], pixels(slide, 0)[:256])


@pytest.mark.parametrize(
    ("rect", "size"), [((0.5, 0.0, 0.5, 1.0), 10), ((0.0, 0.0, 1.5, 1.0), 10), ((float("nan"), 0.0, 1.0, 1.0), 10), (WHOLE, 0), (WHOLE, 100_000)]
)
def test_what_is_no_window_is_refused(slide: Slide, rect: Rect, size: int) -> None:
    with pytest.raises(ConversionError, match="not a window"):
        SlideWindows(slide.levels).window(rect, size, size, Task())


def test_a_canceled_window_ends_and_no_level_is_blamed(slide: Slide) -> None:
    windows, task = SlideWindows(slide.levels), Task()
    task.cancel()
    with pytest.raises(CancelledError):
        windows.window(WHOLE, 1024, 1024, task)
    assert windows.window(WHOLE, 1024, 1024, Task()).notes == ()


def test_no_file_is_open_between_windows_and_one_that_has_gone_is_said(slide: Slide, tmp_path: Path) -> None:
    files = [str(shutil.copy(level.path, tmp_path / f"{number}.dcm")) for number, level in enumerate(slide.levels)]
    windows = SlideWindows(read_slide(files).levels)
    assert windows.window((0.0, 0.0, 0.24, 0.24), 245, 245, Task()).columns == 1024
    if Path("/proc/self/maps").is_file():
        assert str(tmp_path) not in Path("/proc/self/maps").read_text()
    Path(files[0]).unlink()
    found = windows.window((0.5, 0.5, 0.74, 0.74), 245, 245, Task())
    assert found.columns == 512 and files[0] in str(found.notes)


def test_a_level_is_read_again_once_the_network_is_back(slide: Slide) -> None:
    class Unsteady(Counted):
        is_offline = True

        def read(self, start: int, stop: int) -> bytes:
            if self.is_offline:
                raise TransferError("The server cannot be reached.")
            return Counted.read(self, start, stop)

    item = Unsteady(slide.levels[0].path)
    windows = SlideWindows(slide.levels[1:], [(1024, 1024, item)])
    found = windows.window(WHOLE, 1000, 1000, Task())
    assert (found.columns, found.notes) == (512, ("The server cannot be reached.",))
    item.is_offline = False
    found = windows.window(WHOLE, 1000, 1000, Task())
    assert (found.columns, found.notes) == (1024, ())


def test_a_slide_without_levels_says_so() -> None:
    with pytest.raises(ConversionError, match="No level of this slide"):
        SlideWindows(()).window(WHOLE, 10, 10, Task())


def test_a_tile_that_reaches_beyond_its_place_in_the_table_is_damaged(slide: Slide, tmp_path: Path) -> None:
    content = Path(slide.levels[0].path).read_bytes()
    (tmp_path / "a.dcm").write_bytes(content)
    source = BucketTiles(LocalObject(tmp_path / "a.dcm", len(content)))
    source.prepare([3], Task())
    begin = content.index(source.code(3)) - 4
    (tmp_path / "a.dcm").write_bytes(content[:begin] + b"\xff\xff\x00\x00" + content[begin + 4 :])
    broken = BucketTiles(LocalObject(tmp_path / "a.dcm", len(content)))
    broken.prepare([3], Task())
    with pytest.raises(ValueError, match="does not fit"):
        broken.code(3)


def test_a_level_far_longer_than_wide_is_read_for_no_more_pixels_than_a_screen_has() -> None:
    """A strip of 2^20 x 64 pixels: as wide as the screen wants it would be read for 64 million pixels."""

    class Source:
        header, note = pydicom.Dataset(), ""

        def prepare(self, frames, task):
            pass

        def code(self, frame):
            raise ValueError("gray")

    from IDCBrowserLib.preview import slide_windows
    from IDCBrowserLib.slide.levels import SlideImage

    image = SlideImage("a", "1.2", "VOLUME", 1 << 20, 64, 1 << 18, 64, 4, (1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), "")
    level = slide_windows._Level(1 << 20, 64, lambda: Tiles(image, Source()))
    found = slide_windows._read(level, (0.0, 0.0, 1.0, 1.0), 64, 4096, Task(), [])
    assert found.pixels.shape[0] * found.pixels.shape[1] <= 4096 * 4096


def test_tiles_are_decoded_while_the_next_ones_are_fetched(slide: Slide) -> None:
    """The last tile does not come before the first one was put in place: it would never come if all were fetched before the first is decoded."""
    placed, came = threading.Event(), []

    class Slow(Counted):
        def read(self, start: int, stop: int) -> bytes:
            if stop >= self.size - 2:
                came.append(placed.wait(30))
            return Counted.read(self, start, stop)

    # Uncompressed: the file ends with its last tile.
    source = BucketTiles(Slow(slide.levels[1].path))
    task = Task(lambda progress: placed.set() if progress.done >= 1 else None)
    assert np.array_equal(Tiles(source.image, source).region((0, 512), (0, 512), task), pixels(slide, 1))
    assert came == [True]


def test_a_network_that_fails_between_two_tiles_is_no_damaged_tile(slide: Slide) -> None:
    class Cut(Counted):
        def read(self, start: int, stop: int) -> bytes:
            if stop >= self.size - 2:
                raise TransferError("The connection was reset.")
            return Counted.read(self, start, stop)

    item = Cut(slide.levels[1].path)
    found = SlideWindows(slide.levels[2:], [(512, 512, item)]).window(WHOLE, 500, 500, Task())
    assert (found.columns, found.notes) == (256, ("The connection was reset.",))


ODD_COLORS = [
    (3, "", 0, "RGB"),
    (3, "NONSENSE", 0, "RGB"),
    (3, "YBR_FULL_422", 0, "YBR_FULL"),
    (3, "RGB", 7, "pixel by pixel"),
    (1, "RGB", 0, "gray"),
]


@pytest.mark.parametrize(("samples", "stated", "planar", "said"), ODD_COLORS)
@pytest.mark.parametrize("way", ["here", "in a bucket"])
def test_uncompressed_tiles_of_odd_colors_are_shown_and_the_colors_said(slide: Slide, tmp_path: Path, samples, stated, planar, said, way) -> None:
    dataset = pydicom.dcmread(slide.levels[1].path)
    colors = np.frombuffer(dataset.PixelData, np.uint8).reshape(-1, 3)
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration, dataset.SamplesPerPixel = stated, planar, samples
    if samples == 1:
        dataset.PixelData = colors[:, 0].tobytes()
    dataset.save_as(tmp_path / "odd.dcm")
    here = read_slide([str(tmp_path / "odd.dcm")]).levels
    windows = SlideWindows(here) if way == "here" else SlideWindows((), [(512, 512, Counted(str(tmp_path / "odd.dcm")))])
    found = windows.window(WHOLE, 512, 512, Task())
    assert len(found.notes) == 1 and {"gray": "MONOCHROME2"}.get(said, said) in found.notes[0]
    if said == "gray":
        assert np.array_equal(found.pixels, np.repeat(pixels(slide, 1)[..., :1], 3, axis=2))
    elif said != "YBR_FULL":
        assert np.array_equal(found.pixels, pixels(slide, 1))


@pytest.mark.parametrize("samples", [0, 2, 4, 65535])
def test_a_level_of_neither_one_nor_three_colors_is_passed_over_and_said(slide: Slide, tmp_path: Path, samples) -> None:
    dataset = pydicom.dcmread(slide.levels[1].path)
    dataset.SamplesPerPixel = samples
    dataset.save_as(tmp_path / "odd.dcm")
    said = f"Samples per Pixel (0028,0002) is {samples}; a picture of a slide has 1 or 3."
    found = SlideWindows(slide.levels[2:], [(512, 512, Counted(str(tmp_path / "odd.dcm")))]).window(WHOLE, 500, 500, Task())
    assert (found.columns, found.notes) == (256, (f"odd.dcm: {said}",))
    read = read_slide([str(tmp_path / "odd.dcm"), slide.levels[2].path])
    assert len(read.levels) == 1 and said in read.warnings[0]
