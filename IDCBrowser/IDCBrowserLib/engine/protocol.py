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
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from IDCBrowserLib.errors import EngineError, IDCBrowserError, name_of
from IDCBrowserLib.task import Progress


def encode(message: dict[str, Any]) -> bytes:
    """One line. NaN and infinities are refused (ValueError): they are no JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The object of one line; raises ``EngineError`` for anything else."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise EngineError(f"The engine sent a line that is no JSON: {line[:80]!r}") from error
    if not isinstance(message, dict):
        raise EngineError(f"The engine sent a line that is no object: {line[:80]!r}")
    return message


def error_message(request_id: int, error: BaseException) -> dict[str, Any]:
    """An error as its message; one that is not ours is named as a defect, since the user can do nothing about it."""
    if isinstance(error, IDCBrowserError):
        return {"id": request_id, "error": {"kind": name_of(error), "message": str(error)}}
    text = f"Internal error ({type(error).__name__}: {error}). Please report it with the log."
    return {"id": request_id, "error": {"kind": "EngineError", "message": text}}


def progress_message(request_id: int, progress: Progress) -> dict[str, Any]:
    """A progress report as its message."""
    return {"id": request_id, "progress": asdict(progress)}


class LineBuffer:
    """Cuts a stream of bytes into lines."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Lines completed by ``data``, without their ends."""
        self._rest += data
        *lines, rest = self._rest.split(b"\n")
        self._rest = bytearray(rest)
        return [bytes(line) for line in lines if line.strip()]
