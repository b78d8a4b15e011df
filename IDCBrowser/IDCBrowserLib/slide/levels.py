"""The instances of a slide (PS3.3 A.32.8): levels of its pyramid, label and thumbnail, with their places on the glass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dicom.sop_classes import SLIDE_IMAGE
from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.volume.geometry import Geometry, Vector

_NOMINAL_MM = 1.0
_FLAVORS = ("LABEL", "THUMBNAIL", "OVERVIEW")
_UPRIGHT = (0.0, -1.0, 0.0, -1.0, 0.0, 0.0)
_LARGEST = 1 << 20


@dataclass(frozen=True)
class SlideImage:
    """One instance. ``flavor`` is VOLUME, LABEL, THUMBNAIL or OVERVIEW; ``spacing`` is mm (along a row, along a column)."""

    path: str
    sop_instance_uid: str
    flavor: str
    rows: int
    columns: int
    tile_rows: int
    tile_columns: int
    frames: int
    spacing: tuple[float, float]
    origin: Vector
    orientation: tuple[float, ...]
    frame_of_reference_uid: str

    @property
    def pixels(self) -> int:
        """Of the total pixel matrix."""
        return self.rows * self.columns

    def geometry(self, step: int = 1) -> Geometry:
        """One slice in the slide's own coordinate system, mm on the glass (PS3.3 C.8.12.2.1); of so many pixels in one each way."""
        row, column = self.orientation[:3], self.orientation[3:]
        normal = np.cross(row, column)
        axes = [(float(axis[0]), float(axis[1]), float(axis[2])) for axis in (row, column, normal)]
        across, down = self.spacing
        # The center of the first of several pixels.
        shift = (step - 1) / 2
        x, y, z = (self.origin[axis] + shift * (across * row[axis] + down * column[axis]) for axis in range(3))
        shape = 1, -(-self.rows // step), -(-self.columns // step)
        return Geometry(shape, (across * step, down * step, _NOMINAL_MM), (x, y, z), (axes[0], axes[1], axes[2]))


@dataclass(frozen=True)
class Slide:
    """``levels`` from the largest to the smallest; the others are None where the series has none. ``root`` is the header of the largest level."""

    levels: tuple[SlideImage, ...]
    label: SlideImage | None
    thumbnail: SlideImage | None
    root: Elements
    warnings: tuple[str, ...]

    def level_within(self, most_pixels: int) -> SlideImage:
        """The largest level of at most so many pixels; the smallest where all are larger."""
        return next((level for level in self.levels if level.pixels <= most_pixels), self.levels[-1])


def read_slide(files: Sequence[str]) -> Slide:
    """Of the files of a series. What cannot be used is said; raises ``ConversionError`` where no level is left."""
    images, notes, roots = [], [], {}
    for path in files:
        try:
            file = open_dicom(path)
            if file.sop_class != SLIDE_IMAGE:
                continue
            image = _image(path, file.root)
        except IDCBrowserError as error:
            notes.append(f"One file of the slide is skipped: {error}")
            continue
        images.append(image)
        roots[path] = file.root
    volumes = [image for image in images if image.flavor == "VOLUME"]
    planes = {(image.rows, image.columns): image for image in sorted(volumes, key=lambda one: one.path, reverse=True)}
    levels = sorted(planes.values(), key=lambda one: one.pixels, reverse=True)
    if len(levels) < len(volumes):
        notes.append(f"{len(volumes) - len(levels)} files of the slide show other focal planes or channels of the same size; one of each is shown.")
    by_flavor = {flavor: next((image for image in images if image.flavor == flavor), None) for flavor in _FLAVORS}
    shown = levels or [one for flavor in ("THUMBNAIL", "OVERVIEW", "LABEL") if (one := by_flavor[flavor]) is not None][:1]
    if not shown:
        raise ConversionError("\n".join(notes) or "These files contain no level of a slide.")
    if not levels:
        notes.append(f"The levels of the slide are missing; its {shown[0].flavor.lower()} is shown.")
    label = by_flavor["LABEL"] if shown[0] is not by_flavor["LABEL"] else None
    return Slide(tuple(shown), label, by_flavor["THUMBNAIL"], roots[shown[0].path], tuple(notes))


def check_samples(path: str, samples: int | None) -> None:
    """Raise ``ConversionError`` for colors of neither one nor three parts."""
    if samples not in (None, 1, 3):
        raise ConversionError(f"{path}: Samples per Pixel (0028,0002) is {samples}; a picture of a slide has 1 or 3.")


def _image(path: str, root: Elements) -> SlideImage:
    flavors = root.text(0x00080008).upper().split("\\")
    tile = root.unsigned(0x00280010) or 0, root.unsigned(0x00280011) or 0
    rows, columns = root.unsigned(0x00480007) or tile[0], root.unsigned(0x00480006) or tile[1]
    frames = root.integer(0x00280008) or 1
    if not (0 < tile[0] <= _LARGEST and 0 < tile[1] <= _LARGEST and 0 < rows <= _LARGEST and 0 < columns <= _LARGEST and frames > 0):
        raise ConversionError(f"{path} states an impossible size: {columns} x {rows} pixels in {frames} tiles of {tile[1]} x {tile[0]}.")
    check_samples(path, root.unsigned(0x00280002))
    shared = root.first(0x52009229)
    measures = shared.first(0x00289110) if shared is not None else None
    down, across = (measures.floats(0x00280030, 2) if measures is not None else None) or root.floats(0x00280030, 2) or (0.0, 0.0)
    if min(down, across) <= 0:
        # Nothing is measured then; pixels are as large as a micrometer.
        down = across = 0.001
    place = root.first(0x00480008)
    x, y = ((place.floats(tag, 1) or (0.0,))[0] if place is not None else 0.0 for tag in (0x0040072A, 0x0040073A))
    orientation = root.floats(0x00480102, 6) or _UPRIGHT
    if abs(float(np.linalg.norm(np.cross(orientation[:3], orientation[3:]))) - 1) > 0.02:
        orientation = _UPRIGHT
    flavor = next((one for one in _FLAVORS if one in flavors), "VOLUME")
    frame = root.text(0x00200052)
    return SlideImage(path, root.text(0x00080018), flavor, rows, columns, *tile, frames, (across, down), (x, y, 0.0), tuple(orientation), frame)
