"""SEG drawn on slide microscopy: tiles of a total pixel matrix (PS3.3 C.7.6.17.3), in the slide's coordinate system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.pixels import FramePixels, open_pixels
from IDCBrowserLib.labelmap.types import Labelmap, Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from numpy.typing import NDArray

# 8192 x 8192: what a labelmap volume viewer still shows with ease. Whole slides are a hundred times larger.
_LARGEST_MATRIX = 1 << 26
_SLIM = "https://viewer.imaging.datacommons.cancer.gov/slim/studies/{study}/series/{series}"
# 1 x 1 tiles could claim as many as there are pixels.
_MOST_TILES = 2_000_000
_PER_FRAME = 0x52009230
_SHARED = 0x52009229


@dataclass(frozen=True)
class _Tile:
    """Frame ``frame`` shows ``segment`` (0 in a label map) with its first pixel at (row, column) of the matrix, from 0."""

    frame: int
    segment: int
    row: int
    column: int


def convert_slide(seg: SegHeader, chosen: dict[int, Segment], options: ConvertOptions, task: Task) -> Labelmap:
    """The total pixel matrix as one slice (1, rows, columns), when it is small enough.

    Raises ``ConversionError`` with a link to the Slim viewer for a larger one, and when the grid of images is asked for.
    """
    rows, columns = _matrix_size(seg)
    link = _SLIM.format(study=seg.source.study_uid, series=seg.source.series_uid)
    if not rows or not columns or rows * columns > _LARGEST_MATRIX or options.grid == "images":
        size = f" of {columns:,} x {rows:,} pixels" if rows and columns else ""
        raise ConversionError(f"{seg.path} was made on a slide{size}, which is not a volume. It opens in Slim: {link}")
    root = seg.root
    tile_rows, tile_columns, count = root.unsigned(0x00280010) or 0, root.unsigned(0x00280011) or 0, root.integer(0x00280008) or 1
    tiles = _tiles(seg, count, tile_rows, tile_columns)
    pixels = open_pixels(seg.file, tile_rows, tile_columns, np.array([tile.segment for tile in tiles], np.int32))
    matrix = _Matrix(seg, pixels, (rows, columns), options, task)
    layers, layer_of, voxels = matrix.labels(chosen, tiles) if seg.kind == "LABELMAP" else matrix.masks(chosen, tiles)
    geometry = _geometry(seg, rows, columns)
    volume = geometry.voxel_volume_mm3
    segments = tuple(
        replace(segment, layer=layer_of[number], voxels=voxels[number], volume_mm3=voxels[number] * volume) for number, segment in chosen.items()
    )
    warning = f"Made on a slide: coordinates are those of the slide, not of the patient. It also opens in Slim: {link}"
    return Labelmap(layers.layers, geometry, segments, seg.source, layers.overlapping_voxels(), (warning,))


def _matrix_size(seg: SegHeader) -> tuple[int, int]:
    """Total Pixel Matrix Rows and Columns."""
    return seg.root.unsigned(0x00480007) or 0, seg.root.unsigned(0x00480006) or 0


def _tiles(seg: SegHeader, count: int, tile_rows: int, tile_columns: int) -> list[_Tile]:
    if tile_rows < 1 or tile_columns < 1 or not 1 <= count <= _MOST_TILES:
        sizes = f"{tile_rows}, {tile_columns} and {count}"
        seg.root.stream.fail(f"Rows (0028,0010), Columns (0028,0011) and Number of Frames (0028,0008) are {sizes}; this is not possible.")
    if seg.root.text(0x00209311) == "TILED_FULL" or _PER_FRAME not in seg.root:
        return _full_tiles(seg, count, tile_rows, tile_columns)
    tiles = []
    for frame, item in enumerate(seg.root.iterate_items(_PER_FRAME)):
        place = item.first(0x0048021A)
        if place is None:
            seg.root.stream.fail(f"Plane Position (Slide) Sequence (0048,021A) is missing for frame {frame + 1}, so its place is unknown.")
        row, column = place.unsigned(0x0048021F), place.unsigned(0x0048021E)
        if row is None or column is None:
            seg.root.stream.fail(
                f"Row or Column Position In Total Image Pixel Matrix (0048,021F), (0048,021E) is missing for frame {frame + 1}; its place is unknown."
            )
        tiles.append(_Tile(frame, _segment_of(seg, item), row - 1, column - 1))
    if len(tiles) != count:
        seg.root.stream.fail(f"Number of Frames (0028,0008) is {count}, but {len(tiles)} are described. The file is damaged.")
    if seg.kind != "LABELMAP":
        seg.check_described({tile.segment for tile in tiles})
    return tiles


def _segment_of(seg: SegHeader, item: Elements) -> int:
    if seg.kind == "LABELMAP":
        return 0
    shared = seg.root.first(_SHARED)
    identification = item.first(0x0062000A) or (shared.first(0x0062000A) if shared is not None else None)
    number = identification.unsigned(0x0062000B) if identification is not None else None
    if number is None:
        seg.root.stream.fail("A frame has no Referenced Segment Number (0062,000B), so it belongs to no segment.")
    return number


def _full_tiles(seg: SegHeader, count: int, tile_rows: int, tile_columns: int) -> list[_Tile]:
    """TILED_FULL: tiles row by row, segment after segment."""
    rows, columns = _matrix_size(seg)
    across, down = -(-columns // tile_columns), -(-rows // tile_rows)
    numbers = [0] if seg.kind == "LABELMAP" else list(seg.segments)
    if count != across * down * len(numbers):
        seg.root.stream.fail(f"Number of Frames (0028,0008) is {count} where {down} x {across} tiles of {len(numbers)} segments are required.")
    places = [(row * tile_rows, column * tile_columns) for row in range(down) for column in range(across)]
    return [_Tile(number, segment, *place) for number, (segment, place) in enumerate((s, p) for s in numbers for p in places)]


class _Matrix:
    """Puts tiles together."""

    def __init__(self, seg: SegHeader, pixels: FramePixels, shape: tuple[int, int], options: ConvertOptions, task: Task) -> None:
        self._seg, self._pixels, self._shape, self._options, self._task = seg, pixels, shape, options, task

    def masks(self, chosen: dict[int, Segment], tiles: list[_Tile]) -> tuple[LayerStack, dict[int, int], dict[int, int]]:
        """BINARY and FRACTIONAL: layers, layer and voxels of each segment."""
        layers = LayerStack((1, *self._shape), label_dtype(max((segment.label_value for segment in chosen.values()), default=1)))
        threshold = self._seg.threshold(self._options)
        layer_of: dict[int, int] = {}
        voxels: dict[int, int] = {}
        of_segment: dict[int, list[_Tile]] = {number: [] for number in self._seg.segments}
        for tile in tiles:
            of_segment[tile.segment].append(tile)
        for number, segment in chosen.items():
            mask = np.zeros((1, *self._shape), bool)
            for tile in of_segment[number]:
                target, values = self._meet(mask[0], tile)
                target |= values >= threshold
            layer_of[number] = layers.add(segment.label_value, mask)
            voxels[number] = int(np.count_nonzero(mask))
        return layers, layer_of, voxels

    def labels(self, chosen: dict[int, Segment], tiles: list[_Tile]) -> tuple[LayerStack, dict[int, int], dict[int, int]]:
        """LABELMAP: the stored values are the segment numbers."""
        layers = LayerStack((1, *self._shape), label_dtype(max((segment.label_value for segment in chosen.values()), default=1)))
        values = self._seg.values(chosen)
        table = np.full(65536, -1, np.int32)
        for value, segment in values.items():
            table[value] = 0 if segment is None else segment.label_value
        out = layers.layer(0)[0]
        for tile in tiles:
            target, stored = self._meet(out, tile)
            labels = table[stored]
            if (labels < 0).any():
                self._seg.root.stream.fail(
                    f"Frame {tile.frame + 1} holds the value {int(stored[labels < 0][0])}, which Segment Sequence (0062,0002) does not describe."
                )
            target[...] = labels
        counts = np.bincount(out.reshape(-1), minlength=65537)
        return layers, dict.fromkeys(chosen, 0), {number: int(counts[segment.label_value]) for number, segment in chosen.items()}

    def _meet(self, out: NDArray[Any], tile: _Tile) -> tuple[NDArray[Any], NDArray[Any]]:
        """The part of the matrix that the tile covers, and the tile's values there; tiles may reach over the edge."""
        self._task.raise_if_cancelled()
        self._task.report(Progress("Reading tiles", tile.frame, unit="frames"))
        values = self._pixels.values(tile.frame)
        if not (0 <= tile.row < self._shape[0] and 0 <= tile.column < self._shape[1]):
            self._seg.root.stream.fail(f"Frame {tile.frame + 1} is outside the image, at row {tile.row + 1} and column {tile.column + 1}.")
        target = out[tile.row : tile.row + values.shape[0], tile.column : tile.column + values.shape[1]]
        return target, values[: target.shape[0], : target.shape[1]]


