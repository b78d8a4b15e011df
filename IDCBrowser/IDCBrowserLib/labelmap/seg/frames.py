"""The frames of a SEG: which segment and which plane each belongs to, and which images it names (PS3.3 C.7.6.16, C.8.20.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from IDCBrowserLib.dicom.elements import Element, Elements, Stream, item_stream, iterate, iterate_items, parse_decimals, whole_numbers
from IDCBrowserLib.errors import ConversionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARED = 0x52009229
PER_FRAME = 0x52009230
PLANE_POSITION = 0x00209113
PLANE_ORIENTATION = 0x00209116
PIXEL_MEASURES = 0x00289110
SEGMENT_IDENTIFICATION = 0x0062000A
DERIVATION = 0x00089124
FRAME_CONTENT = 0x00209111
REFERENCED_IMAGES = 0x00081140
_TEMPORAL_POSITION = 0x00209128
_SOURCE_IMAGES = 0x00082112
_SOP_INSTANCE = 0x00081155
_FRAME_NUMBER = 0x00081160
_POSITION = 0x00200032
_ORIENTATION = 0x00200037
_SPACING = 0x00280030
_SPACING_BETWEEN_SLICES = 0x00180088
_THICKNESS = 0x00180050
_SEGMENT_NUMBER = 0x0062000B
_KEPT = (DERIVATION, FRAME_CONTENT, REFERENCED_IMAGES)
_WANTED = (PLANE_POSITION, PLANE_ORIENTATION, PIXEL_MEASURES, SEGMENT_IDENTIFICATION)
_SLOTS = {tag: slot for slot, tag in enumerate(_WANTED)}
_MAX_SIZE = 65535
# mm; electron microscopy to beyond the length of a person.
_SMALLEST_SPACING, _LARGEST_SPACING = 1e-7, 1e4

Reference = tuple[str, int]
"""SOP Instance UID of an image and the number of one of its frames, 0 where none is named."""


@dataclass(frozen=True)
class FrameTable:
    """What the functional groups say. Frame f shows segment ``segment[f]`` (0 in a LABELMAP) on plane ``plane[f]``.

    Plane p: ``positions[p]`` LPS mm, the center of its first pixel; ``orientations[p]``, cosines of the row direction (i), then of the column
    direction (j); ``pixel_spacings[p]``, mm between rows (j), between columns (i), as DICOM orders them; ``thicknesses[p]`` and
    ``spacings_between_slices[p]`` in mm, not a number where absent or not positive.
    Positions, orientations and pixel spacings that are stated nowhere are not numbers, until ``borrowed`` finds them; ``check_places`` refuses them.
    ``references[f]`` are the images that frame f says it was derived from, ``moments[f]`` its Temporal Position Index, 0 where it states none.
    """

    rows: int
    columns: int
    segment: NDArray[np.int32]
    plane: NDArray[np.int32]
    positions: NDArray[np.float64]
    orientations: NDArray[np.float64]
    pixel_spacings: NDArray[np.float64]
    thicknesses: NDArray[np.float64]
    spacings_between_slices: NDArray[np.float64]
    _derivation: _Derivations
    _content: list[tuple[Stream, Element] | None]
    _referenced: dict[int, tuple[Stream, Element]]

    @property
    def count(self) -> int:
        """How many frames are stored."""
        return len(self.segment)

    @property
    def pixel_spacing(self) -> tuple[float, float]:
        """That of the first plane."""
        return float(self.pixel_spacings[0, 0]), float(self.pixel_spacings[0, 1])

    @cached_property
    def references(self) -> tuple[tuple[Reference, ...], ...]:
        """For each frame the images that it names. Read when asked for: they are as much text as everything else together."""
        return self._derivation.read()

    @cached_property
    def moments(self) -> tuple[int, ...]:
        """For each frame its Temporal Position Index (0020,9128); read when asked for."""
        return tuple(0 if content is None else _first_item(*content).unsigned(_TEMPORAL_POSITION) or 0 for content in self._content)

    def images_of(self, frame: int) -> tuple[Reference, ...]:
        """``references`` of a frame, else the images of its Referenced Image Sequence (0008,1140), whatever the purpose of the reference."""
        if not self.references[frame] and frame in self._referenced:
            stream, element = self._referenced[frame]
            return _images(Elements.parse(item_stream(stream, element), start, stop) for start, stop in iterate_items(stream, element))
        return self.references[frame]

    @property
    def lacks_place(self) -> NDArray[np.bool_]:
        """(P,): planes of which position, orientation or pixel spacing is stated nowhere."""
        return np.asarray(np.isnan(np.hstack([self.positions, self.orientations, self.pixel_spacings])).any(axis=1))


def check_places(frames: FrameTable, stream: Stream, *, some: bool = False) -> None:
    """Raise ``ConversionError`` for a frame whose place is stated nowhere; with ``some`` only where that is so for all."""
    lacking = np.flatnonzero(frames.lacks_place[frames.plane])
    if not len(lacking) or (some and len(lacking) < frames.count):
        return
    frame = int(lacking[0])
    plane = int(frames.plane[frame])
    if np.isnan(frames.positions[plane]).any():
        what = "Image Position (Patient) (0020,0032)"
    elif np.isnan(frames.orientations[plane]).any():
        what = "Image Orientation (Patient) (0020,0037)"
    else:
        what = "Pixel Spacing (0028,0030)"
    advice = "Report it to whoever made the file."
    if frames.images_of(frame):
        advice = "It names an image whose place could be taken: give the folder of all images that the SEG was drawn on."
    stream.fail(f"{what} is missing for frame {frame + 1}, so its place in space is unknown. {advice}")


def read_frames(root: Elements, is_labelmap: bool) -> FrameTable:
    """Read both functional group sequences. Raises ``ConversionError`` naming the element that is missing or wrong.

    What stands in both is merged, attribute by attribute; what a frame says of itself goes before what all share, and that before what stands
    outside of functional groups.
    """
    rows, columns, count = _size(root)
    groups = _Groups(root.stream)
    shared = root.table.get(SHARED)
    if shared is not None:
        for start, stop in iterate_items(root.stream, shared):
            groups.read_shared(item_stream(root.stream, shared), start, stop)
            break
    groups.read_root(root, count)
    per_frame = root.table.get(PER_FRAME)
    if per_frame is not None:
        stream = item_stream(root.stream, per_frame)
        for start, stop in iterate_items(root.stream, per_frame):
            groups.read_frame(stream, start, stop)
    elif count == 1:
        groups.add_empty_frame()
    found = len(groups.frames)
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


class _Part(NamedTuple):
    """An element of a frame's item: ``slot`` in ``_WANTED`` or -1; where its value begins and ends within the item; one such element."""

    slot: int
    tag: int
    value: int
    end: int
    example: Element

    def element(self, start: int) -> Element:
        """The element of the item that begins at ``start``."""
        one = self.example
        if one.undefined:
            return one
        return Element(one.tag, one.vr, start + self.value, start + self.end, start + self.end)


