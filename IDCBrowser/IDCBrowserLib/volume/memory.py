"""Estimates the memory that loading will take, from headers alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.pixel_size import BITS_ALLOCATED, SIZE_TAGS, PixelSize
from IDCBrowserLib.dicom.regular_file import open_regular, unreadable
from IDCBrowserLib.dicom.scan import TagSelection

_WANTED = TagSelection(SIZE_TAGS, BITS_ALLOCATED)
# The pixels as they are read, and the volume made of them; for a labelmap the layer and the labelmap volume.
_COPIES = 2


def needed_bytes(files: Sequence[str | Path | DicomFile], images: Sequence[str | Path] = ()) -> int:
    """Bytes of memory for an image series, or for a SEG or RTSTRUCT with the ``images`` it was drawn on; 0 for what has no pixels.

    An estimate from one header each: the files of a series are alike. A SEG takes a byte for each pixel of each frame while it is decoded
    (it stores a bit), and each voxel of the images a byte in a layer and one in the labelmap volume; without ``files`` only these are counted.
    Raises ``NotDicomError``, ``DamagedError``, ``NotFoundError`` or ``StorageError`` for a file that cannot be read.
    """
    of_images = _pixel_size(images[0]).values * len(images) * _COPIES if images else 0
    if not files:
        return of_images
    size = _pixel_size(files[0])
    own = size.values * len(files)
    return own + of_images if images else own * max(1, size.bits // 8) * _COPIES


def available_bytes() -> int | None:
    """Memory that can be had without swapping; None where the system does not say."""
    import psutil

    try:
        return int(psutil.virtual_memory().available)
    except (OSError, RuntimeError):
        return None


def _pixel_size(source: str | Path | DicomFile) -> PixelSize:
    if isinstance(source, DicomFile):
        return source.pixel_size
    path = os.fspath(source)
    try:
        with open_regular(path) as file:
            found = read_first_elements(path, file, _WANTED)
    except OSError as error:
        raise unreadable(path, error) from error
    return PixelSize.of(found.values, found.start.big_endian)
