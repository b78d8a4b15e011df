"""Warnings about the parts of a SEG that are in no labelmap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.labelmap.seg.frame_places import FramePlaces
    from IDCBrowserLib.labelmap.seg.frames import FrameTable
    from IDCBrowserLib.labelmap.seg.header import SegHeader
    from IDCBrowserLib.labelmap.seg.pixels import FramePixels

# Frames that are decoded for counting.
_MOST_COUNTED = 1000
_SENTENCES = {
    Why.OUTSIDE: "are outside the images and were skipped{}.",
    Why.ABSENT: "name images that are not among those given and were skipped{}; the SEG's own grid holds them.",
    Why.COVERED: "were skipped{}: another frame of their segment is nearer to the slice.",
}

_WITHOUT_PLACE = "state no position, name images that are not among those given, and were skipped{}."


def left_out_warnings(seg: SegHeader, frames: FrameTable, places: FramePlaces, pixels: FramePixels, options: ConvertOptions) -> Iterator[str]:
    """A sentence for each reason; of segments that were not asked for nothing is said, nor read."""
    wanted = np.ones(frames.count, bool)
    if options.segments is not None and seg.kind != "LABELMAP":
        wanted = np.isin(frames.segment, sorted(options.segments))
    for why, sentence in _SENTENCES.items():
        own = np.flatnonzero(places.is_why(why) & wanted)
        lacks_place = frames.lacks_place[frames.plane[own]] if why is Why.ABSENT else np.zeros(len(own), bool)
        for part, said in ((own[~lacks_place], sentence), (own[lacks_place], _WITHOUT_PLACE)):
            if len(part):
                yield f"{len(part):,} of {frames.count:,} frames {said.format(_how_many(seg, part, pixels, options))}"


def _how_many(seg: SegHeader, frames: NDArray[np.int64], pixels: FramePixels, options: ConvertOptions) -> str:
    return f" ({human_count(_voxels(seg, frames, pixels, options), 'voxel', 'voxels')})" if len(frames) <= _MOST_COUNTED else ""


def _voxels(seg: SegHeader, frames: NDArray[np.int64], pixels: FramePixels, options: ConvertOptions) -> int:
    if seg.kind == "LABELMAP":
        return sum(int(np.count_nonzero(pixels.values(frame) != seg.background)) for frame in frames.tolist())
    threshold = seg.threshold(options)
    return sum(int(np.count_nonzero(pixels.values(frame) >= threshold)) for frame in frames.tolist())
