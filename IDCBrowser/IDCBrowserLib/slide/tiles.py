"""Tiles of one level, decoded two at a time and put together, also with some of them damaged."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from IDCBrowserLib.dicom.pillow_frames import MOST_HALVINGS
from IDCBrowserLib.dicom.reasons import reason_of
from IDCBrowserLib.dicom.with_pydicom import FrameDecoder, problems_named, quietly
from IDCBrowserLib.errors import CancelledError, ConversionError, TransferError
from IDCBrowserLib.slide.canvas import Canvas, Means
from IDCBrowserLib.slide.file_tiles import FileTiles
from IDCBrowserLib.slide.levels import SlideImage
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.color import is_color, rgb_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

# What is damaged is as gray as no tissue is.
_DAMAGED = 128
_MOST_PIXELS = 1 << 27
# Spent on tiles that come to nothing; the others are then not tried: each may be made to take as long as it is allowed to.
_MOST_LOST_S = 60.0
# Compressed tiles are decoded in processes of their own, of which so many are kept; the next ones wait for them.
_SIDE_BY_SIDE, _AHEAD = 2, 4


class TileSource(Protocol):
    """Where the tiles of a level come from. ``header`` is its data set without pixels; ``note`` says what of it was odd and is taken for something
    else, "" where nothing is.
    """

    @property
    def note(self) -> str:
        """A sentence, or several."""

    @property
    def header(self) -> Dataset:
        """The data set without its pixels."""

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """These are wanted next, in this order: they may come while others are decoded."""

    def code(self, frame: int) -> bytes:
        """The bytes of a tile as they are stored; raises ``ValueError`` where there are none, and what fetching them raises."""


@dataclass(frozen=True)
class _Decoded:
    """A tile; None where it came to nothing, for a ``reason``, after so many ``seconds``."""

    tile: NDArray[np.uint8] | None
    reason: str = ""
    seconds: float = 0.0


class Tiles:
    """Of a level; ``region`` gives a part of its total pixel matrix. The last tiles are kept, at most ``most_kept`` bytes of them.

    Raises ``ConversionError`` for a file that is no picture at all.
    """

    def __init__(self, image: SlideImage, source: TileSource | None = None, clock: Callable[[], float] = time.monotonic, most_kept: int = 0) -> None:
        self._image = image
        self._clock = clock
        self._lost_s = 0.0
        self._source = source or FileTiles(image)
        self._header = self._source.header
        self.note = self._source.note
        self._decoder = FrameDecoder(self._header)
        self._places = self._tile_places()
        self._most_kept = most_kept
        self._kept_bytes = 0
        # By frame and how many times it was halved.
        self._kept: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()
        self.decoded = 0
        self.damaged, self.reason = 0, ""

    @quietly()
    def region(self, rows: tuple[int, int], columns: tuple[int, int], task: Task, step: int = 1) -> NDArray[np.uint8]:
        """(rows, columns, 3) from the first to before the last; white where there is no tile. With ``step`` each pixel is the mean of so many
        rows and columns.

        ``damaged`` counts tiles that cannot be decoded, ``reason`` is of the first.
        """
        shape = -(-(rows[1] - rows[0]) // step), -(-(columns[1] - columns[0]) // step)
        if not (0 <= rows[0] < rows[1] <= self._image.rows and 0 <= columns[0] < columns[1] <= self._image.columns):
            raise ConversionError(f"{self._image.path} has no rows {rows[0]} to {rows[1]} and columns {columns[0]} to {columns[1]}.")
        if shape[0] * shape[1] > _MOST_PIXELS:
            raise ConversionError(f"{shape[1]:,} x {shape[0]:,} pixels of the slide are more than can be shown at once.")
        high, wide = self._image.tile_rows, self._image.tile_columns
        wanted = [
            (frame, row, column)
            for frame, row, column in self._places
            if row < rows[1] and row + high > rows[0] and column < columns[1] and column + wide > columns[0]
        ]
        halvings = self._halvings(step, (rows[0], columns[0], high, wide, *(place for _frame, *places in wanted for place in places)))
        canvas = Canvas(shape) if step == 1 << halvings else Means(shape, step >> halvings)
        self._source.prepare([frame for frame, _row, _column in wanted if (frame, halvings) not in self._kept], task)
        tiles = self._tiles([frame for frame, _row, _column in wanted], halvings, task)
        top, bottom, left, right = rows[0] >> halvings, -(-rows[1] >> halvings), columns[0] >> halvings, -(-columns[1] >> halvings)
        for done, ((_frame, *place), tile) in enumerate(zip(wanted, tiles, strict=True)):
            task.report(Progress("Reading tiles", done, len(wanted), "tiles"))
            row, column = (length >> halvings for length in place)
            first, second = max(row, top), max(column, left)
            canvas.put(tile[first - row : bottom - row, second - column : right - column], first - top, second - left)
        return canvas.picture()

    def _halvings(self, step: int, lengths: Iterable[int]) -> int:
        """How many times tiles may be halved before they are put together: what divides all of these divides the step of a picture as well."""
        found = 0
        while found < MOST_HALVINGS and not any(length % (2 << found) for length in (step, *lengths)):
            found += 1
        return found

    def _tiles(self, frames: Sequence[int], halvings: int, task: Task) -> Iterator[NDArray[np.uint8]]:
        """Each in turn; the next ones are decoded meanwhile."""
        coming: dict[int, Future[_Decoded]] = {}
        ahead = 0
        with ThreadPoolExecutor(_SIDE_BY_SIDE, "tiles") as pool:
            try:
                for number, frame in enumerate(frames):
                    task.raise_if_cancelled()
                    # The first one alone: pydicom reads a header in earnest when it is first asked for its values.
                    for later in frames[number : number + ahead]:
                        if (later, halvings) not in self._kept and later not in coming:
                            coming[later] = pool.submit(self._decode, later, halvings, task)
                    ahead = _AHEAD
                    decoded = coming.pop(frame).result if frame in coming else partial(self._decode, frame, halvings, task)
                    yield self._tile((frame, halvings), decoded)
            finally:
                for one in coming.values():
                    one.cancel()

    def _tile(self, key: tuple[int, int], decoded: Callable[[], _Decoded]) -> NDArray[np.uint8]:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        found = decoded()
        self.decoded += 1
        if found.tile is None:
            self.damaged += 1
            self._lost_s += found.seconds
            self.reason = self.reason or found.reason
        shape = self._image.tile_rows >> key[1], self._image.tile_columns >> key[1]
        tile = np.full((*shape, 3), _DAMAGED, np.uint8) if found.tile is None else found.tile
        if self._most_kept:
            self._kept[key] = tile
            self._kept_bytes += tile.nbytes
            while len(self._kept) > 1 and self._kept_bytes > self._most_kept:
                self._kept_bytes -= self._kept.popitem(last=False)[1].nbytes
        return tile

    def _decode(self, frame: int, halvings: int, task: Task) -> _Decoded:
        """On any thread."""
        began = self._clock()
        try:
            if self._lost_s > _MOST_LOST_S:
                raise ValueError("those before it took too long")
            values = self._decoder.decode(self._source.code(frame), task, halvings)
            tile = rgb_of(self._header, values) if is_color(self._header) else np.repeat(_gray(values)[..., None], 3, axis=2)
            return _Decoded(self._halved(tile, halvings))
        except (CancelledError, TransferError):
            # Of all tiles, not of this one.
            raise
        # Decoder plug-ins raise RuntimeError, ValueError, AttributeError, their own kinds...
        except Exception as error:
            reason = reason_of(error)
            return _Decoded(None, reason, self._clock() - began)

    def _halved(self, tile: NDArray[np.uint8], halvings: int) -> NDArray[np.uint8]:
        """As far as its decoder did not do it."""
        wanted = self._image.tile_rows >> halvings, self._image.tile_columns >> halvings
        step = tile.shape[0] // wanted[0]
        if tile.shape[:2] != (wanted[0] * step, wanted[1] * step) or step > 1 << halvings:
            raise ValueError("another size")
        if step == 1:
            return tile
        halved: NDArray[np.uint8] = tile.reshape(wanted[0], step, wanted[1], step, 3).mean(axis=(1, 3)).astype(np.uint8)
        return halved

    def _tile_places(self) -> list[tuple[int, int, int]]:
        """Frame, row and column of the first pixel of each tile, from 0; of several focal planes or channels those of the first."""
        high, wide = self._image.tile_rows, self._image.tile_columns
        across, down = -(-self._image.columns // wide), -(-self._image.rows // high)
        groups = self._header.get("PerFrameFunctionalGroupsSequence") or []
        if str(self._header.get("DimensionOrganizationType", "")) == "TILED_FULL" or not groups:
            return [(frame, frame // across * high, frame % across * wide) for frame in range(min(self._image.frames, across * down))]
        places: dict[tuple[int, int], int] = {}
        with problems_named(self._image.path):
            for frame, group in enumerate(groups[: self._image.frames]):
                place = (group.get("PlanePositionSlideSequence") or [None])[0]
                if place is None:
                    break
                row, column = int(place.RowPositionInTotalImagePixelMatrix) - 1, int(place.ColumnPositionInTotalImagePixelMatrix) - 1
                places.setdefault((row, column), frame)
        return [(frame, row, column) for (row, column), frame in places.items()]


def _gray(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Fluorescence and the like, of any depth, brightest as 255."""
    numbers = values.astype(np.float64)
    most = float(numbers.max(initial=0.0))
    gray: NDArray[np.uint8] = np.clip(numbers if values.dtype == np.uint8 else numbers * (255 / most if most else 0), 0, 255).astype(np.uint8)
    return gray