def _geometry(seg: SegHeader, rows: int, columns: int) -> Geometry:
    """In the slide coordinate system, mm (PS3.3 C.8.12.2.1)."""
    root = seg.root
    origin = root.first(0x00480008)
    orientation = root.floats(0x00480102, 6)
    shared = root.first(_SHARED)
    measures = shared.first(0x00289110) if shared is not None else None
    spacing = measures.floats(0x00280030, 2) if measures is not None else None
    if origin is None or orientation is None or measures is None or spacing is None or min(spacing) <= 0:
        root.stream.fail("Total Pixel Matrix Origin (0048,0008), Image Orientation (Slide) (0048,0102) or Pixel Spacing (0028,0030) is missing.")
    i_axis, j_axis = np.array(orientation[:3]), np.array(orientation[3:])
    k_axis = np.cross(i_axis, j_axis)
    if abs(np.linalg.norm(k_axis) - 1) > 0.02:
        root.stream.fail("Image Orientation (Slide) (0048,0102) does not contain two perpendicular unit vectors.")
    thickness = (measures.floats(0x00180050, 1) or (0.0,))[0]
    x, y, z = ((origin.floats(tag, 1) or (0.0,))[0] for tag in (0x0040072A, 0x0040073A, 0x0040074A))
    axes = [tuple(float(value) for value in axis) for axis in (i_axis, j_axis, k_axis)]
    return Geometry((1, rows, columns), (spacing[1], spacing[0], thickness or spacing[0]), (x, y, z), (axes[0], axes[1], axes[2]))  # type: ignore[arg-type]
