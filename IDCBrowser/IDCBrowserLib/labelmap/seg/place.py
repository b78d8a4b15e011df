"""On which grids a SEG becomes voxels: its own, or those of the images it was drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.seg.frames import FrameTable
from IDCBrowserLib.labelmap.seg.header import SegHeader
from IDCBrowserLib.labelmap.seg.own_grids import place_on_own_grids
from IDCBrowserLib.labelmap.seg.placement import Placement
from IDCBrowserLib.labelmap.seg.stacks import plane_axes
from IDCBrowserLib.volume.vectors import distinct

if TYPE_CHECKING:
    from IDCBrowserLib.volume.image_grid import ImageGrid


def place(seg: SegHeader, frames: FrameTable, grids: Sequence[ImageGrid] | None, options: ConvertOptions) -> list[Placement]:
    """On the SEG's own grid or on those of the images it refers to, as ``options.grid`` asks: one placement per grid and phase.

    Raises ``ConversionError``, ``InputError``.
    """
    for orientation in distinct(frames.orientations, axis=0):
        plane_axes(orientation, seg.path)
    on_images = options.grid == "images" or (options.grid == "auto" and grids is not None)
    if not on_images:
        return place_on_own_grids(seg, frames)
    if not grids:
        raise InputError(f"{seg.path} is to be placed on the images, but none were given. Give their folder, or convert on the SEG's own grid.")
    from IDCBrowserLib.labelmap.seg.image_grids import place_on_images

    return place_on_images(seg, frames, grids)
