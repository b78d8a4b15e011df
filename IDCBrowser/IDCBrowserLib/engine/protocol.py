"""The lines that host and engine exchange: one JSON object per line, UTF-8, in both directions.

Host to engine::

    {"id": 7, "method": "catalog.view", "params": {...}}     ask
    {"cancel": 7}                                            stop answering request 7, and stop its work
    {"shutdown": true}                                       end; a closed pipe means the same

Engine to host::

    {"hello": {"version": ..., "pid": ...}}                  once, when ready to be asked
    {"id": 7, "progress": {...}}                             any number of times (``task.Progress`` as an object)
    {"id": 7, "result": ...}                                 the end of a request, or
    {"id": 7, "error": {"kind": "NotFoundError", "message": ...}}

A line that is none of these costs the request whose number it names, if it names one, and nothing else.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from IDCBrowserLib.errors import EngineError, IDCBrowserError, StorageError, name_of
from IDCBrowserLib.surroundings import explained, unforeseen
from IDCBrowserLib.task import Progress

# Of a line; what is larger travels as a file. Parsing it takes about a second, in which nothing else happens.
MAX_LINE = 256 << 20
# Of a line that is not understood: enough to find its number, and for the log.
_START = 200
# What a null character or half of a pair of surrogates looks like; in a text that has a backslash before it, too.
_UNUSABLE = (b"\\u0000", b"\\ud", b"\\uD", b"\xed")
_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*([0-9]{1,15})\s*[,}]')


class TooLong(NamedTuple):
    """A line that was not kept: its beginning and its size in bytes."""

    start: bytes
    size: int


def encode(message: Mapping[str, object]) -> bytes:
    """One line. Raises ``ValueError`` or ``TypeError`` for what is not JSON, NaN and infinities among it, and ``EngineError`` for too much of it.

    File names need not be valid UTF-8 on Linux; their bytes pass unchanged.
    """
    line = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "surrogatepass") + b"\n"
    if len(line) > MAX_LINE:
        raise EngineError(f"This would take {len(line) >> 20:,} MB, more than the {MAX_LINE >> 20:,} MB that can be passed on at once; ask for less.")
    return line


def decode(line: bytes | TooLong) -> dict[str, Any]:
    """The object of one line; raises ``EngineError`` for anything else."""
    if isinstance(line, TooLong):
        text = f"A message of {line.size >> 20:,} MB arrived, more than the {MAX_LINE >> 20:,} MB that can be passed on at once; ask for less."
        raise EngineError(text)
    try:
        message = json.loads(line.decode("utf-8", "surrogatepass"), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise EngineError(f"A line arrived that is not JSON: {line[:80]!r}") from error
    if not isinstance(message, dict):
        raise EngineError(f"A line arrived that is not an object: {line[:80]!r}")
    if any(sign in line for sign in _UNUSABLE):
        _check_texts(message)
    return message


def _check_texts(value: object) -> None:
    """Raises ``EngineError`` for a text that can be neither the name of a file nor in a table."""
    if isinstance(value, str):
        try:
            value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise EngineError(f"A text arrived that cannot be a name: {value[:80]!r}") from error
        if "\0" in value:
            raise EngineError(f"A text arrived that cannot be a name: {value[:80]!r}")
    elif isinstance(value, dict):
        for item in (*value, *value.values()):
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    """1e999 would become infinity, which no answer can hold."""
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def id_of(value: object) -> int:
    """The number of a request as a message states it; -1, which no request has, for anything else."""
    return value if type(value) is int else -1


def id_in(line: bytes | TooLong) -> int:
    """The number of the request that a line is about which cannot be decoded; -1 when it begins otherwise."""
    found = _ID.match(line.start if isinstance(line, TooLong) else line[:_START])
    return int(found.group(1)) if found is not None else -1


def error_message(request_id: int, error: Exception) -> dict[str, object]:
    """An error as its message."""
    known = as_ours(error)
    return {"id": request_id, "error": {"kind": name_of(known), "message": str(known)}}


def as_ours(error: Exception) -> IDCBrowserError:
    """What the system refuses is said; another error that is not ours is named as a defect, since the user can do nothing about it."""
    if isinstance(error, IDCBrowserError):
        return error
    if (known := explained(error)) is not None:
        return known
    if isinstance(error, OSError) and error.filename and error.strerror:
        return StorageError(f"{os.fsdecode(error.filename)[:300]} cannot be used ({error.strerror}). Check the name and the disk.")
    return EngineError(unforeseen(error))


def progress_message(request_id: int, progress: Progress) -> dict[str, object]:
    """A progress report as its message."""
    return {"id": request_id, "progress": asdict(progress)}


class LineBuffer:
    """Cuts a stream of bytes into lines, in a time that grows with the bytes and not with their number of pieces."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes | TooLong]:
        """Lines completed by ``data``, without their ends; one beyond the limit is dropped while it comes in, however long it gets."""
        *ends, rest = data.split(b"\n")
        lines = []
        for end in ends:
            self._add(end)
            lines.append(self._take())
        self._add(rest)
        return [line for line in lines if isinstance(line, TooLong) or line.strip()]

    def _add(self, part: bytes) -> None:
        if part and self._size + len(part) <= self._limit:
            self._parts.append(part)
        elif part and self._size <= self._limit:
            # Whatever it is, its beginning says whom it concerns.
            self._parts = [b"".join([*(kept[:_START] for kept in self._parts), part[:_START]])[:_START]]
        self._size += len(part)

    def _take(self) -> bytes | TooLong:
        line, size = b"".join(self._parts), self._size
        self._parts, self._size = [], 0
        return TooLong(line, size) if size > self._limit else line
