"""A window of a slide at the resolution that is wanted: tiles in sight of the level that fits, from files that are here, else from a bucket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import CancelledError, ConversionError, IDCBrowserError, TransferError
from IDCBrowserLib.preview.bucket_tiles import BucketTiles
from IDCBrowserLib.preview.limits import TooLargeError
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.slide.levels import SlideImage
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.slide.window import MOST_WANTED, Rect, check_window, fitting, pixels_between, step_of
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Of decoded tiles of a level: some windows of a large screen.
_MOST_KEPT = 96 << 20


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
        self._levels = sorted(levels, key=lambda level: level.columns)[::-1]

    def window(self, rect: Rect, width: int, height: int, task: Task) -> Window:
        """``rect`` of the slide for so many pixels of a screen. Where a level cannot be read the next coarser one is taken, and that is said.

        Raises ``ConversionError`` for a rect or size that makes no sense, or where no level can be read; ``CancelledError``.
        """
        check_window(rect, width, height, "slide")
        notes: list[str] = []
        for level in fitting(self._levels, rect, width):
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
    columns = pixels_between(left, right, level.columns)
    rows = pixels_between(top, bottom, level.rows)
    # A power of two, and from a multiple of it on: decoders halve tiles in less time than they take for all of their pixels.
    down, across = rows[1] - rows[0], columns[1] - columns[0]
    step = 1 << (step_of(down, across, width, height).bit_length() - 1)
    step *= 1 if step * MOST_WANTED >= sqrt(down * across) else 2
    columns, rows = (columns[0] // step * step, columns[1]), (rows[0] // step * step, rows[1])
    pixels = tiles.region(rows, columns, task, step)
    if tiles.note:
        notes.append(tiles.note)
    if tiles.damaged:
        notes.append(f"{human_count(tiles.damaged, 'tile', 'tiles')} of the slide cannot be decoded ({tiles.reason}); gray is shown instead.")
    # The last pixel may stand for fewer rows and columns than the others.
    shown = columns[0] + pixels.shape[1] * step, rows[0] + pixels.shape[0] * step
    found = columns[0] / level.columns, rows[0] / level.rows, shown[0] / level.columns, shown[1] / level.rows
    return Window(pixels, found, level.rows, level.columns, tuple(dict.fromkeys(notes)))
