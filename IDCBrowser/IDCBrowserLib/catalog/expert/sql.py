"""A query of the user over the files of the catalog: read-only, in a process of its own with limits, ended when they are reached.

The tables have the names that idc-index gives them. See Resources/Decisions/0011-expert-queries.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from IDCBrowserLib.api.expert import Cut
from IDCBrowserLib.catalog.about.clinical_tables import CLINICAL_INDEX, described
from IDCBrowserLib.catalog.expert.sql_check import NO_TABLE
from IDCBrowserLib.catalog.expert.sql_tables import ABOUT
from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.errors import CancelledError, CatalogError, EngineError, InputError
from IDCBrowserLib.task import Task

MAX_ROWS = 100_000


@dataclass(frozen=True)
class Limits:
    """What a query may take."""

    rows: int = 10_000
    seconds: float = 60.0
    memory_mb: int = 1000


@dataclass(frozen=True)
class Answer:
    """``columns`` are (name, DuckDB's type). ``cut`` says why rows are missing: "rows" (the limit), "bytes" (64 MB of text), or ""."""

    columns: tuple[tuple[str, str], ...]
    rows: list[list[Any]]
    cut: Cut
    seconds: float


def run(files: Mapping[str, Sequence[Path]], query: str, task: Task, limits: Limits | None = None) -> Answer:
    """Run one SELECT and give its rows.

    Raises ``InputError`` with one sentence for a query that is refused, wrong, or reaches the limit of time or memory; ``CancelledError`` as soon
    as ``task`` is canceled.
    """
    limits = limits or Limits()
    began = time.monotonic()
    process = _start()
    ended_by: list[str] = []

    def end(reason: str) -> None:
        if not ended_by:
            ended_by.append(reason)
        with contextlib.suppress(OSError):
            process.kill()

    timer = threading.Timer(limits.seconds, end, ("time",))
    timer.daemon = True
    timer.start()
    try:
        task.on_cancel(lambda: end("cancel"))
        request = {
            "files": {name: [str(path) for path in paths] for name, paths in files.items()},
            "query": query,
            "limit": max(0, min(limits.rows, MAX_ROWS)),
            "memory_mb": limits.memory_mb,
            "seconds": limits.seconds,
        }
        messages = _ask(process, request)
    finally:
        timer.cancel()
        _stop(process)
    try:
        return _read(messages, ended_by[0] if ended_by else "", limits, time.monotonic() - began)
    except InputError as error:
        raise InputError(_with_missing_table(str(error), files.get(CLINICAL_INDEX, ()))) from error


def _start() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            module_command(sys.executable, "IDCBrowserLib.catalog.expert.sql_process"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for us, and we end it ourselves.
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise EngineError(f"The process for queries cannot be started ({error.strerror or error}).") from error


def _ask(process: subprocess.Popen[bytes], request: dict[str, Any]) -> list[dict[str, Any]]:
    stdin: IO[bytes] | None = process.stdin
    stdout: IO[bytes] | None = process.stdout
    assert stdin is not None and stdout is not None
    # A process that was ended meanwhile takes nothing and says nothing more. Its input stays open: closing it would end it.
    with contextlib.suppress(OSError):
        stdin.write(json.dumps(request).encode("ascii") + b"\n")
        stdin.flush()
    messages = []
    for line in stdout:
        with contextlib.suppress(ValueError):  # the line in which it was ended
            messages.append(json.loads(line))
    return messages


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()


def _read(messages: Sequence[Mapping[str, Any]], ended_by: str, limits: Limits, seconds: float) -> Answer:
    last = messages[-1] if messages else {}
    if "error" in last:
        raise InputError(str(last["error"]))
    if "end" not in last:
        if ended_by == "cancel":
            raise CancelledError
        if ended_by == "time":
            raise InputError(f"The query was stopped after {limits.seconds:g} seconds; ask for less, for example with a WHERE or a LIMIT.")
        if not messages:
            raise EngineError("The process for queries ended before it began; look at the log, or install duckdb again.")
        raise InputError(f"The query was ended, most likely because it needs more than the {limits.memory_mb:,} MB of memory that it may use.")
    columns: list[list[Any]] = next((message["columns"] for message in messages if "columns" in message), [])
    rows = [row for message in messages for row in message.get("rows", ())]
    return Answer(tuple((str(name), str(kind)) for name, kind in columns), rows, cast(Cut, last["end"]), seconds)


def _with_missing_table(error: str, clinical_index: Sequence[Path]) -> str:
    found = NO_TABLE.search(error)
    if found is None:
        return error
    name = found.group(1)
    if name in ABOUT:
        return f"The table {name} is an index file that is not on this computer. Fetch it first: idc-browser indices --fetch {name}."
    collection = _collection_of(name, clinical_index)
    if collection:
        return (
            f"{name} is a clinical table of the collection {collection} that is not on this computer. "
            f"Fetch it first: on the page SQL, or by idc-browser clinical {collection} --fetch."
        )
    # They are called after their collection: nlst_prsn.
    if clinical_index or "_" not in name:
        return error
    return f"{error} If it is a clinical table of IDC, fetch {CLINICAL_INDEX} first, which lists these."


def _collection_of(name: str, clinical_index: Sequence[Path]) -> str:
    """Of a clinical table; "" for another one."""
    with contextlib.suppress(CatalogError):
        return next((row.collection for path in clinical_index for row in described(path) if row.table == name), "")
    return ""
