"""Runs pip in a process that ends when the task is cancelled."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.errors import IncompleteError, NotFoundError
from IDCBrowserLib.task import Task


def run_pip(python: Path, arguments: Sequence[str], what: str, task: Task) -> str:
    """What pip printed. Raises ``IncompleteError`` "pip could not ``what``: ..." with its own words, ``NotFoundError`` without such a Python."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *arguments]
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
    except OSError as error:
        raise NotFoundError(f"{python} cannot be started ({error.strerror}).") from error
    with process:
        task.on_cancel(process.kill)
        printed, said = process.communicate()
    task.raise_if_cancelled()
    if process.returncode != 0:
        lines = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()[-1:]
        raise IncompleteError(f"pip could not {what}: {' '.join(lines)[:500]}")
    return printed
