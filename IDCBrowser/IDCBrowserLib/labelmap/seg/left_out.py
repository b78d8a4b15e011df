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
    """A sentence for each reason."""
    for why, sentence in _SENTENCES.items():
        own = np.flatnonzero(places.is_why(why))
        if not len(own):
            continue
        voxels = ""
        if len(own) <= _MOST_COUNTED:
            voxels = f" ({human_count(_voxels(seg, own, pixels, options), 'voxel', 'voxels')})"
        has_no_place = why is Why.ABSENT and frames.lacks_place[frames.plane[own]].any()
        yield f"{len(own):,} of {frames.count:,} frames {(_WITHOUT_PLACE if has_no_place else sentence).format(voxels)}"


def _voxels(seg: SegHeader, frames: NDArray[np.int64], pixels: FramePixels, options: ConvertOptions) -> int:
    if seg.kind == "LABELMAP":
        return sum(int(np.count_nonzero(pixels.values(frame) != seg.background)) for frame in frames.tolist())
    threshold = seg.threshold(options)
    return sum(int(np.count_nonzero(pixels.values(frame) >= threshold)) for frame in frames.tolist())
