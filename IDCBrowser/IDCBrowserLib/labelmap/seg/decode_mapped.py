"""Frames that do not lie on the very pixels of their slices: each is moved to where it lies. Slower than ``decode``, for any kind of SEG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
from IDCBrowserLib.labelmap.seg.decode import Decoded, LabelTable, recount
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.labelmap.seg.frames import FrameTable
    from IDCBrowserLib.labelmap.seg.mapping import PlaneMap
    from IDCBrowserLib.labelmap.seg.pixels import FramePixels
    from IDCBrowserLib.labelmap.seg.placement import Placement
    from IDCBrowserLib.labelmap.types import Segment


class MappedFrames:
    """The frames of one placement, whose ``maps`` are not None."""

    def __init__(self, frames: FrameTable, placement: Placement, pixels: FramePixels, task: Task) -> None:
        assert placement.maps is not None
        self._frames, self._placement, self._pixels, self._task = frames, placement, pixels, task
        self._maps: dict[int, PlaneMap] = placement.maps
        self._shape = (placement.stored, placement.geometry.shape[1], placement.geometry.shape[2])
        self._lost = 0

    def masks(self, chosen: dict[int, Segment], threshold: int) -> Decoded:
        """BINARY and FRACTIONAL: stored values from ``threshold`` on are voxels of the frame's segment."""
        stack = LayerStack(self._shape, _dtype(chosen))
        layer_of: dict[int, int] = {}
        voxels: dict[int, int] = {}
        for number, segment in sorted(chosen.items(), key=lambda item: item[1].label_value):
            mask = np.zeros(self._shape, np.bool_)
            own = self._placement.frames
            for frame in own[self._frames.segment[own] == number].tolist():
                values = self._stored(frame) >= threshold
                mask[self._placement.slice_of_frame[frame]] |= self._placed(frame, values)
            layer_of[number] = stack.add(segment.label_value, mask)
            voxels[number] = int(np.count_nonzero(mask))
        return Decoded(stack.layers, layer_of, voxels, stack.overlapping_voxels(), self._warnings())

    def labels(self, chosen: dict[int, Segment], values: dict[int, Segment | None], path: str) -> Decoded:
        """LABELMAP: stored values are segment numbers. Where two frames meet the highest label stays."""
        table = LabelTable(values, path)
        layer: NDArray[Any] = np.zeros(self._shape, table.dtype)
        for frame in self._placement.frames.tolist():
            target = layer[int(self._placement.slice_of_frame[frame])]
            np.maximum(target, self._placed(frame, table.labels(self._stored(frame), frame)), out=target)
        layer_of = dict.fromkeys(chosen, 0)
        return Decoded((layer,), layer_of, recount((layer,), chosen.values(), layer_of), 0, self._warnings())

    def fractions(self, number: int, largest: int) -> NDArray[np.float32]:
        """FRACTIONAL: the stored values of one segment as parts of ``largest``."""
        out = np.zeros(self._shape, np.float32)
        own = self._placement.frames
        for frame in own[self._frames.segment[own] == number].tolist():
            target = out[int(self._placement.slice_of_frame[frame])]
            np.maximum(target, self._placed(frame, self._stored(frame).astype(np.float32) / np.float32(largest)), out=target)
        return out

    def _stored(self, frame: int) -> NDArray[Any]:
        self._task.raise_if_cancelled()
        self._task.report(Progress("Reading frames", frame, self._frames.count, "frames"))
        return self._pixels.values(frame)

    def _placed(self, frame: int, values: NDArray[Any]) -> NDArray[Any]:
        self._lost += self._maps[frame].outside(values != 0)
        return self._maps[frame].place(values)

    def _warnings(self) -> tuple[str, ...]:
        return lost_warning(self._lost)


def lost_warning(count: int) -> tuple[str, ...]:
    """What to say about voxels that the images have no place for."""
    return (f"{human_count(count, 'voxel', 'voxels')} of the SEG are outside the images and were skipped.",) if count else ()


def _dtype(chosen: dict[int, Segment]) -> np.dtype[Any]:
    return label_dtype(max((segment.label_value for segment in chosen.values()), default=1))
