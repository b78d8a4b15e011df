"""Tiles of one level, decoded one by one: also without an offset table, and with some of them damaged."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.fragments import Span, by_offsets, items_of, offsets_of
from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, NATIVE
from IDCBrowserLib.dicom.with_pydicom import one_frame, parse_dataset, problems_named, quietly
from IDCBrowserLib.errors import CancelledError, ConversionError
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
    """Where the tiles of a level come from. ``header`` is its data set without pixels."""

    @property
    def header(self) -> Dataset:
        """The data set without its pixels."""

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """These are wanted next; raises what reading them raises."""

    def code(self, frame: int) -> bytes:
        """The bytes of a tile as they are stored; raises ``ValueError`` where there are none."""


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
        self._source = source or _FileTiles(image)
        self._header = self._source.header
        self._places = self._tile_places()
        self._most_kept = most_kept
        self._kept: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
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
        canvas = _Canvas(shape) if step == 1 else _Means(shape, step)
        high, wide = self._image.tile_rows, self._image.tile_columns
        wanted = [
            (frame, row, column)
            for frame, row, column in self._places
            if row < rows[1] and row + high > rows[0] and column < columns[1] and column + wide > columns[0]
        ]
        self._source.prepare([frame for frame, _row, _column in wanted if frame not in self._kept], task)
        tiles = self._tiles([frame for frame, _row, _column in wanted], task)
        for done, ((_frame, row, column), tile) in enumerate(zip(wanted, tiles, strict=True)):
            task.report(Progress("Reading tiles", done, len(wanted), "tiles"))
            top, left = max(row, rows[0]), max(column, columns[0])
            canvas.put(tile[top - row : rows[1] - row, left - column : columns[1] - column], top - rows[0], left - columns[0])
        return canvas.picture()

    def _tiles(self, frames: Sequence[int], task: Task) -> Iterator[NDArray[np.uint8]]:
        """Each in turn; the next ones are decoded meanwhile."""
        coming: dict[int, Future[_Decoded]] = {}
        ahead = 0
        with ThreadPoolExecutor(_SIDE_BY_SIDE, "tiles") as pool:
            try:
                for number, frame in enumerate(frames):
                    task.raise_if_cancelled()
                    # The first one alone: pydicom reads a header in earnest when it is first asked for its values.
                    for later in frames[number : number + ahead]:
                        if later not in self._kept and later not in coming:
                            coming[later] = pool.submit(self._decode, later, task)
                    ahead = _AHEAD
                    yield self._tile(frame, coming.pop(frame).result if frame in coming else partial(self._decode, frame, task))
            finally:
                for one in coming.values():
                    one.cancel()

    def _tile(self, frame: int, decoded: Callable[[], _Decoded]) -> NDArray[np.uint8]:
        if frame in self._kept:
            self._kept.move_to_end(frame)
            return self._kept[frame]
        found = decoded()
        self.decoded += 1
        if found.tile is None:
            self.damaged += 1
            self._lost_s += found.seconds
            self.reason = self.reason or found.reason
        tile = np.full((self._image.tile_rows, self._image.tile_columns, 3), _DAMAGED, np.uint8) if found.tile is None else found.tile
        if self._most_kept:
            self._kept[frame] = tile
            while len(self._kept) > 1 and len(self._kept) * tile.nbytes > self._most_kept:
                self._kept.popitem(last=False)
        return tile

    def _decode(self, frame: int, task: Task) -> _Decoded:
        """On any thread."""
        began = self._clock()
        try:
            if self._lost_s > _MOST_LOST_S:
                raise ValueError("those before it took too long")
            values = one_frame(self._header, self._source.code(frame), task)
            if not is_color(self._header):
                return _Decoded(np.repeat(_gray(values)[..., None], 3, axis=2))
            tile = rgb_of(self._header, values)
            if tile.shape[:2] != (self._image.tile_rows, self._image.tile_columns):
                raise ValueError("another size")
            return _Decoded(tile)
        except CancelledError:
            raise
        # Decoder plug-ins raise RuntimeError, ValueError, AttributeError, their own kinds...
        except Exception as error:
            reason = str(error).strip().split("\n")[0].rstrip(".")[:200] or type(error).__name__
            return _Decoded(None, reason, self._clock() - began)

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


class _FileTiles:
    """Of a file on this computer, which is open only while a tile is read: it may be moved or removed meanwhile. (One that is deflated would have to
    be inflated for each.)
    """

    def __init__(self, image: SlideImage) -> None:
        self._image = image
        self._file = open_dicom(image.path)
        if self._file.pixels is None:
            raise ConversionError(f"{image.path} has no pixel data; it is truncated. Download the series again.")
        with open_regular(image.path) as file:
            self._header = parse_dataset(file, image.path, stop_before_pixels=True)
        self._frames = self._native_frames() if self._file.transfer_syntax in NATIVE else self._packed_frames()
        if self._file.transfer_syntax != DEFLATED:
            self._file = self._file.let_go()

    @property
    def header(self) -> Dataset:
        """See ``TileSource``."""
        return self._header

    def prepare(self, frames: Sequence[int], task: Task) -> None:
        """See ``TileSource``. Raises ``NotFoundError``, ``StorageError`` and ``DamagedError`` for a file that is gone or another one."""
        self._file.pixel_bytes()

    def code(self, frame: int) -> bytes:
        """See ``TileSource``."""
        fragments = self._frames[frame] if frame < len(self._frames) else []
        if not fragments:
            raise ValueError("the file is cut off")
        data = self._file.pixel_bytes()
        return b"".join(bytes(data[begin:end]) for begin, end in fragments)

    def _native_frames(self) -> list[list[Span]]:
        assert self._file.pixels is not None
        bits = int(self._header.BitsAllocated) * int(self._header.SamplesPerPixel)
        size = self._image.tile_rows * self._image.tile_columns * bits // 8
        start, stop = self._file.pixels.start, self._file.pixels.stop
        return [[(start + frame * size, min(start + (frame + 1) * size, stop))] for frame in range(self._image.frames)]

    def _packed_frames(self) -> list[list[Span]]:
        """Without an offset table each fragment is a frame, as slides are written; frames that are cut off have no fragment, or are not there."""
        assert self._file.pixels is not None
        items, _ending = items_of(self._file.pixel_bytes(), self._file.pixels.start, self._file.pixels.stop)
        fragments = items[1:]
        offsets = offsets_of(self._file, items[0]) if items and len(fragments) != self._image.frames else []
        if len(offsets) == self._image.frames:
            return by_offsets(items, offsets)
        if len(fragments) > self._image.frames:
            raise ConversionError(
                f"{self._image.path} contains {len(fragments)} fragments for {self._image.frames} tiles, and no table states which belong together."
            )
        return [[fragment] for fragment in fragments]


class _Canvas:
    """White, with tiles as they are."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._picture = np.full((*shape, 3), 255, np.uint8)

    def put(self, part: NDArray[np.uint8], row: int, column: int) -> None:
        """With its first pixel there."""
        self._picture[row : row + part.shape[0], column : column + part.shape[1]] = part

    def picture(self) -> NDArray[np.uint8]:
        """What came together."""
        return self._picture


