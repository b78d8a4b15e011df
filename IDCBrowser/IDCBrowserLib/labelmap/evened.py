"""A labelmap on images at varying distances, brought onto the even grid that those are shown on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.layers import overlapping_voxels
from IDCBrowserLib.labelmap.types import Labelmap

if TYPE_CHECKING:
    from IDCBrowserLib.volume.image_grid import ImageGrid


def told_uneven(labelmap: Labelmap, grid: ImageGrid | None, *, even: bool) -> Labelmap:
    """``labelmap`` on the slices of ``grid``: on an even grid where ``even`` asks for it, else with a warning that its geometry approximates.

    Volumes in mm3 stay those of the slices as thick as they are; voxels are counted anew.
    """
    if grid is None or grid.is_regular:
        return labelmap
    if not even:
        mean = f"{labelmap.geometry.spacing[2]:.4g} mm"
        what = "image" if grid.series_uid else "plane of contours"
        said = f"The labelmap has a slice for each {what}. Its header can state only one distance, {mean}; an even grid (--even) shows true places."
        return replace(labelmap, warnings=(*labelmap.warnings, said))
    from IDCBrowserLib.volume.even import even_grid

    onto = even_grid(grid)
    assert onto is not None
    layers = tuple(onto.nearest(layer) for layer in labelmap.layers)
    segments = tuple(replace(segment, voxels=int(np.count_nonzero(layers[segment.layer] == segment.label_value))) for segment in labelmap.segments)
    return replace(
        labelmap,
        layers=layers,
        geometry=onto.geometry,
        segments=segments,
        overlapping_voxels=overlapping_voxels(layers) if len(layers) > 1 else labelmap.overlapping_voxels,
        warnings=(*labelmap.warnings, onto.warning),
        slice_thicknesses=(),
    )
