"""Parts of the total pixel matrix of a SEG drawn on slide microscopy, at full or lower resolution, with its place on the glass."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.in_parts import Parts, read_header
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.frames import SHARED
from IDCBrowserLib.labelmap.seg.header import SegHeader, open_seg
from IDCBrowserLib.labelmap.seg.pixels import FramePixels, open_pixels
from IDCBrowserLib.labelmap.seg.pixels_in_parts import PixelsInParts
from IDCBrowserLib.labelmap.seg.slide_tiles import SlideTiles, matrix_size, read_tiles
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

# As of levels of slides; whole slides have a tenth of that. What is done for each row and column takes that much memory.
_LARGEST_SIDE = 1 << 20
# Of what is shown; each takes the memory of a picture, or more.
_MOST_LAYERS = 64
# First and last + 1.
Range = tuple[int, int]


@dataclass(frozen=True)
class MatrixPart:
    """``layers`` hold label values (1, rows, columns); ``layer_of`` and ``voxels`` are by segment number.

    ``damaged`` tiles could not be decoded, ``reason`` is of the first of them; ``late`` ones were not tried, as there was no time left.
    """

    layers: LayerStack
    layer_of: Mapping[int, int]
    voxels: Mapping[int, int]
    damaged: int = 0
    reason: str = ""
    late: int = 0


class SlideMatrix:
    """Of one object. Its tiles are looked up once; the file is open only while a part is read. Of an ``item`` that lies elsewhere ``seg`` is the
    beginning of its header, the rest is fetched when a part is first read, and of its tiles only those that are wanted.

    Raises ``ConversionError`` for an object whose tiles have no place, or whose matrix has no size, or one that no slide has.
    """

    def __init__(self, seg: SegHeader, item: Parts | None = None, begun: bytes = b"", clock: Callable[[], float] = time.monotonic) -> None:
        rows, columns = matrix_size(seg)
        if not rows or not columns:
            seg.root.stream.fail("Total Pixel Matrix Rows (0048,0007) and Columns (0048,0006) are missing, so its size is unknown.")
        if max(rows, columns) > _LARGEST_SIDE:
            seg.root.stream.fail(f"Total Pixel Matrix Rows (0048,0007) and Columns (0048,0006) are {rows:,} and {columns:,}; no slide is so large.")
        self.seg = seg
        self.rows, self.columns = rows, columns
        self._item, self._begun = item, begun
        self._clock = clock

    @staticmethod
    def of_file(path: str) -> SlideMatrix:
        """That of a file, which can be moved or removed while nothing is read. Raises ``ConversionError``."""
        seg = open_seg(path)
        return SlideMatrix(replace(seg, file=seg.file.let_go()))

    @staticmethod
    def of_parts(item: Parts) -> SlideMatrix:
        """That of an object elsewhere. Raises ``ConversionError``, ``TransferError``."""
        beginning, data = read_header(item, last_tag=SHARED)
        return SlideMatrix(open_seg(beginning), item, data)

    @property
    def tiles(self) -> SlideTiles:
        """Where they lie. Raises ``ConversionError``; ``TransferError`` where the header has to be fetched."""
        return self._found[0]

    @cached_property
    def _found(self) -> tuple[SlideTiles, PixelsInParts | None]:
        if self._item is None:
            return read_tiles(self.seg), None
        file, _data = read_header(self._item, begun=self._begun)
        whole = open_seg(file)
        tiles = read_tiles(whole)
        return tiles, PixelsInParts(self._item, file, tiles.height, tiles.width, tiles.segment)

    def bytes_of(self, rows: Range, columns: Range, numbers: Collection[int]) -> int:
        """How many bytes have to be fetched for these segments there; 0 of a file on this computer."""
        tiles, pixels = self._found
        return pixels.bytes_of(tiles.of_segments(tiles.within(rows, columns), self.seg, numbers).tolist()) if pixels is not None else 0

    def bytes_by_segment(self) -> tuple[Mapping[int, int], int]:
        """How many bytes have to be fetched for all tiles of each segment, and for those of any: all of a label map. 0 of a file on this computer."""
        tiles, pixels = self._found
        if pixels is None:
            return {}, 0
        sizes = pixels.sizes
        if self.seg.kind == "LABELMAP":
            return {}, int(sizes.sum())
        sums = np.bincount(tiles.segment, sizes, max(self.seg.segments, default=0) + 1)
        return {number: int(sums[number]) for number in self.seg.segments}, 0

    def whole(self, chosen: dict[int, Segment], options: ConvertOptions, task: Task) -> MatrixPart:
        """All of the segments that are ``chosen``, at the step of the ``options``. Raises ``ConversionError`` for a tile that cannot be decoded."""
        reader = _Reader(self, chosen, options, task, (0, self.rows), (0, self.columns), options.slide_step)
        return reader.read(self._pixels(), lambda: True, strict=True)

    def part(self, chosen: dict[int, Segment], rows: Range, columns: Range, step: int, task: Task, most_s: float) -> MatrixPart:
        """The middle one of every ``step`` x ``step`` pixels between. A tile that cannot be decoded, or for which ``most_s`` seconds were not
        enough, is left out and counted.
        """
        until = self._clock() + most_s
        reader = _Reader(self, chosen, ConvertOptions(), task, rows, columns, step)
        return reader.read(self._pixels(), lambda: self._clock() <= until, strict=False)

    def empty(self, chosen: dict[int, Segment], step: int) -> MatrixPart:
        """What ``part`` gives of all of it where it has no tiles."""
        dtype = label_dtype(max((segment.label_value for segment in chosen.values()), default=1))
        layers = LayerStack((1, -(-self.rows // step), -(-self.columns // step)), dtype)
        return MatrixPart(layers, dict.fromkeys(chosen, 0), dict.fromkeys(chosen, 0))

    def geometry(self, step: int = 1) -> Geometry:
        """One slice of every ``step``-th pixel in the slide's own coordinate system, mm on the glass (PS3.3 C.8.12.2.1)."""
        root = self.seg.root
        origin = root.first(0x00480008)
        orientation = root.floats(0x00480102, 6)
        shared = root.first(SHARED)
        measures = shared.first(0x00289110) if shared is not None else None
        spacing = measures.floats(0x00280030, 2) if measures is not None else None
        if origin is None or orientation is None or measures is None or spacing is None or min(spacing) <= 0:
            root.stream.fail("Total Pixel Matrix Origin (0048,0008), Image Orientation (Slide) (0048,0102) or Pixel Spacing (0028,0030) is missing.")
        row, column = np.array(orientation[:3]), np.array(orientation[3:])
        normal = np.cross(row, column)
        if abs(np.linalg.norm(normal) - 1) > 0.02:
            root.stream.fail("Image Orientation (Slide) (0048,0102) does not contain two perpendicular unit vectors.")
        thickness = (measures.floats(0x00180050, 1) or (0.0,))[0] or spacing[0]
        first = np.array([(origin.floats(tag, 1) or (0.0,))[0] for tag in (0x0040072A, 0x0040073A, 0x0040074A)])
        # The center of the first of several pixels.
        x, y, z = (float(value) for value in first + (step - 1) / 2 * (spacing[1] * row + spacing[0] * column))
        i, j, k = ((float(axis[0]), float(axis[1]), float(axis[2])) for axis in (row, column, normal))
        shape = 1, -(-self.rows // step), -(-self.columns // step)
        return Geometry(shape, (spacing[1] * step, spacing[0] * step, thickness), (x, y, z), (i, j, k))

    def _pixels(self) -> FramePixels | PixelsInParts:
        tiles, pixels = self._found
        return pixels if pixels is not None else open_pixels(self.seg.file, tiles.height, tiles.width, tiles.segment)


class _Reader:
    """Puts tiles together."""

    def __init__(
        self, matrix: SlideMatrix, chosen: dict[int, Segment], options: ConvertOptions, task: Task, rows: Range, columns: Range, step: int
    ) -> None:
        self._seg, self._tiles, self._chosen, self._options, self._task = matrix.seg, matrix.tiles, chosen, options, task
        self._rows, self._columns = _middles(rows, step), _middles(columns, step)
        self._frames = self._tiles.of_segments(self._met_by(self._tiles.within(rows, columns)), self._seg, chosen)
        self._done = 0
        self._damaged, self._reason, self._late = 0, "", 0

    def _met_by(self, frames: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those that hold one of the middles: of large steps not every tile does."""
        found = np.ones(len(frames), bool)
        for first, length, middles in (
            (self._tiles.row[frames], self._tiles.height, self._rows),
            (self._tiles.column[frames], self._tiles.width, self._columns),
        ):
            found &= np.searchsorted(middles, first) < np.searchsorted(middles, first + length)
        return frames[found]

    def read(self, pixels: FramePixels | PixelsInParts, in_time: Callable[[], bool], strict: bool) -> MatrixPart:
        """``strict``: raise what cannot be decoded."""
        self._pixels, self._in_time, self._strict = pixels, in_time, strict
        if isinstance(pixels, PixelsInParts):
            pixels.prepare(self._frames.tolist(), self._task)
        dtype = label_dtype(max((segment.label_value for segment in self._chosen.values()), default=1))
        layers = LayerStack((1, len(self._rows), len(self._columns)), dtype)
        layer_of, voxels = self._labels(layers) if self._seg.kind == "LABELMAP" else self._masks(layers)
        return MatrixPart(layers, layer_of, voxels, self._damaged, self._reason, self._late)

    def _masks(self, layers: LayerStack) -> tuple[dict[int, int], dict[int, int]]:
        """BINARY and FRACTIONAL."""
        threshold = self._seg.threshold(self._options)
        layer_of: dict[int, int] = {}
        voxels: dict[int, int] = {}
        own = self._tiles.segment[self._frames]
        for number, segment in self._chosen.items():
            first, last = np.searchsorted(own, (number, number + 1))
            frames = self._frames[first:last].tolist()
            if not frames:
                layer_of[number], voxels[number] = 0, 0
                continue
            mask = np.zeros(layers.shape, bool)
            for frame in frames:
                for target, stored in self._met(frame, mask[0]):
                    np.logical_or(target, stored >= threshold, out=target)
            layer_of[number] = layers.add(segment.label_value, mask)
            if not self._strict and len(layers) > _MOST_LAYERS:
                self._seg.root.stream.fail(f"More than {_MOST_LAYERS} segments lie over each other, which is too much for a picture.")
            voxels[number] = int(np.count_nonzero(mask))
        return layer_of, voxels

    def _labels(self, layers: LayerStack) -> tuple[dict[int, int], dict[int, int]]:
        """LABELMAP: the stored values are the segment numbers."""
        table = np.full(65536, -1, np.int32)
        for value, segment in self._seg.values(self._chosen).items():
            table[value] = 0 if segment is None else segment.label_value
        out = layers.layer(0)[0]
        for frame in self._frames.tolist():
            for target, stored in self._met(frame, out):
                target[...] = self._labeled(table, stored, frame)
        counts = np.bincount(out.reshape(-1), minlength=65537)
        return dict.fromkeys(self._chosen, 0), {number: int(counts[segment.label_value]) for number, segment in self._chosen.items()}

    def _labeled(self, table: NDArray[np.int32], stored: NDArray[Any], frame: int) -> NDArray[np.int32]:
        labels: NDArray[np.int32] = table[stored]
        if (labels < 0).any():
            value = int(stored[labels < 0][0])
            self._seg.root.stream.fail(f"Frame {frame + 1} holds the value {value}, which Segment Sequence (0062,0002) does not describe.")
        return labels

    def _met(self, frame: int, out: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """The part of ``out`` that the tile covers, and the tile's values there; nothing where it has none in time, or cannot be decoded."""
        self._task.raise_if_cancelled()
        self._task.report(Progress("Reading tiles", self._done, len(self._frames), "frames"))
        self._done += 1
        top, left = int(self._tiles.row[frame]), int(self._tiles.column[frame])
        down = np.searchsorted(self._rows, (top, top + self._tiles.height))
        across = np.searchsorted(self._columns, (left, left + self._tiles.width))
        if not self._in_time():
            self._late += 1
            return
        try:
            values = self._pixels.values(frame)
        except ConversionError as error:
            if self._strict:
                raise
            self._damaged += 1
            self._reason = self._reason or str(error).rstrip(".")
            return
        stored = values[self._rows[down[0] : down[1]] - top][:, self._columns[across[0] : across[1]] - left]
        yield out[down[0] : down[1], across[0] : across[1]], stored


def _middles(of: Range, step: int) -> NDArray[np.int64]:
    """The middle one of each ``step`` numbers; of fewer at the end the last."""
    return np.minimum(np.arange(of[0], of[1], step) + step // 2, of[1] - 1)


def damage(part: MatrixPart, path: str) -> Sequence[str]:
    """What is to be said of a part that is not complete, in sentences."""
    found = []
    if part.damaged:
        found.append(f"{part.damaged:,} tiles of {path} cannot be decoded and are skipped ({part.reason}). Download the series again.")
    if part.late:
        found.append(f"{part.late:,} tiles of {path} would take too long and are skipped. Zoom in to see them.")
    return found
