"""The compressed frames of a pydicom data set, whose fragments are found once: pydicom looks for each frame from the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.fragments import Ending, Span, basic_offsets, extended_offsets, grouped, items_of
from IDCBrowserLib.dicom.isolated import Allowance

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_KEY = "_idc_browser_packed_frames"
# Of objects whose fragments fit no table, which pydicom may still make sense of.
_MOST_ODD_FRAMES = 100


class PackedFrames:
    """``code(index)`` counts from 0. ``allowance`` is for decoding all of them."""

    def __init__(self, dataset: Dataset) -> None:
        self.pixels: bytes = dataset.PixelData
        self.allowance = Allowance()
        self._count = int(dataset.get("NumberOfFrames") or 1)
        self._extended = [dataset.get(keyword) or b"" for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")]
        self._frames = self._found()

    def code(self, index: int) -> bytes:
        """The fragments of a frame together; raises ``ValueError`` where they cannot be told, and whatever pydicom runs into."""
        if self._frames is not None:
            return b"".join(self.pixels[begin:end] for begin, end in self._frames[index])
        if self._count > _MOST_ODD_FRAMES:
            raise ValueError(f"the fragments do not fit {self._count:,} frames")
        from pydicom.encaps import get_frame

        extended = (self._extended[0], self._extended[1]) if all(self._extended) else None
        return get_frame(self.pixels, index, number_of_frames=self._count, extended_offsets=extended)

    def _found(self) -> list[list[Span]] | None:
        items, ending = items_of(self.pixels, 0, len(self.pixels))
        if ending is Ending.DAMAGED or len(items) <= self._count:
            return None
        return grouped(items, self._count, lambda: basic_offsets(self.pixels, items[0]) or extended_offsets(self._extended[0]))


def packed_frames(dataset: Dataset) -> PackedFrames:
    """Of a data set with its pixels, found at the first call."""
    known: PackedFrames | None = dataset.__dict__.get(_KEY)
    if known is None or known.pixels is not dataset.PixelData:
        known = dataset.__dict__[_KEY] = PackedFrames(dataset)
    return known
