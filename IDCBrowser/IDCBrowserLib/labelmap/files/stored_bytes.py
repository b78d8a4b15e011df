"""The voxels of a NRRD or NIfTI file, packed or not, checked against what is there before anything is allocated."""

from __future__ import annotations

import bz2
import gzip
import io
import math
import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.errors import ConversionError, NotDicomError
from IDCBrowserLib.volume.memory import available_bytes
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

# Deflate packs at most 1 : 1032.
_MOST_PACKED = 1032
_CHUNK = 1 << 24


def damaged(path: Path, reason: str) -> ConversionError:
    """A file that is cut off or contradicts itself."""
    return ConversionError(f"{path} is damaged: {reason}. Write it again.")


def opened(path: Path) -> IO[bytes]:
    """A label file for reading; raises ``ConversionError`` for a pipe, a device or an empty file, ``NotFoundError`` and ``StorageError``."""
    try:
        return io.BufferedReader(open_regular(path))
    except NotDicomError as error:
        raise ConversionError(f"{path} is {error.reason}. Give a label file.") from error


def read_array(path: Path, file: IO[bytes], dtype: DTypeLike, shape: Sequence[int], packed_size: int | None) -> NDArray[Any]:
    """The next values of an open file, C order. ``packed_size``: how many packed bytes they come from, None where the file holds them as they are."""
    dtype = np.dtype(dtype)
    wanted = math.prod(shape) * dtype.itemsize
    available = packed_size * _MOST_PACKED if packed_size is not None else os.fstat(file.fileno()).st_size - file.tell()
    if wanted > available:
        raise damaged(path, f"its header promises {wanted:,} bytes of voxels, but there are fewer")
    free = available_bytes()
    if free is not None and 2 * wanted > free:
        raise ConversionError(f"{path} needs {human_size(2 * wanted)} of memory, and {human_size(free)} are free. Use a larger computer.")
    parts, left = [], wanted
    try:
        while left and (part := file.read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
    except (zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise damaged(path, f"its packed voxels cannot be read ({error})") from error
    if left:
        raise damaged(path, f"{left:,} of {wanted:,} bytes of voxels are missing")
    return np.frombuffer(b"".join(parts), dtype).reshape(tuple(shape))


def unpacked(file: IO[bytes], encoding: str) -> IO[bytes]:
    """What an open file holds from here on: ``gzip`` or ``bzip2``."""
    packed: Any = gzip.GzipFile(fileobj=file) if encoding == "gzip" else bz2.BZ2File(file)
    result: IO[bytes] = packed
    return result