class _Groups:
    """Collects, per functional group, the distinct byte contents and which frame uses which: planes and segments repeat, parsing them does not."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._shared: dict[int, Elements] = {}
        # Attributes of images of one frame, at the top level where nothing else says them.
        self._root: dict[int, Elements] = {}
        self._referenced: dict[int, tuple[Stream, Element]] = {}
        # The content of each distinct sequence of a frame, and the stream it is encoded in.
        self._known: dict[int, dict[bytes, int]] = {tag: {} for tag in _WANTED}
        self._examples: dict[int, list[tuple[Stream, Element]]] = {tag: [] for tag in _WANTED}
        self._derivations: list[tuple[Stream, Element] | None] = []
        self._content: list[tuple[Stream, Element] | None] = []
        # For items of one length: the bytes between values, and their elements that matter.
        self._layouts: dict[int, tuple[tuple[tuple[int, int, bytes], ...], list[_Part]]] = {}
        # Of each frame the index of each group's content, -1 where it has none.
        self.frames: list[list[int]] = []

    def read_shared(self, stream: Stream, start: int, stop: int) -> None:
        for element in iterate(stream, start, stop):
            if element.tag in self._known or element.tag == DERIVATION:
                self._shared[element.tag] = _first_item(stream, element)

    def read_root(self, root: Elements, count: int) -> None:
        tags = ((PLANE_ORIENTATION, _ORIENTATION), (PIXEL_MEASURES, _SPACING), *(((PLANE_POSITION, _POSITION),) if count == 1 else ()))
        self._root = {group: root for group, tag in tags if root.raw(tag).strip(b" \0")}

    def read_frame(self, stream: Stream, start: int, stop: int) -> None:
        self.add_empty_frame()
        own = self.frames[-1]
        item = bytes(stream.data[start:stop])
        for part in self._parts(stream, start, item):
            if part.slot < 0:
                self._keep(stream, part.element(start))
                continue
            content = item[part.value : part.end]
            known = self._known[part.tag]
            index = known.get(content)
            if index is None:
                index = known[content] = len(known)
                self._examples[part.tag].append((stream, part.element(start)))
            own[part.slot] = index

    def _keep(self, stream: Stream, element: Element) -> None:
        if element.tag == DERIVATION:
            self._derivations[-1] = stream, element
        elif element.tag == FRAME_CONTENT:
            self._content[-1] = stream, element
        elif element.tag == REFERENCED_IMAGES:
            self._referenced[len(self.frames) - 1] = stream, element

    def _parts(self, stream: Stream, start: int, item: bytes) -> list[_Part]:
        """The elements of an item, whose bytes are ``item``. Items of one length mostly have the same elements, and are not walked again."""
        headers, parts = self._layouts.get(len(item), ((), []))
        if parts and all(item[begin:value] == header for begin, value, header in headers):
            return parts
        found = list(iterate(stream, start, start + len(item)))
        parts = [_Part(_SLOTS.get(one.tag, -1), one.tag, one.start - start, one.stop - start, one) for one in found]
        if found and not any(element.undefined for element in found):
            begins = [0, *(element.next - start for element in found)]
            headers = tuple((begin, part.value, item[begin : part.value]) for begin, part in zip(begins, parts, strict=False))
            self._layouts[len(item)] = headers, [part for part in parts if part.slot >= 0 or part.tag in _KEPT]
        return parts

    def add_empty_frame(self) -> None:
        """A frame that says nothing of itself."""
        self.frames.append([-1] * len(_WANTED))
        self._derivations.append(None)
        self._content.append(None)

    def table(self, rows: int, columns: int, is_labelmap: bool) -> FrameTable:
        keys = np.array(self.frames, np.int64).reshape(-1, len(_WANTED))
        distinct, plane = np.unique(keys[:, :3], axis=0, return_inverse=True)
        values = [self._planes(tag, distinct[:, column]) for column, tag in enumerate(_WANTED[:3])]
        measures = values[2]
        return FrameTable(
            rows=rows,
            columns=columns,
            segment=np.zeros(len(keys), np.int32) if is_labelmap else self._segments(keys[:, 3]),
            plane=plane.reshape(-1).astype(np.int32),
            positions=values[0],
            orientations=values[1],
            pixel_spacings=measures[:, :2],
            spacings_between_slices=measures[:, 2],
            thicknesses=measures[:, 3],
            _derivation=_Derivations(self._derivations, self._shared),
            _content=self._content,
            _referenced=self._referenced,
        )

    def _planes(self, tag: int, indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values of a functional group for each plane."""
        values: dict[int, tuple[float, ...]] = {}
        for index in indices.tolist():
            if index not in values:
                items = [_first_item(*self._examples[tag][index])] if index >= 0 else []
                items += [group[tag] for group in (self._shared, self._root) if tag in group]
                values[index] = _READERS[tag](items)
        return np.array([values[index] for index in indices.tolist()], np.float64)

    def _segments(self, keys: NDArray[np.int64]) -> NDArray[np.int32]:
        tag = SEGMENT_IDENTIFICATION
        shared = self._shared.get(tag)
        numbers: list[int] = []
        for stream, element in self._examples[tag]:
            number = _first_item(stream, element).unsigned(_SEGMENT_NUMBER)
            if number is None and shared is not None:
                number = shared.unsigned(_SEGMENT_NUMBER)
            if number is None:
                stream.fail("A frame has no Referenced Segment Number (0062,000B), so it belongs to no segment.")
            numbers.append(number)
        if (keys < 0).any():
            common = shared.unsigned(_SEGMENT_NUMBER) if shared is not None else None
            if common is None:
                frame = int(np.argmax(keys < 0)) + 1
                self._stream.fail(
                    f"Segment Identification Sequence (0062,000A) is missing for frame {frame}, so it belongs to no segment. "
                    "Report it to whoever made the file."
                )
            numbers.append(common)
        # A frame without one of its own has the index -1: the last.
        return np.array(numbers, np.int32)[keys]


