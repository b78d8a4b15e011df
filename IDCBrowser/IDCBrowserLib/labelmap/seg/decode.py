"""Frames of a SEG to label layers: stored slices in, arrays (k, j, i) out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.layers import label_dtype, overlapping_voxels
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.packing import PackedLayers, Run
from IDCBrowserLib.labelmap.seg.pixels import FramePixels, packed_masks
from IDCBrowserLib.labelmap.types import Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.vectors import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bytes of packed mask looked at in one step: the temporary arrays of a step stay below some 50 MB even when every voxel is set.
_STEP_BYTES = 1 << 20


@dataclass(frozen=True)
class Decoded:
    """Layers (k, j, i), and for each segment number its layer and how many voxels it has."""

    layers: tuple[NDArray[Any], ...]
    layer_of: dict[int, int]
    voxels: dict[int, int]
    overlapping_voxels: int = 0
    warnings: tuple[str, ...] = ()


def check_memory(shape: tuple[int, int, int], item_size: int, path: str) -> None:
    """Raise ``ConversionError`` for a result that this computer cannot hold; before anything is allocated."""
    needed = shape[0] * shape[1] * shape[2] * item_size
    if needed > _physical_memory() * 0.8:
        raise ConversionError(
            f"{path}: The labelmap volume of {shape[0]:,} x {shape[1]:,} x {shape[2]:,} voxels "
            f"needs {needed / 1e9:,.0f} GB, more than this computer has."
        )


def _physical_memory() -> int:
    try:
        return int(os.sysconf("SC_PAGE_SIZE")) * int(os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return 16_000_000_000


def decode_masks(
    frames: FrameTable,
    slice_of_frame: NDArray[np.int64],
    slices: int,
    pixels: FramePixels,
    *,
    segments: Iterable[Segment],
    threshold: int,
    one_layer: bool,
    task: Task,
) -> Decoded:
    """BINARY and FRACTIONAL: each frame is the mask of one segment. ``slice_of_frame`` is -1 for frames that are skipped.

    ``threshold`` is the smallest stored value that counts as a voxel. ``one_layer``: where segments overlap the highest label stays.
    """
    wanted = sorted(segments, key=lambda segment: segment.label_value)
    dtype = label_dtype(max((segment.label_value for segment in wanted), default=1))
    stack = PackedLayers(slices, frames.rows * frames.columns, dtype, merged=one_layer)
    layer_of: dict[int, int] = {}
    voxels: dict[int, int] = {}
    duplicated = 0
    done = 0
    for segment in wanted:
        task.raise_if_cancelled()
        task.report(Progress("Reading segments", done, frames.count, "frames"))
        own = np.flatnonzero((frames.segment == segment.number) & (slice_of_frame >= 0))
        runs = _Runs(own, slice_of_frame[own], pixels, bytes_per_slice=stack.bytes_per_slice, threshold=threshold, task=task)
        layer_of[segment.number], voxels[segment.number] = stack.add(segment.label_value, runs)
        duplicated += runs.duplicated
        done += len(own)
    warnings = (f"{duplicated:,} frames show a segment on a slice where it has another frame; their voxels were united.",) if duplicated else ()
    layers = stack.arrays(frames.rows, frames.columns)
    return Decoded(layers, layer_of, voxels, stack.overlapping_voxels() if one_layer else overlapping_voxels(layers), warnings)


class _Runs:
    """The runs of one segment; made anew at each iteration, so that they are never all in memory."""

    def __init__(
        self, frames: NDArray[np.int64], slices: NDArray[np.int64], pixels: FramePixels, *, bytes_per_slice: int, threshold: int, task: Task
    ) -> None:
        order = np.argsort(slices, kind="stable")
        frames, slices = frames[order], slices[order]
        same = np.diff(slices) == 0
        self.duplicated = int(np.count_nonzero(same))
        shared = np.zeros(len(slices), bool)
        shared[1:] |= same
        shared[:-1] |= same
        # In the order in which they are stored, so that the file is read in one go and without copies.
        stored = np.argsort(frames[~shared])
        self._single, self._slices = frames[~shared][stored], slices[~shared][stored]
        self._shared = [frames[slices == k] for k in distinct(slices[shared])]
        self._shared_slices = distinct(slices[shared])
        self._pixels, self._threshold, self._task = pixels, threshold, task
        self._step = max(1, _STEP_BYTES // bytes_per_slice)

    def __iter__(self) -> Iterator[Run]:
        for begin in range(0, len(self._single), self._step):
            self._task.raise_if_cancelled()
            chunk = slice(begin, begin + self._step)
            yield Run(packed_masks(self._pixels, self._single[chunk], self._threshold), self._slices[chunk])
        for frames, k in zip(self._shared, self._shared_slices, strict=True):
            self._task.raise_if_cancelled()
            masks = [packed_masks(self._pixels, frame, self._threshold) for frame in frames.reshape(-1, 1)]
            yield Run(np.bitwise_or.reduce(masks), np.array([k]))


class LabelTable:
    """Stored values of a LABELMAP to labels. ``values`` maps every value that may occur to its segment, or None for what is skipped."""

    def __init__(self, values: dict[int, Segment | None], path: str) -> None:
        self.chosen = {value: segment for value, segment in values.items() if segment is not None}
        self.dtype = label_dtype(max((segment.label_value for segment in self.chosen.values()), default=1))
        self._path = path
        self._table = np.zeros(max(values, default=0) + 1, self.dtype)
        for value, segment in self.chosen.items():
            self._table[value] = segment.label_value
        self._is_identity = all(value in self.chosen and self.chosen[value].label_value == value for value in values if value)
        self._described = np.zeros(65536, bool)
        self._described[list(values)] = True

    def counted(self, stored: NDArray[Any], frame: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Labels of a frame, and how often each stored value occurs. Raises ``ConversionError`` for one that no segment describes."""
        found = np.bincount(stored.reshape(-1))
        unknown = np.flatnonzero((found > 0) & ~self._described[: len(found)])
        if len(unknown):
            raise ConversionError(
                f"{self._path}: Frame {frame + 1} holds the value {unknown[0]}, which Segment Sequence (0062,0002) does not describe."
            )
        return stored if self._is_identity else self._table[stored], found

    def labels(self, stored: NDArray[Any], frame: int) -> NDArray[Any]:
        """Labels alone, in ``dtype``."""
        return self.counted(stored, frame)[0].astype(self.dtype, copy=False)


