"""A gzip file on all cores: slabs of a volume are packed side by side and joined to one member (RFC 1951, 1952), as pigz does."""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEVEL = 1
# Deflate, no name, no time: the same voxels are the same bytes. How many cores there are makes no difference either.
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
# A last block with nothing in it.
_END = b"\x03\x00"
_SLAB_BYTES = 1 << 20
_MOST_CORES = 8


def write_gzip(file: IO[bytes], header: bytes, volume: NDArray[Any]) -> None:
    """``header``, then the voxels of a volume whose first axis is the slowest, packed."""
    file.write(_HEADER)
    checksum, size = 0, 0
    cores = min(os.cpu_count() or 1, _MOST_CORES)
    with ThreadPoolExecutor(cores, "gzip") as pool:
        packed: deque[Future[bytes]] = deque()
        for piece in _pieces(header, volume):
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
            packed.append(pool.submit(_deflated, piece))
            # More would only wait in memory.
            if len(packed) > 2 * cores:
                file.write(packed.popleft().result())
        for one in packed:
            file.write(one.result())
    file.write(_END + struct.pack("<II", checksum, size & 0xFFFFFFFF))


def _pieces(header: bytes, volume: NDArray[Any]) -> Iterator[memoryview]:
    yield memoryview(header)
    planes = max(1, _SLAB_BYTES // max(1, volume[:1].nbytes))
    for first in range(0, len(volume), planes):
        yield np.ascontiguousarray(volume[first : first + planes]).reshape(-1).view(np.uint8).data


def _deflated(piece: memoryview) -> bytes:
    """Whole bytes that stand between others: blocks of their own, none of them the last."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
