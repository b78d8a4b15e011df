"""The masks of a labelmap's segments, each cut to where it has voxels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.compare.measures import Grid, Mask
from IDCBrowserLib.compare.surface import Box
from IDCBrowserLib.labelmap.types import Labelmap, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Masks:
    """One labelmap's. Where each label lies is looked up once, in one pass over each layer."""

    def __init__(self, labelmap: Labelmap) -> None:
        self._layers = labelmap.layers
        self._boxes = [boxes(layer) for layer in labelmap.layers]

    def of(self, segment: Segment) -> Mask:
        """The voxels of one segment."""
        box = self._boxes[segment.layer].get(segment.label_value)
        if box is None:
            return Mask(None, None)
        return Mask(box, self._layers[segment.layer][box] == segment.label_value)


def boxes(layer: NDArray[Any]) -> Mapping[int, Box]:
    """Label value -> the smallest box (k, j, i) with all of its voxels; ``layer`` holds integers from 0 on."""
    from scipy.ndimage import find_objects

    if layer.dtype.itemsize > 2 and int(layer.max(initial=0)) > 0xFFFF:
        # A table of so many labels would be mostly empty.
        labels, numbered = np.unique(layer, return_inverse=True)
        first = int(labels[0] == 0)
        found = find_objects(numbered.reshape(layer.shape) + (1 - first))
        return {int(label): box for label, box in zip(labels[first:], found, strict=True)}
    return {label: box for label, box in enumerate(find_objects(layer), 1) if box is not None}


def grid_of(labelmap: Labelmap) -> Grid:
    """Lengths and volumes of a labelmap; where slices differ in thickness, each has its volume."""
    geometry = labelmap.geometry
    volumes = np.full(geometry.shape[0], geometry.voxel_volume_mm3)
    if labelmap.slice_thicknesses:
        volumes *= np.array(labelmap.slice_thicknesses) / geometry.slice_step
    return Grid(geometry.shape, geometry.index_to_lps()[:3, :3], volumes)
