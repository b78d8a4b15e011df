"""What loading will take, told from headers before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.errors import ConversionError

_TAGS = ["Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated"]
# The pixels as they are read, and the volume made of them; for a labelmap the layer and the label volume.
_COPIES = 2


def needed_bytes(files: Sequence[str | Path], images: Sequence[str | Path] = ()) -> int:
    """Bytes of memory for an image series, or for a SEG or RTSTRUCT with the ``images`` it was drawn on; 0 for what has no pixels.

    An estimate from one header each: the files of a series are alike. A SEG takes a byte for each pixel of each frame while it is decoded
    (it stores a bit), and each voxel of the images a byte in a layer and one in the label volume. Raises ``ConversionError`` for a file that
    cannot be read.
    """
    pixels, bits = _pixels(files[0])
    if bits <= 8 or images:
        bits = 8
    own = pixels * len(files) * (bits // 8)
    if not images:
        return own * _COPIES
    return own + _pixels(images[0])[0] * len(images) * _COPIES


def available_bytes() -> int | None:
    """Memory that can be had without swapping; None where the system does not say."""
    import psutil

    try:
        return int(psutil.virtual_memory().available)
    except (OSError, RuntimeError):
        return None


def _pixels(path: str | Path) -> tuple[int, int]:
    """Samples of all frames of a file, and bits of each."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        header = dcmread(path, stop_before_pixels=True, specific_tags=_TAGS)
        frames = int(header.get("NumberOfFrames") or 1)
        count = int(header.get("Rows") or 0) * int(header.get("Columns") or 0) * frames * int(header.get("SamplesPerPixel") or 1)
        return count, int(header.get("BitsAllocated") or 8)
    except (OSError, InvalidDicomError, TypeError, ValueError) as error:
        raise ConversionError(f"{path} cannot be read ({error}).") from error
