"""Some segments of a SEG that lies elsewhere: its header, and the frames of these segments alone.

They are put where they belong into a file as long as the whole one, whose other parts are empty. Only a conversion of these segments reads it; it
does not go into a store, and it is deleted afterward.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.in_parts import Parts, read_exactly, read_header
from IDCBrowserLib.dicom.transfer_syntax import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from IDCBrowserLib.errors import InputError, StorageError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.bit_layout import bit_layout
from IDCBrowserLib.labelmap.seg.frames import SHARED, FrameTable, read_frames
from IDCBrowserLib.labelmap.seg.header import SegHeader, is_on_slide, open_seg
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Asking for another part takes as long as so many bytes.
_GAP = 1 << 16
_LONGEST = 8 << 20
_MOST_PARTS = 1000


@dataclass(frozen=True)
class SegHead:
    """The header of a SEG elsewhere. ``ranges`` of its pixel data by segment; ``why_whole`` is a sentence where it can be had as a whole only."""

    item: Parts
    seg: SegHeader
    frames: FrameTable
    data: bytes
    why_whole: str

    @cached_property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of each frame the first byte of the file, and the last + 1."""
        assert self.seg.file.pixels is not None, "others can be had as a whole only"
        pixels, bits = self.frames.rows * self.frames.columns, self.seg.root.unsigned(0x00280100) or 1
        layout = bit_layout(self.seg.file, pixels, self.frames.segment)
        first: NDArray[np.int64] = np.arange(self.frames.count, dtype=np.int64) * pixels * bits if layout is None else layout.first
        begin = self.seg.file.pixels.start
        return first // 8 + begin, (first + pixels * bits + 7) // 8 + begin

    def bytes_of(self, numbers: Collection[int]) -> int:
        """How many bytes of the file the frames of these segments are."""
        return sum(stop - start for start, stop in ranges_of(self, numbers)) if not self.why_whole else self.item.size


@dataclass(frozen=True)
class FetchedSegments:
    """``path`` of the file with holes; ``bytes_read`` of the ``size`` that the whole has, its header included."""

    path: Path
    bytes_read: int
    size: int


def read_seg_head(item: Parts, here: str | Path = "") -> SegHead | None:
    """Kind, segments and frames of a SEG, by its header; None for one that was drawn on a slide (see ``SlideMatrix``). ``here`` is its path on this
    computer. Raises ``ConversionError``, ``TransferError``.
    """
    beginning, begun = read_header(item, here, SHARED)
    if is_on_slide(beginning.root):
        return None
    file, data = read_header(item, here, begun=begun)
    seg = open_seg(file)
    return SegHead(item, seg, read_frames(seg.root, seg.kind == "LABELMAP"), data, _why_whole(seg))


def _why_whole(seg: SegHeader) -> str:
    if seg.kind == "LABELMAP":
        return "It is a label map: every frame holds all segments."
    if seg.file.transfer_syntax == EXPLICIT_BIG:
        return "It is written in Explicit VR Big Endian."
    if seg.file.transfer_syntax not in (EXPLICIT_LITTLE, IMPLICIT_LITTLE) or seg.file.pixels is None or seg.file.pixels.undefined:
        return "It is compressed."
    return ""


def ranges_of(head: SegHead, numbers: Collection[int]) -> list[tuple[int, int]]:
    """The parts of the file, first and last + 1, that hold the frames of these segments; those near each other in one."""
    chosen = np.isin(head.frames.segment, sorted(numbers))
    starts, stops = head.places
    found: list[tuple[int, int]] = []
    for start, stop in sorted(zip(starts[chosen].tolist(), stops[chosen].tolist(), strict=True)):
        if found and start - found[-1][1] <= _GAP:
            found[-1] = found[-1][0], max(stop, found[-1][1])
        else:
            found.append((start, stop))
    return found


def fetch_segments(head: SegHead, numbers: Collection[int], path: Path, task: Task) -> FetchedSegments:
    """Write the file with holes to ``path``, which is not there yet.

    Raises ``NotFoundError`` for segments that it does not have, ``InputError`` where it can be had as a whole only, ``TransferError`` where a part
    has another length than asked for, ``StorageError``. Nothing is left behind then.
    """
    chosen = frozenset(numbers)
    head.seg.chosen(ConvertOptions(segments=chosen))
    if head.why_whole:
        raise InputError(f"{head.item.label} can be had as a whole only. {head.why_whole} Download it, then choose segments.")
    parts = [(at, min(at + _LONGEST, stop)) for start, stop in ranges_of(head, chosen) for at in range(start, stop, _LONGEST)]
    if len(parts) > _MOST_PARTS:
        raise InputError(f"The frames of these segments lie in {len(parts):,} places of {head.item.label}. Download it, then choose segments.")
    total, done = sum(stop - start for start, stop in parts), 0
    try:
        with path.open("xb") as file:
            file.truncate(head.item.size)
            file.write(head.data)
            for start, stop in parts:
                task.raise_if_cancelled()
                task.report(Progress("Fetching segments", done, total, "B"))
                file.seek(start)
                file.write(read_exactly(head.item, start, stop))
                done += stop - start
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StorageError(f"{path} cannot be written ({error.strerror or error}). Free some disk space.") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FetchedSegments(path, len(head.data) + total, head.item.size)
