"""Frames that do not state where they are, put where the images are that they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.labelmap.seg.frames import FrameTable, Reference
from IDCBrowserLib.volume.tolerances import SAME_NAMED_PLACE_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.dicom.stream import Stream
    from IDCBrowserLib.volume.image_grid import ImageGrid


def borrowed(frames: FrameTable, grids: Sequence[ImageGrid], stream: Stream) -> FrameTable:
    """``frames`` with position, orientation and pixel spacing of the named image wherever a frame states none of its own.

    A frame that names no image among those given stays as it is. Raises ``ConversionError`` where a frame without a position names images at
    several places.
    """
    lacks = frames.lacks_place
    if not lacks.any():
        return frames
    named = _images_by_name(grids)
    plane = frames.plane.copy()
    stated = np.hstack([frames.positions, frames.orientations, frames.pixel_spacings])
    rows = list(stated)
    origin = list(range(len(rows)))
    known: dict[tuple[int, tuple[float, ...]], int] = {}
    for frame in np.flatnonzero(lacks[frames.plane]).tolist():
        own = int(frames.plane[frame])
        image = _image_of(stated[own], [place for reference in frames.images_of(frame) for place in named[reference]], frame, stream)
        if image is None:
            continue
        key = own, tuple(image.tolist())
        if key not in known:
            known[key] = len(rows)
            rows.append(np.where(np.isnan(stated[own]), image, stated[own]))
            origin.append(own)
        plane[frame] = known[key]
    used, plane_of = np.unique(plane, return_inverse=True)
    table, source = np.array(rows)[used], np.array(origin)[used]
    return replace(
        frames,
        plane=plane_of.reshape(-1).astype(np.int32),
        positions=table[:, :3],
        orientations=table[:, 3:9],
        pixel_spacings=table[:, 9:],
        thicknesses=frames.thicknesses[source],
        spacings_between_slices=frames.spacings_between_slices[source],
    )


def _images_by_name(grids: Sequence[ImageGrid]) -> defaultdict[Reference, list[NDArray[np.float64]]]:
    """For each image that a frame may name: position (3), orientation (6), pixel spacing (2: between rows, between columns)."""
    found: defaultdict[Reference, list[NDArray[np.float64]]] = defaultdict(list)
    for grid in grids:
        i, j, _ = grid.geometry.directions
        across, down, _ = grid.geometry.spacing
        for image in grid.present_slices:
            place = np.array([*image.position, *i, *j, down, across])
            for number in (0, image.frame_number):
                found[image.sop_instance_uid, number].append(place)
    return found


def _image_of(stated: NDArray[np.float64], images: list[NDArray[np.float64]], frame: int, stream: Stream) -> NDArray[np.float64] | None:
    if not images:
        return None
    if not np.isnan(stated[:3]).any():
        return min(images, key=lambda image: float(np.linalg.norm(image[:3] - stated[:3])))
    if max(float(np.linalg.norm(image[:3] - images[0][:3])) for image in images) > SAME_NAMED_PLACE_MM:
        stream.fail(
            f"Frame {frame + 1} states no Image Position (Patient) (0020,0032) and names images at several places, so its own is unknown. "
            "Report it to whoever made the file."
        )
    return images[0]
