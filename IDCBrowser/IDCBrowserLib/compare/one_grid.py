"""Segmentations on one grid, or a sentence that says why they cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from IDCBrowserLib.compare.placing import Placement, moved, placement, spanned
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.volume.geometry import Geometry

_ON_IMAGES = "Compare SEG and RTSTRUCT on the grid of their images (on the command line, --images names their folder)"


@dataclass(frozen=True)
class Compared:
    """A segmentation under the ``name`` that the user knows it by. ``is_whole``: its grid is that of a whole image, not a part of it."""

    name: str
    labelmap: Labelmap
    is_whole: bool

    @property
    def short_name(self) -> str:
        """Without folders, for sentences."""
        return Path(self.name).name or self.name


def on_one_grid(compared: Sequence[Compared]) -> tuple[list[Compared], list[str]]:
    """All of them on one grid, and sentences about what was lost on the way.

    Those that span a whole image decide the grid, and have to be of one size; what holds only a part of an image (a SEG on its own grid, Slicer's
    segmentation files) is placed on it by whole voxels. Raises ``InputError`` for other frames of reference, other grids and other sizes.
    """
    _check_frames_of_reference(compared)
    base = next((one for one in compared if one.is_whole), compared[0])
    places = [_placement(one, base) for one in compared]
    for one, place in zip(compared, places, strict=True):
        if one.is_whole and not place.fills(base.labelmap.geometry.shape):
            raise InputError(f"{_size(base)} and {_size(one)} of the same image have other sizes. Compare label files that were made on one image.")
    target = base.labelmap.geometry if base.is_whole else spanned(base.labelmap.geometry, places)
    if not base.is_whole:
        places = [_placement(one, base, target) for one in compared]
    return _moved(compared, places, target)


def _moved(compared: Sequence[Compared], places: Sequence[Placement], target: Geometry) -> tuple[list[Compared], list[str]]:
    found, notes = [], []
    for one, place in zip(compared, places, strict=True):
        labelmap, lost = moved(one.labelmap, place, target)
        if lost:
            notes.append(f"{lost:,} voxels of {one.short_name} lie outside the grid of the image and are not compared.")
        found.append(replace(one, labelmap=labelmap))
    return found, notes


def _placement(one: Compared, base: Compared, target: Geometry | None = None) -> Placement:
    found = placement(one.labelmap.geometry, target or base.labelmap.geometry)
    if found is None:
        raise InputError(f"{_size(base)} and {_size(one)} are on different grids, and are compared voxel by voxel only. {_ON_IMAGES}.")
    return found


def _size(one: Compared) -> str:
    geometry = one.labelmap.geometry
    size = " x ".join(str(value) for value in geometry.shape[::-1])
    spacing = " x ".join(f"{value:.4g}" for value in geometry.spacing)
    return f"{one.short_name} ({size} voxels of {spacing} mm)"


def _check_frames_of_reference(compared: Sequence[Compared]) -> None:
    stated = [one for one in compared if one.labelmap.source.frame_of_reference_uid]
    for one in stated[1:]:
        uids = [each.labelmap.source.frame_of_reference_uid for each in (stated[0], one)]
        if uids[0] != uids[1]:
            raise InputError(
                f"{stated[0].short_name} and {one.short_name} are in different frames of reference ({', '.join(uids)}): their coordinates "
                "cannot be compared. Compare segmentations of one image."
            )
