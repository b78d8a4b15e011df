"""Output of a command besides its result, with terminal escapes in text from outside removed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TextIO

from IDCBrowserLib.cli.colors import begun
from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.safe_text import printable

_line_is_in_the_way: list[Callable[[], None]] = []


def clear_before_messages(clear: Callable[[], None]) -> None:
    """``clear`` takes the line of progress off the terminal before each message from now on."""
    _line_is_in_the_way[:] = [clear]


def say(text: str, is_error: bool = False) -> None:
    """One message on standard error; ``is_error`` for what ended the command. Where nobody can read it any more, the work goes on without it."""
    try:
        for clear in _line_is_in_the_way:
            clear()
        print(f"{begun('idc-browser:', is_error, sys.stderr)} {printable(text)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        give_up(sys.stderr)


def write_output(pieces: Iterable[str]) -> None:
    """The result on standard output, piece by piece.

    Raises ``BrokenPipeError`` when its reader has enough and ``StorageError`` when it cannot be written.
    """
    has_written = False
    for piece in pieces:
        _write(piece)
        has_written = True
    if has_written:
        _write("", flush=True)


def _write(text: str, flush: bool = False) -> None:
    try:
        if sys.stdout is None:
            raise ValueError("it is closed")
        sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        give_up(sys.stdout)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StorageError(f"The result cannot be written to standard output ({reason}); write it to a file on a disk that has room.") from error


def give_up(stream: TextIO | None) -> None:
    """Nothing more is written there: what is still waiting would fail again when Python ends, and change the exit code."""
    if stream is not None:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
