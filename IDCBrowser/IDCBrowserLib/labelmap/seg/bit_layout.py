"""Where 1-bit frames begin: end to end as the standard says, or padded to whole bytes by writers that did not read it.

PS3.5 8.1.1 packs the pixels of all frames without a gap. Some writers begin each frame, or each segment's first frame, on a new byte. The length of
the pixel data tells where the three differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.dicom.dicom_file import DicomFile

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class BitLayout:
    """``first`` (F,) is the bit at which each frame begins, ``bits`` how many the frames need; ``warning`` is a sentence or empty."""

    first: NDArray[np.int64]
    bits: int
    warning: str = ""


def bit_layout(file: DicomFile, pixels: int, segments: NDArray[np.int32]) -> BitLayout | None:
    """How the native 1-bit frames of ``pixels`` each are laid out, ``segments`` (F,) naming the segment of each; None for other pixel data."""
    if file.pixels is None or file.pixels.undefined or file.root.unsigned(0x00280100) != 1:
        return None
    stored = file.pixels.stop - file.pixels.start
    count = len(segments)
    standard = BitLayout(np.arange(count) * pixels, count * pixels)
    if pixels % 8 == 0:
        return standard
    by_frame = _padded(pixels, np.ones(count, bool), "frame")
    by_segment = _padded(pixels, np.concatenate([[True], segments[1:] != segments[:-1]]), "segment")
    if _has_length(standard, stored):
        doubtful = any(_has_length(other, stored) and not np.array_equal(other.first, standard.first) for other in (by_segment, by_frame))
        return BitLayout(standard.first, standard.bits, _DOUBT) if doubtful else standard
    return next((other for other in (by_frame, by_segment) if _has_length(other, stored)), standard)


_DOUBT = (
    "The 1-bit frames do not end on whole bytes, and the length of the pixel data does not tell whether they are padded at the end of each segment, "
    "as some programs do; they are read without padding, as the standard says. Look whether the segments lie where they should."
)


def surplus_warning(file: DicomFile, pixels: int, layout: BitLayout | None, frames: int) -> str:
    """What to say about native pixel data that are longer than the header promises; "" where they are not."""
    if file.pixels is None or file.pixels.undefined:
        return ""
    bits = layout.bits if layout is not None else pixels * frames * (file.root.unsigned(0x00280100) or 8)
    needed, stored = (bits + 7) // 8, file.pixels.stop - file.pixels.start
    if stored <= needed + needed % 2:
        return ""
    return f"Pixel Data (7FE0,0010) has {stored:,} bytes where {needed:,} are needed; Rows, Columns or Number of Frames may be wrong."


def _padded(pixels: int, begins: NDArray[np.bool_], what: str) -> BitLayout:
    """``begins`` (F,): whether a frame begins on a new byte."""
    first = np.zeros(len(begins), np.int64)
    position = 0
    for index, is_new in enumerate(begins.tolist()):
        if is_new:
            position = (position + 7) // 8 * 8
        first[index] = position
        position += pixels
    warning = f"The 1-bit frames are padded to whole bytes for each {what}, against PS3.5 8.1.1; their length tells it, and they are read so."
    return BitLayout(first, position, warning)


def _has_length(layout: BitLayout, stored: int) -> bool:
    """Whether the pixel data are as long as that, up to the byte that makes the length even."""
    needed = (layout.bits + 7) // 8
    return needed <= stored <= needed + needed % 2
