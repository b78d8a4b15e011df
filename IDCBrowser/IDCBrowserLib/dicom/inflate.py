"""Inflating with a cap: a deflated file of 4 MB may claim 4 GB (deflate packs at most 1,032 to 1), which no reader may let into memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

from IDCBrowserLib.dicom.problems import cut_off, damaged
from IDCBrowserLib.errors import DamagedError
from IDCBrowserLib.wording import human_size

# What an object may hold beside its pixels: 64 MB and fifty times the deflated file. Contours and descriptions of frames pack at most 30 to 1.
_ANY_OBJECT = 64 << 20
_RATIO = 50
# Of all objects. The deflated label maps of IDC have 130 MB.
MOST_BYTES = 1 << 30
_PIECE = 1 << 16


def inflated_limit(packed: int, promised: int = 0, most: int = MOST_BYTES) -> int:
    """Bytes that a deflated object of ``packed`` bytes may have, never more than ``most``; ``promised`` are those of its pixels, by the header."""
    return min(most, _ANY_OBJECT + _RATIO * packed + promised)


class Packed(Protocol):
    """A file or a memory map, at the place where the deflated bytes begin."""

    def read(self, size: int, /) -> bytes | None:
        """The next bytes; empty at the end."""


class Inflater:
    """A deflated data set (PS3.5 A.5, RFC 1951), inflated only as far as it is asked for, and never beyond what a file of ``packed_size`` may hold.

    ``done`` are the bytes so far. Raises ``DamagedError``.
    """

    def __init__(self, path: str, packed: Packed, packed_size: int, most: int = MOST_BYTES) -> None:
        self._path = path
        self._packed = packed
        self._packed_size = packed_size
        self._most = most
        self._limit = inflated_limit(packed_size, 0, most)
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._waiting = b""
        self.done = bytearray()

    def allow(self, promised: int) -> None:
        """The header says that the pixels take so many bytes; they may come on top."""
        self._limit = inflated_limit(self._packed_size, promised, self._most)

    @property
    def ended(self) -> bool:
        """Whether ``done`` is everything."""
        return self._inflate.eof

    def up_to(self, size: int) -> bytearray:
        """``done`` with at least ``size`` bytes; fewer only when the stream ends before."""
        while len(self.done) < size and not self.ended:
            if len(self.done) >= self._limit:
                raise too_large(self._path, self._limit)
            self.done += self._next(min(size, self._limit) - len(self.done))
        return self.done

    def pieces(self) -> Iterator[bytes | bytearray]:
        """``done``, then all the rest, which is not kept."""
        yield self.done
        count = len(self.done)
        while not self.ended:
            if count > self._limit:
                raise too_large(self._path, self._limit)
            piece = self._next(_PIECE * 16)
            count += len(piece)
            yield piece

    def check_end(self) -> None:
        """Go through the rest without keeping it: raises when the file is cut off, or holds more than it may."""
        for _ in self.pieces():
            pass

    def _next(self, most: int) -> bytes:
        if not self._waiting:
            self._waiting = self._packed.read(_PIECE) or b""
        is_last = not self._waiting
        try:
            piece = self._inflate.decompress(self._waiting, most)
        except zlib.error as error:
            raise damaged(self._path, f"the deflated data set cannot be inflated ({error})") from error
        self._waiting = self._inflate.unconsumed_tail
        # The inflater may still hold some of what it took in before.
        if is_last and not piece and not self.ended:
            raise cut_off(self._path, "the deflated data set ends too early")
        return piece


def inflate_frame(packed: bytes, size: int) -> bytes:
    """One frame that was deflated on its own (transfer syntax 1.2.840.10008.1.2.8.1): the first ``size`` bytes; ``ValueError`` for fewer."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        frame = inflater.decompress(packed, size)
    except zlib.error as error:
        raise ValueError(f"it cannot be inflated ({error})") from error
    if len(frame) < size:
        raise ValueError(f"it inflates to {len(frame):,} of {size:,} bytes")
    return frame


def too_large(path: str, limit: int) -> DamagedError:
    """Of a file that inflates to more than it may."""
    return damaged(path, f"it inflates to more than {human_size(limit)}, far more than its header promises")
