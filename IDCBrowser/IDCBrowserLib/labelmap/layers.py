"""Segments that may overlap, packed into as few label arrays as greedy placing needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


def label_dtype(largest_label: int) -> np.dtype[Any]:
    """The smallest unsigned integer type that holds the label."""
    return np.min_scalar_type(largest_label)


class LayerStack:
    """Layers of shape (k, j, i). A segment goes whole into the first layer where it meets no other; otherwise a new layer is added.

    The order of adding decides which layer a segment gets: add them by ascending number to get the same result every time.
    """

    def __init__(self, shape: tuple[int, int, int], dtype: DTypeLike) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._layers: list[NDArray[Any]] = [np.zeros(shape, self.dtype)]

    @property
    def layers(self) -> tuple[NDArray[Any], ...]:
        """The arrays, at least one."""
        return tuple(self._layers)

    def layer(self, index: int) -> NDArray[Any]:
        """The array of a layer; ``index`` may be one past the last, which adds an empty layer."""
        if index == len(self._layers):
            self._layers.append(np.zeros(self.shape, self.dtype))
        return self._layers[index]

    def __len__(self) -> int:
        return len(self._layers)

    def add(self, label_value: int, mask: NDArray[np.bool_], corner: tuple[int, int, int] = (0, 0, 0)) -> int:
        """Write ``label_value`` where ``mask`` (k, j, i) is True, its first voxel at ``corner`` (k, j, i); gives the layer's index.

        The mask, placed at its corner, must lie inside ``shape``.
        """
        box = tuple(slice(first, first + size) for first, size in zip(corner, mask.shape, strict=True))
        for index in range(len(self._layers) + 1):
            part = self.layer(index)[box]
            if not _meets(part, mask):
                np.copyto(part, label_value, where=mask)
                return index
        raise AssertionError("unreachable: a new layer is empty")

    def overlapping_voxels(self) -> int:
        """How many voxels belong to more than one segment."""
        return overlapping_voxels(self.layers)


def overlapping_voxels(layers: tuple[NDArray[Any], ...]) -> int:
    """How many voxels are set in more than one layer; slice by slice, so that it needs no memory to speak of."""
    if len(layers) < 2:
        return 0
    total = 0
    seen, again, twice = (np.empty(layers[0].shape[1:], np.bool_) for _ in range(3))
    for first, *others in zip(*layers, strict=True):
        np.not_equal(first, 0, out=seen)
        twice.fill(False)
        for plane in others:
            twice |= np.logical_and(plane, seen, out=again)
            np.logical_or(plane, seen, out=seen)
        total += int(np.count_nonzero(twice))
    return total


def _meets(part: NDArray[Any], mask: NDArray[np.bool_]) -> bool:
    return any(bool(np.logical_and(plane, chosen).any()) for plane, chosen in zip(part, mask, strict=True))