class _Means:
    """White, with the mean of ``step`` rows and columns of tiles in each pixel; a pixel may get parts of several tiles."""

    def __init__(self, shape: tuple[int, int], step: int) -> None:
        self._step = step
        self._sums = np.zeros((*shape, 3), np.uint32)
        self._counts = np.zeros((*shape, 1), np.uint32)

    def put(self, part: NDArray[np.uint8], row: int, column: int) -> None:
        """With its first pixel there, in pixels of the tiles."""
        if not part.size:
            return
        down, across = ((first + np.arange(length)) // self._step for first, length in ((row, part.shape[0]), (column, part.shape[1])))
        tops, lefts = (np.flatnonzero(np.diff(cells, prepend=-1)) for cells in (down, across))
        sums = np.add.reduceat(np.add.reduceat(part.astype(np.uint32), tops, axis=0), lefts, axis=1)
        place = np.s_[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
        self._sums[place] += sums
        self._counts[place] += np.outer(np.diff(tops, append=len(down)), np.diff(lefts, append=len(across))).astype(np.uint32)[..., None]

    def picture(self) -> NDArray[np.uint8]:
        """What came together."""
        means = self._sums // np.maximum(self._counts, 1)
        return np.where(self._counts > 0, means, 255).astype(np.uint8)


def _gray(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Fluorescence and the like, of any depth, brightest as 255."""
    numbers = values.astype(np.float64)
    most = float(numbers.max(initial=0.0))
    gray: NDArray[np.uint8] = np.clip(numbers if values.dtype == np.uint8 else numbers * (255 / most if most else 0), 0, 255).astype(np.uint8)
    return gray
