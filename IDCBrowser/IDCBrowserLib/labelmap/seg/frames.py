"""The frames of a SEG: which segment and which plane each belongs to (PS3.3 C.7.6.16, C.8.20.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.elements import Element, Elements, Stream, item_stream, iterate, iterate_items, parse_decimals

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED = 0x52009229
PER_FRAME = 0x52009230
PLANE_POSITION = 0x00209113
PLANE_ORIENTATION = 0x00209116
PIXEL_MEASURES = 0x00289110
SEGMENT_IDENTIFICATION = 0x0062000A
_POSITION = 0x00200032
_ORIENTATION = 0x00200037
_SPACING = 0x00280030
_SEGMENT_NUMBER = 0x0062000B
_WANTED = (PLANE_POSITION, PLANE_ORIENTATION, PIXEL_MEASURES, SEGMENT_IDENTIFICATION)
_MAX_SIZE = 65535
# mm; electron microscopy to beyond the length of a person.
_SMALLEST_SPACING, _LARGEST_SPACING = 1e-7, 1e4


@dataclass(frozen=True)
class FrameTable:
    """What the functional groups say. Frame f shows segment ``segment[f]`` (0 in a LABELMAP) on the plane at ``positions[plane[f]]``.

    ``positions``: (P, 3) LPS mm, centre of the first pixel; ``orientation``: cosines of the row direction (i), then of the column direction (j);
    ``pixel_spacing``: mm between rows (j), between columns (i), as DICOM orders them.
    ``spacing_between_slices`` and ``slice_thickness`` are None where absent or not positive.
    """

    rows: int
    columns: int
    segment: NDArray[np.int32]
    plane: NDArray[np.int32]
    positions: NDArray[np.float64]
    orientation: tuple[float, ...]
    pixel_spacing: tuple[float, ...]
    spacing_between_slices: float | None
    slice_thickness: float | None

    @property
    def count(self) -> int:
        """How many frames are stored."""
        return len(self.segment)


def read_frames(root: Elements, is_labelmap: bool) -> FrameTable:
    """Read both functional group sequences. Raises ``ConversionError`` naming the element that is missing or wrong."""
    rows, columns, count = _size(root)
    groups = _Groups(root.stream)
    shared = root.table.get(SHARED)
    if shared is not None:
        for start, stop in iterate_items(root.stream, shared):
            groups.read_shared(item_stream(root.stream, shared), start, stop)
            break
    per_frame = root.table.get(PER_FRAME)
    if per_frame is not None:
        stream = item_stream(root.stream, per_frame)
        for start, stop in iterate_items(root.stream, per_frame):
            groups.read_frame(stream, start, stop)
    elif count == 1:
        groups.repeat_shared()
    found = len(groups.keys[PLANE_POSITION])
    if found != count:
        root.stream.fail(
            f"Number of Frames (0028,0008) is {count}, but Per-Frame Functional Groups Sequence (5200,9230) describes {found}. The file is damaged."
        )
    return groups.table(rows, columns, is_labelmap)


def _size(root: Elements) -> tuple[int, int, int]:
    rows, columns = root.unsigned(0x00280010), root.unsigned(0x00280011)
    if not rows or not columns or rows > _MAX_SIZE or columns > _MAX_SIZE:
        root.stream.fail(f"Rows (0028,0010) and Columns (0028,0011) are {rows} and {columns}; both must be positive.")
    count = root.integer(0x00280008)
    if count is None:
        count = 1
    if not 1 <= count <= 1 << 31:
        root.stream.fail(f"Number of Frames (0028,0008) is {count}; it must be positive.")
    return rows, columns, count


class _Groups:
    """Collects, per functional group, the distinct byte contents and which frame uses which: planes and segments repeat, parsing them does not."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._shared: dict[int, int] = {}
        # The content of each distinct sequence, and the stream it is encoded in.
        self.contents: dict[int, dict[bytes, int]] = {tag: {} for tag in _WANTED}
        self.examples: dict[int, list[tuple[Stream, Element]]] = {tag: [] for tag in _WANTED}
        self.keys: dict[int, list[int]] = {tag: [] for tag in _WANTED}

    def _intern(self, stream: Stream, element: Element) -> int:
        content = stream.data[element.start : element.stop]
        if not isinstance(content, bytes):
            content = bytes(content)
        known = self.contents[element.tag]
        index = known.get(content)
        if index is None:
            index = known[content] = len(known)
            self.examples[element.tag].append((stream, element))
        return index

    def read_shared(self, stream: Stream, start: int, stop: int) -> None:
        for element in iterate(stream, start, stop):
            if element.tag in self.contents:
                self._shared[element.tag] = self._intern(stream, element)

    def read_frame(self, stream: Stream, start: int, stop: int) -> None:
        found = dict(self._shared)
        for element in iterate(stream, start, stop):
            if element.tag in self.contents:
                found[element.tag] = self._intern(stream, element)
        for tag in _WANTED:
            self.keys[tag].append(found.get(tag, -1))

    def repeat_shared(self) -> None:
        for tag in _WANTED:
            self.keys[tag].append(self._shared.get(tag, -1))

    def table(self, rows: int, columns: int, is_labelmap: bool) -> FrameTable:
        plane, positions = self._positions()
        measures = self._single(PIXEL_MEASURES, _read_measures, "Pixel Measures Sequence (0028,9110)", "pixel spacings")
        return FrameTable(
            rows=rows,
            columns=columns,
            segment=np.zeros(len(plane), np.int32) if is_labelmap else self._segments(),
            plane=plane,
            positions=positions,
            orientation=self._single(PLANE_ORIENTATION, _read_orientation, "Plane Orientation Sequence (0020,9116)", "orientations"),
            pixel_spacing=measures[:2],
            spacing_between_slices=measures[2] or None,
            slice_thickness=measures[3] or None,
        )

    def _positions(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        plane = np.array(self.keys[PLANE_POSITION], np.int32)
        if (plane < 0).any():
            self._missing("Plane Position Sequence (0020,9113)", int(np.argmax(plane < 0)))
        values = [_decimals(stream, element, _POSITION, 3) for stream, element in self.examples[PLANE_POSITION]]
        return plane, np.array(values, np.float64).reshape(-1, 3)

    def _segments(self) -> NDArray[np.int32]:
        keys = np.array(self.keys[SEGMENT_IDENTIFICATION], np.int32)
        if (keys < 0).any():
            self._missing("Segment Identification Sequence (0062,000A)", int(np.argmax(keys < 0)))
        numbers = []
        for stream, element in self.examples[SEGMENT_IDENTIFICATION]:
            item = _first_item(stream, element)
            number = item.unsigned(_SEGMENT_NUMBER)
            if number is None:
                stream.fail("A frame has no Referenced Segment Number (0062,000B), so it belongs to no segment.")
            numbers.append(number)
        return np.array(numbers, np.int32)[keys]

    def _single(self, tag: int, read: object, name: str, plural: str) -> tuple[float, ...]:
        """The one value that all frames share; contents that differ in writing must agree in value."""
        keys = set(self.keys[tag])
        if -1 in keys:
            self._missing(name, self.keys[tag].index(-1))
        assert callable(read)
        values: list[tuple[float, ...]] = [read(*self.examples[tag][key]) for key in sorted(keys)]
        if any(abs(a - b) > 1e-4 * max(1.0, abs(a)) for value in values for a, b in zip(values[0], value, strict=True)):
            self._stream.fail(f"The frames have different {plural} ({name}), so they form no single volume. Such files are not supported.")
        return values[0]

    def _missing(self, name: str, frame: int) -> None:
        self._stream.fail(f"{name} is missing for frame {frame + 1}, so its place in space is unknown. Report it to whoever made the file.")


def _first_item(stream: Stream, element: Element) -> Elements:
    for start, stop in iterate_items(stream, element):
        return Elements.parse(item_stream(stream, element), start, stop)
    return Elements(stream, {})


def _decimals(stream: Stream, element: Element, tag: int, count: int) -> tuple[float, ...]:
    item = _first_item(stream, element)
    return parse_decimals(stream, tag, item.raw(tag).strip(b" \0"), count)


def _read_orientation(stream: Stream, element: Element) -> tuple[float, ...]:
    return _decimals(stream, element, _ORIENTATION, 6)


def _read_measures(stream: Stream, element: Element) -> tuple[float, ...]:
    item = _first_item(stream, element)
    if _SPACING not in item:
        stream.fail("Pixel Spacing (0028,0030) is missing, so the size of a voxel is unknown.")
    spacing = parse_decimals(stream, _SPACING, item.raw(_SPACING).strip(b" \0"), 2)
    if min(spacing) < _SMALLEST_SPACING or max(spacing) > _LARGEST_SPACING:
        stream.fail(f"Pixel Spacing (0028,0030) is {spacing[0]:g}\\{spacing[1]:g} mm, which no image has.")
    return (*spacing, _optional(item, 0x00180088), _optional(item, 0x00180050))


def _optional(item: Elements, tag: int) -> float:
    values = item.floats(tag, 1)
    return values[0] if values and _SMALLEST_SPACING <= values[0] <= _LARGEST_SPACING else 0.0
