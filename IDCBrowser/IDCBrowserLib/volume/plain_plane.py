"""A slice of the commonest kind of file, a few times as fast as with pydicom: one frame, uncompressed, 16 bits, little endian."""

from __future__ import annotations

import struct
from io import FileIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from IDCBrowserLib.dicom.elements import PIXEL_DATA
from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.dicom.scan import TagSelection
from IDCBrowserLib.dicom.transfer_syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.volume.image_header import ImageHeader, header_of, tags_of
from IDCBrowserLib.volume.pixels import only_stored_bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIZE = ("Rows", "Columns", "BitsAllocated", "PixelRepresentation")
# All that says how the pixels are stored, and up to where they begin.
_WANTED = TagSelection(
    tags_of(
        (
            *_SIZE,
            "SOPClassUID",
            "PhotometricInterpretation",
            "NumberOfFrames",
            "BitsStored",
            "RescaleIntercept",
            "RescaleSlope",
            "ModalityLUTSequence",
        )
    ),
    PIXEL_DATA - 1,
)
# Group, element, and a length of 32 bits; explicit ones have their VR and two empty bytes between (PS3.5 7.1).
_HEADERS = {IMPLICIT_LITTLE: struct.Struct("<HHI"), EXPLICIT_LITTLE: struct.Struct("<HH4xI")}


class PlainPlane(NamedTuple):
    """What the file says of its pixels, and their stored values (j, i)."""

    header: ImageHeader
    stored: NDArray[Any]


def read_plain_plane(path: str) -> PlainPlane | None:
    """None for a file of another kind, which pydicom has to read."""
    try:
        with open_regular(path) as file:
            return _read(path, file)
    except (IDCBrowserError, OSError, struct.error):
        # Whoever reads it another way says what is the matter with it.
        return None


def _read(path: str, file: FileIO) -> PlainPlane | None:
    found = read_first_elements(path, file, _WANTED)
    form = _HEADERS.get(found.start.transfer_syntax)
    header = header_of(found.values)
    rows, columns, bits, signed = (header.get(keyword) for keyword in _SIZE)
    numbers = (rows, columns, bits, signed)
    if form is None or not all(isinstance(number, int) for number in numbers) or bits != 16 or signed not in (0, 1):
        return None
    if "NumberOfFrames" in header or "ModalityLUTSequence" in header:
        return None
    file.seek(found.end)
    group, element, length = form.unpack(file.read(form.size) or b"")
    if group << 16 | element != PIXEL_DATA or not length or length != 2 * rows * columns:
        return None
    stored = np.empty((rows, columns), "<i2" if signed else "<u2")
    into = stored.data.cast("B")
    done = 0
    while done < length and (count := file.readinto(into[done:])):
        # A network drive may give less at a time.
        done += count
    return PlainPlane(header, only_stored_bits(header, stored)) if done == length else None