def decode_labels(
    frames: FrameTable,
    slice_of_frame: NDArray[np.int64],
    slices: int,
    pixels: FramePixels,
    *,
    values: dict[int, Segment | None],
    task: Task,
    path: str,
) -> Decoded:
    """LABELMAP: each stored value is a segment number. ``values`` maps every value that may occur to its segment, or None for what is skipped.

    Raises ``ConversionError`` for a value that no segment describes.
    """
    table = LabelTable(values, path)
    layer = np.zeros((slices, frames.rows, frames.columns), table.dtype)
    filled = np.zeros(slices, bool)
    counts = np.zeros(65536, np.int64)
    duplicated = 0
    for frame in np.flatnonzero(slice_of_frame >= 0).tolist():
        task.raise_if_cancelled()
        task.report(Progress("Reading frames", frame, frames.count, "frames"))
        stored = pixels.values(frame)
        labels, found = table.counted(stored, frame)
        target = layer[int(slice_of_frame[frame])]
        if filled[slice_of_frame[frame]]:
            duplicated += 1
            np.maximum(target, labels, out=target, casting="unsafe")
        else:
            target[...] = labels
            counts[: len(found)] += found
        filled[slice_of_frame[frame]] = True
    if duplicated:
        counts = np.bincount(layer.reshape(-1), minlength=65536)
        voxels = {segment.number: int(counts[segment.label_value]) for segment in table.chosen.values()}
    else:
        voxels = {segment.number: int(counts[value]) for value, segment in table.chosen.items()}
    warnings = (f"{duplicated:,} frames lie on a slice that another frame shows; the highest label stays.",) if duplicated else ()
    return Decoded((layer,), dict.fromkeys(voxels, 0), voxels, 0, warnings)


def recount(layers: tuple[NDArray[Any], ...], segments: Iterable[Segment], layer_of: dict[int, int]) -> dict[int, int]:
    """Voxels per segment number, counted in the layers."""
    counts = [_count_labels(layer) for layer in layers]
    return {segment.number: int(counts[layer_of[segment.number]][segment.label_value]) for segment in segments}


def _count_labels(layer: NDArray[Any]) -> NDArray[np.int64]:
    size = int(np.iinfo(layer.dtype).max) + 1
    counts = np.zeros(size, np.int64)
    for plane in layer:
        counts += np.bincount(plane.reshape(-1), minlength=size)
    return counts
