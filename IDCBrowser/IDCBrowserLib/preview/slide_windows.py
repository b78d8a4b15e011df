"""A window of a slide at the resolution that is wanted: tiles in sight of the level that fits, from files that are here, else from a bucket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import CancelledError, ConversionError, IDCBrowserError, TransferError
from IDCBrowserLib.preview.bucket_tiles import BucketTiles
from IDCBrowserLib.preview.limits import TooLargeError
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.slide.levels import SlideImage
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of decoded tiles of a level: some windows of a large screen.
_MOST_KEPT = 96 << 20
# Pixels of a window a side.
_MOST_WANTED = 4096
# A level that has a fifth less than the window shows is sharp enough.
_ENOUGH = 0.8

# Left, top, right, bottom, from 0 to 1 of the whole slide.
Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Window:
    """``pixels`` (rows, columns, 3) show ``rect`` of the level of so many ``rows`` and ``columns``. ``notes`` are sentences."""

    pixels: NDArray[np.uint8]
    rect: Rect
    rows: int
    columns: int
    notes: tuple[str, ...]


class _Level:
    """Opened when it is first looked at."""

    def __init__(self, rows: int, columns: int, opening: Callable[[], Tiles]) -> None:
        self.rows, self.columns = rows, columns
        self._opening = opening
        self._tiles: Tiles | None = None
        self.problem = ""

    def tiles(self) -> Tiles:
        """Raises what opening it raises."""
        if self._tiles is None:
            self._tiles = self._opening()
        return self._tiles


class SlideWindows:
    """Of the levels that are here and those that lie in a bucket, as (rows, columns, object)."""

    def __init__(self, here: Sequence[SlideImage], elsewhere: Sequence[tuple[int, int, SeriesObject]] = ()) -> None:
        levels = [_Level(image.rows, image.columns, _of_file(image)) for image in here]
        sizes = {(level.rows, level.columns) for level in levels}
        levels += [_Level(rows, columns, _of_bucket(item)) for rows, columns, item in elsewhere if (rows, columns) not in sizes]
        self._levels = sorted(levels, key=lambda level: level.columns)

    def window(self, rect: Rect, width: int, height: int, task: Task) -> Window:
        """``rect`` of the slide for so many pixels of a screen. Where a level cannot be read the next coarser one is taken, and that is said.

        Raises ``ConversionError`` for a rect or size that makes no sense, or where no level can be read; ``CancelledError``.
        """
        left, top, right, bottom = rect
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1 and 0 < width <= _MOST_WANTED and 0 < height <= _MOST_WANTED):
            raise ConversionError("This is not a window of the slide.")
        notes: list[str] = []
        for level in self._fitting(width / (right - left)):
            if level.problem:
                notes.append(level.problem)
                continue
            try:
                return _read(level, rect, width, height, task, notes)
            except CancelledError:
                raise
            except (TransferError, TooLargeError) as error:
                # The network may come back, and another window be smaller.
                notes.append(str(error))
            except IDCBrowserError as error:
                level.problem = str(error)
                notes.append(level.problem)
        raise ConversionError(notes[0] if notes else "No level of this slide is on this computer or in its bucket.")

    def _fitting(self, columns: float) -> list[_Level]:
        """The coarsest that is sharp enough for a slide of so many columns, then the coarser ones."""
        sharp = next((number for number, level in enumerate(self._levels) if level.columns >= _ENOUGH * columns), len(self._levels) - 1)
        return self._levels[: sharp + 1][::-1]


def _of_file(image: SlideImage) -> Callable[[], Tiles]:
    return lambda: Tiles(image, most_kept=_MOST_KEPT)


def _of_bucket(item: SeriesObject) -> Callable[[], Tiles]:
    def opened() -> Tiles:
        source = BucketTiles(item)
        return Tiles(source.image, source, most_kept=_MOST_KEPT)

    return opened


def _read(level: _Level, rect: Rect, width: int, height: int, task: Task, notes: list[str]) -> Window:
    tiles = level.tiles()
    left, top, right, bottom = rect
    columns = _range(left, right, level.columns)
    rows = _range(top, bottom, level.rows)
    step = max(1, min((columns[1] - columns[0]) // width, (rows[1] - rows[0]) // height))
    pixels = tiles.region(rows, columns, task, step)
    if tiles.damaged:
        notes.append(f"{human_count(tiles.damaged, 'tile', 'tiles')} of the slide cannot be decoded ({tiles.reason}); gray is shown instead.")
    # The last pixel may stand for fewer rows and columns than the others.
    shown = columns[0] + pixels.shape[1] * step, rows[0] + pixels.shape[0] * step
    found = columns[0] / level.columns, rows[0] / level.rows, shown[0] / level.columns, shown[1] / level.rows
    return Window(pixels, found, level.rows, level.columns, tuple(dict.fromkeys(notes)))


def _range(first: float, last: float, count: int) -> tuple[int, int]:
    begin = min(int(first * count), count - 1)
    return begin, max(begin + 1, min(ceil(last * count), count))
