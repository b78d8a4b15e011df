"""Runs pip in a process that ends when the task is cancelled."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from IDCBrowserLib.errors import IncompleteError, NotFoundError
from IDCBrowserLib.task import Task

# The end says what became of it.
_MOST_READ = 200_000


def run_pip(python: Path, arguments: Sequence[str], what: str, task: Task) -> str:
    """The end of what pip printed. Raises ``IncompleteError`` "pip could not ``what``: ..." with its own words, ``NotFoundError`` without such a
    Python.
    """
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    # Files take whatever it says; a pipe would have to be read into memory.
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=printed, stderr=said)
        except (OSError, ValueError) as error:
            raise NotFoundError(f"{python} cannot be started ({getattr(error, 'strerror', None) or error}).") from error
        with process:
            task.on_cancel(process.kill)
            process.wait()
        task.raise_if_cancelled()
        if process.returncode != 0:
            raise IncompleteError(f"pip could not {what}: {_reason(_end(said), process.returncode)}")
        return _end(printed)


def _end(file: IO[bytes]) -> str:
    file.seek(max(0, file.seek(0, os.SEEK_END) - _MOST_READ))
    return file.read().decode("utf-8", "replace")


def _reason(said: str, code: int) -> str:
    lines = said.split("\n")
    errors = [line for line in lines if line.startswith("ERROR")] or [line for line in lines if line.strip()][-1:]
    return " ".join(errors)[:500] or f"it ended with code {code} and said nothing. Check this Python by hand with: -m pip --version"