class _Derivations:
    """Derivation Image Sequence (0008,9124) of every frame, not read yet."""

    def __init__(self, frames: list[tuple[Stream, Element] | None], shared: dict[int, Elements]) -> None:
        self._frames, self._shared = frames, shared

    def read(self) -> tuple[tuple[Reference, ...], ...]:
        shared = _references([self._shared[DERIVATION]]) if DERIVATION in self._shared else ()
        known: dict[bytes, tuple[Reference, ...]] = {}
        return tuple(shared if frame is None else _read_derivation(*frame, known) or shared for frame in self._frames)


def _read_derivation(stream: Stream, element: Element, known: dict[bytes, tuple[Reference, ...]]) -> tuple[Reference, ...]:
    """Frames on one plane mostly name the same in the same bytes, which are read once."""
    content = bytes(stream.data[element.start : element.stop])
    found = known.get(content)
    if found is None:
        items = [Elements.parse(item_stream(stream, element), start, stop) for start, stop in iterate_items(stream, element)]
        found = known[content] = _references(items)
    return found


def _references(derivations: list[Elements]) -> tuple[Reference, ...]:
    return _images(image for derivation in derivations for image in derivation.iterate_items(_SOURCE_IMAGES))


def _images(images: Iterable[Elements]) -> tuple[Reference, ...]:
    found: dict[Reference, None] = {}
    for image in images:
        uid = image.text(_SOP_INSTANCE)
        numbers = whole_numbers(image.text(_FRAME_NUMBER))
        if uid:
            found.update(dict.fromkeys((uid, number) for number in numbers or (0,)))
    return tuple(found)


