"""A picture of one frame of an image object, of which no more is read than the frame needs."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.dicom.reading import number, numbers, text
from IDCBrowserLib.dicom.with_pydicom import frame_pixels, parse_dataset, quietly
from IDCBrowserLib.errors import CancelledError, ConversionError, IDCBrowserError
from IDCBrowserLib.preview.heads import Head, parse, read_head
from IDCBrowserLib.preview.limits import MAX_OBJECT_BYTES, MAX_PIXELS, TooLargeError
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.preview.picture import Picture, fitted, to_bytes, windowed
from IDCBrowserLib.preview.tiles import tile_places
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.color import is_color, rgb_of
from IDCBrowserLib.volume.pixels import ShownPlane, shown_plane, stored_plane

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# Up to here an object with several frames is fetched whole: one answer comes sooner than several.
_WHOLE_BYTES = 12_000_000
_MOST_TILES = 100
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_VRS = {0x7FE00008: "OF", 0x7FE00009: "OD"}
_ITEM = b"\xfe\xff\x00\xe0"
_UNREADABLE = "{label}: the pixels are damaged, cut off, or compressed in an unsupported way."


@quietly()
def picture_of_image(item: SeriesObject, task: Task) -> Picture:
    """The middle frame as a viewer shows it at first, or a slide put together from its tiles.

    Raises ``ConversionError`` for what is damaged or no image, ``TooLargeError``.
    """
    try:
        return _picture(item, task)
    except IDCBrowserError:
        raise
    # pydicom converts values when they are looked at, and raises whatever it runs into on damaged ones.
    except Exception as error:
        raise ConversionError(f"{item.label} is damaged or truncated.") from error


@dataclass
class FrameReader:
    """Pictures of the frames of one object, all with the window of the first where the object states none.

    What is fetched whole, and the header, are kept; ``window`` may be that of a neighbor.
    """

    item: SeriesObject
    window: tuple[float, float] | None = None
    _head: Head | None = None
    _whole: Dataset | None = None

    @quietly()
    def read(self, frame: int, task: Task) -> Picture:
        """A frame, counted from 0. Raises as ``picture_of_image``."""
        try:
            return self._read(frame, task)
        except IDCBrowserError:
            raise
        except Exception as error:
            raise ConversionError(f"{self.item.label} is damaged or truncated.") from error

    def _read(self, frame: int, task: Task) -> Picture:
        item = self.item
        if self._whole is None:
            head = self._head or read_head(item)
            _check_size(head.dataset, item.label)
            frames = _number_of_frames(head.dataset)
            task.raise_if_cancelled()
            if frames > 1 and item.size > _WHOLE_BYTES and head.pixels >= 0:
                self._head = parse(head.data, item.label)
                dataset, _frame, place = _with_one_frame(item, head, frames, frame)
                return self._picture(_Frames(dataset, item.label, task), 0, place, frames)
            if item.size > MAX_OBJECT_BYTES:
                raise TooLargeError(item.size)
            self._whole = _whole(head.data + item.read(len(head.data), item.size), item.label)
        frames = _number_of_frames(self._whole)
        return self._picture(_Frames(self._whole, item.label, task), min(frame, frames - 1), frame, frames)

    def _picture(self, source: _Frames, frame: int, place: int, frames: int) -> Picture:
        pixels, self.window = source.shown_with(frame, self.window)
        return Picture(pixels, _description(source.dataset, place, frames))


def _number_of_frames(dataset: Dataset) -> int:
    return max(1, int(number(dataset, "NumberOfFrames", 1.0)))


def _picture(item: SeriesObject, task: Task) -> Picture:
    head = read_head(item)
    task.raise_if_cancelled()
    _check_size(head.dataset, item.label)
    frames = _number_of_frames(head.dataset)
    if frames > 1 and item.size > _WHOLE_BYTES and head.pixels >= 0:
        dataset, frame, place = _with_one_frame(item, head, frames)
    else:
        if item.size > MAX_OBJECT_BYTES:
            raise TooLargeError(item.size)
        dataset = _whole(head.data + item.read(len(head.data), item.size), item.label)
        frame = place = frames // 2
    task.raise_if_cancelled()
    places = tile_places(dataset, frames, _MOST_TILES) if frames > 1 and frame == place else {}
    frames_of = _Frames(dataset, item.label, task)
    pixels = frames_of.put_together(places) if places else frames_of.shown(frame)
    return Picture(pixels, _description(dataset, place, 1 if places else frames))


def _check_size(dataset: Dataset, label: str) -> None:
    size = [int(number(dataset, keyword, 0.0)) for keyword in ("Rows", "Columns")]
    if min(size) < 1:
        raise ConversionError(f"{label} is not an image.")
    if size[0] * size[1] > MAX_PIXELS:
        raise ConversionError(f"{label} has {size[1]:,} x {size[0]:,} pixels, too many for a preview.")


def _whole(data: bytes, label: str) -> Dataset:
    return parse_dataset(io.BytesIO(data), label)


def _with_one_frame(item: SeriesObject, head: Head, frames: int, wanted: int | None = None) -> tuple[Dataset, int, int]:
    """The dataset with the pixels of one frame, its index in there, and which one of all it is: the one ``wanted``, else one in the middle."""
    big, implicit = head.data[head.pixels : head.pixels + 1] == b"\x7f", head.dataset.is_implicit_VR
    length_at = head.pixels + (4 if implicit else 8)
    (length,) = struct.unpack(">I" if big else "<I", item.read(length_at, length_at + 4))
    start, place = length_at + 4, frames // 2 if wanted is None else wanted
    dataset = head.dataset
    if length != 0xFFFFFFFF:
        size = length // frames
        if size > MAX_OBJECT_BYTES:
            raise TooLargeError(size)
        content = item.read(start + place * size, start + (place + 1) * size)
    else:
        place, content = _compressed_frame(item, dataset, start, frames, wanted)
    # The functional groups are those of all frames; the one frame keeps its own.
    groups = dataset.get("PerFrameFunctionalGroupsSequence")
    if groups and len(groups) > place:
        dataset.PerFrameFunctionalGroupsSequence = [groups[place]]
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        if keyword in dataset:
            del dataset[keyword]
    dataset.NumberOfFrames = 1
    # Float, Double Float or plain Pixel Data.
    tag = 0x7FE00000 | int.from_bytes(head.data[head.pixels + 2 : head.pixels + 4], "big" if big else "little")
    dataset.add_new(tag, _VRS.get(tag) or ("OB" if length == 0xFFFFFFFF or dataset.get("BitsAllocated") == 8 else "OW"), content)
    dataset[tag].is_undefined_length = length == 0xFFFFFFFF
    return dataset, 0, place


def _compressed_frame(item: SeriesObject, dataset: Dataset, start: int, frames: int, wanted: int | None = None) -> tuple[int, bytes]:
    """Which frame, and its fragments as pixel data of their own (PS3.5 A.4). Without an offset table the first frame is the only one found."""
    (size,) = struct.unpack("<I", item.read(start + 4, start + 8))
    first = start + 8 + size
    table, form = (item.read(start + 8, first), "I") if 0 < size <= 8 * frames else (bytes(dataset.get("ExtendedOffsetTable") or b""), "Q")
    width = 4 if form == "I" else 8
    offsets = list(struct.unpack(f"<{len(table) // width}{form}", table[: len(table) // width * width]))
    has_table = len(offsets) == frames and sorted(offsets) == offsets
    place = (frames // 2 if wanted is None else wanted) if has_table else 0
    if wanted and not has_table:
        raise ConversionError(f"{item.label} has no table of its frames; download the series to see more than the first one.")
    if place:
        begin, end = first + offsets[place], first + offsets[place + 1] if place + 1 < frames else item.size
    else:
        (length,) = struct.unpack("<I", item.read(first + 4, first + 8))
        begin, end = first, first + 8 + length
    if end - begin > MAX_OBJECT_BYTES:
        raise TooLargeError(end - begin)
    fragments = item.read(begin, end)
    if fragments[:4] != _ITEM:
        raise ConversionError(f"{item.label}: the offset table of the pixels does not fit them; the file is damaged.")
    return place, _ITEM + bytes(4) + fragments + b"\xfe\xff\xdd\xe0" + bytes(4)


class _Frames:
    """The frames of a data set that has its pixels, from 0."""

    def __init__(self, dataset: Dataset, label: str, task: Task) -> None:
        self._dataset = dataset
        self._label = label
        self._task = task
        self._is_color = is_color(dataset)

    @property
    def dataset(self) -> Dataset:
        """The data set."""
        return self._dataset

    def shown(self, frame: int) -> NDArray[np.uint8]:
        """One frame, as it is first seen."""
        return self.shown_with(frame, None)[0]

    def shown_with(self, frame: int, window: tuple[float, float] | None) -> tuple[NDArray[np.uint8], tuple[float, float] | None]:
        """One frame with the window that it states, else with ``window``, else with the usual one; and the window."""
        if self._is_color:
            return to_bytes(fitted(self._color(frame), _aspect(self._dataset))), window
        plane = self._gray(frame)
        used = plane.window if plane.states_window or window is None else window
        return windowed(fitted(plane.values, _aspect(self._dataset)), used, plane.inverted, plane.values.dtype.kind == "f"), used

    def put_together(self, places: dict[int, tuple[int, int]]) -> NDArray[np.uint8]:
        """All tiles of a slide at their places, as (row, column) of the first pixel."""
        size = int(self._dataset.TotalPixelMatrixRows), int(self._dataset.TotalPixelMatrixColumns)
        whole = np.full((*size, 3) if self._is_color else size, 255 if self._is_color else 0, np.float32)
        for frame, (row, column) in places.items():
            self._task.raise_if_cancelled()
            tile = self._color(frame) if self._is_color else self._gray(frame).values
            target = whole[row : row + tile.shape[0], column : column + tile.shape[1]]
            target[...] = tile[: target.shape[0], : target.shape[1]]
        if self._is_color:
            return to_bytes(fitted(whole))
        middle = self._gray(len(places) // 2)
        return windowed(fitted(whole), middle.window, middle.inverted)

    def _gray(self, frame: int) -> ShownPlane:
        try:
            stored = stored_plane(self._dataset, self._label, frame + 1, self._task)
        except ConversionError as error:
            raise ConversionError(_UNREADABLE.format(label=self._label)) from error
        return shown_plane(self._dataset, stored, frame + 1, self._label)

    def _color(self, frame: int) -> NDArray[Any]:
        """(rows, columns, 3), 0 to 255."""
        try:
            values = frame_pixels(self._dataset, frame, task=self._task)
            return rgb_of(self._dataset, values)
        except CancelledError:
            raise
        # Decoder plug-ins raise RuntimeError, ValueError, AttributeError, their own kinds...
        except Exception as error:
            raise ConversionError(_UNREADABLE.format(label=self._label)) from error


def _aspect(dataset: Dataset) -> float:
    """Height of a pixel over its width, from the spacing, else Pixel Aspect Ratio (0028,0034)."""
    for source in _with_measures(dataset):
        for keyword in (*_SPACINGS, "PixelAspectRatio"):
            pair = numbers(source, keyword, 2)
            if pair is not None and min(pair) > 0:
                return pair[0] / pair[1]
    return 1.0


def _with_measures(dataset: Dataset) -> list[Any]:
    found: list[Any] = []
    for keyword in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        groups = dataset.get(keyword) or []
        found += (groups[0].get("PixelMeasuresSequence") or [])[:1] if groups else []
    return [*found, dataset]


def _description(dataset: Dataset, place: int, frames: int) -> str:
    modality = text(dataset, "Modality") or "Image"
    if frames > 1:
        return f"{modality}, frame {place + 1:,} of {frames:,}"
    number = text(dataset, "InstanceNumber")
    return f"{modality}, image {number}" if number and "TotalPixelMatrixRows" not in dataset else modality
