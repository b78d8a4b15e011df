"""Bytes of a data set and how its elements are written."""

from __future__ import annotations

import mmap
from struct import Struct
from typing import NoReturn

from IDCBrowserLib.dicom.problems import ShortError, cut_off, damaged
from IDCBrowserLib.errors import ConversionError

Buffer = bytes | mmap.mmap

_IMPLICIT = {False: Struct("<HHI").unpack_from, True: Struct(">HHI").unpack_from}
_EXPLICIT = {False: Struct("<HH2sH").unpack_from, True: Struct(">HH2sH").unpack_from}
_LENGTH = {False: Struct("<I").unpack_from, True: Struct(">I").unpack_from}


class Stream:
    """``path`` is for messages. ``data`` may be only the beginning of the ``size`` bytes that there are: reading beyond it raises ``ShortError``.

    ``read_implicit`` gives (group, element, length of 32 bits), ``read_explicit`` (group, element, VR, length of 16 bits), ``read_length`` a
    length of 32 bits; each of (data, position). ``guessed`` collects the character sets that had to be guessed while text was read.
    """

    __slots__ = ("big_endian", "data", "guessed", "implicit", "path", "read_explicit", "read_implicit", "read_length", "size")

    def __init__(self, path: str, data: Buffer, implicit: bool = False, big_endian: bool = False, size: int | None = None) -> None:
        self.path = path
        self.data = data
        self.size = len(data) if size is None else size
        self.implicit = implicit
        self.big_endian = big_endian
        self.read_implicit = _IMPLICIT[big_endian]
        self.read_explicit = _EXPLICIT[big_endian]
        self.read_length = _LENGTH[big_endian]
        self.guessed: set[str] = set()

    def written(self, implicit: bool, big_endian: bool) -> Stream:
        """The same bytes, of which a part is written in another way."""
        if (implicit, big_endian) == (self.implicit, self.big_endian):
            return self
        other = Stream(self.path, self.data, implicit, big_endian, self.size)
        other.guessed = self.guessed
        return other

    def fail(self, reason: str) -> NoReturn:
        """Raise a ``ConversionError`` of this file; ``reason`` is a sentence, or a few."""
        raise ConversionError(f"{self.path}: {reason}")

    def damaged(self, what: str) -> NoReturn:
        """Raise the ``DamagedError`` of this file; see ``problems.damaged``."""
        raise damaged(self.path, what)

    def ends(self, where: str) -> NoReturn:
        """``data`` is used up: ``ShortError`` when there is more to be read, else the ``DamagedError`` of a file that is cut off."""
        if len(self.data) < self.size:
            raise ShortError
        raise cut_off(self.path, where)

    def exceeds(self, what: str, end: int) -> NoReturn:
        """Something reaches beyond ``end``: the ``DamagedError`` of a file that is cut off, or of a sequence whose parts do not fit into it."""
        raise cut_off(self.path, what) if end >= self.size else damaged(self.path, what)