def _first_item(stream: Stream, element: Element) -> Elements:
    for start, stop in iterate_items(stream, element):
        return Elements.parse(item_stream(stream, element), start, stop)
    return Elements(stream, {})


def _decimals(items: list[Elements], tag: int, count: int) -> tuple[float, ...]:
    """Of the first item that states them; not numbers where none does."""
    item = next((item for item in items if item.raw(tag).strip(b" \0")), None)
    if item is None:
        return (float("nan"),) * count
    return parse_decimals(item.stream, tag, item.raw(tag).strip(b" \0"), count)


def _read_position(items: list[Elements]) -> tuple[float, ...]:
    return _decimals(items, _POSITION, 3)


def _read_orientation(items: list[Elements]) -> tuple[float, ...]:
    return _decimals(items, _ORIENTATION, 6)


def _read_measures(items: list[Elements]) -> tuple[float, ...]:
    spacing = _decimals(items, _SPACING, 2)
    if min(spacing) < _SMALLEST_SPACING or max(spacing) > _LARGEST_SPACING:
        items[0].stream.fail(f"Pixel Spacing (0028,0030) is {spacing[0]:g}\\{spacing[1]:g} mm, which no image has.")
    return (*spacing, _optional(items, _SPACING_BETWEEN_SLICES), _optional(items, _THICKNESS))


def _optional(items: list[Elements], tag: int) -> float:
    """A length in mm; not a number where it is absent, no number or none that can be: nothing depends on it alone."""
    for item in items:
        try:
            values = item.floats(tag, 1)
        except ConversionError:
            continue
        if values and _SMALLEST_SPACING <= abs(values[0]) <= _LARGEST_SPACING:
            return abs(values[0])
    return float("nan")


_READERS = {
    PLANE_POSITION: _read_position,
    PLANE_ORIENTATION: _read_orientation,
    PIXEL_MEASURES: _read_measures,
}
