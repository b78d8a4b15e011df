"""A query of the user over the files of the catalog: read-only, in a process of its own with limits, ended when they are reached.

The tables have the names that idc-index gives them. See Resources/Decisions/0011-expert-queries.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from IDCBrowserLib.api.expert import Cut, Table
from IDCBrowserLib.catalog.connection import connect, literal, reading
from IDCBrowserLib.catalog.files.side_indices import SIDE_INDICES
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.side_tables import side_index_of
from IDCBrowserLib.child_python import module_command
from IDCBrowserLib.errors import CancelledError, CatalogError, EngineError, InputError
from IDCBrowserLib.task import Task

MAX_ROWS = 100_000
_BUNDLED = {
    "index": "every series of the current release",
    "prior_versions_index": "series of earlier releases that were changed or removed",
    "collections_index": "collections: titles, cancer types, subjects, sources",
    "analysis_results_index": "analysis results: titles, collections, licenses",
    "version_metadata_index": "the releases of IDC and their dates",
}
# A file of the user's own, while a query names it.
MEASUREMENTS = "measurements"
# What tells such a file from others.
_MEASURED = ("sr_series_uid", "source_series_uid", "finding", "finding_code", "quantity", "quantity_code", "value", "unit")
ABOUT = {**_BUNDLED, **SIDE_INDICES}
_NO_TABLE = re.compile(r"Table with name (\w+) does not exist")

Files = dict[str, list[Path]]


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


def table_files(sources: Sources, extra: Sequence[Path] = ()) -> Files:
    """The files behind each table. A side index that is not here is missing; ``extra`` are told apart by their columns."""
    files: Files = {"index": list(sources.series), "collections_index": list(sources.collections)}
    optional = {
        "prior_versions_index": sources.prior_versions,
        "analysis_results_index": sources.analysis_results,
        "version_metadata_index": sources.versions,
        **sources.side(),
    }
    files.update({name: [path] for name, path in optional.items() if path is not None})
    for path in [*sources.references, *extra]:
        columns = {name for name, _ in _columns([path])}
        name = side_index_of(columns) or ("index" if "SeriesInstanceUID" in columns else "collections_index")
        files.setdefault(name, []).append(path)
    return {name: paths for name, paths in files.items() if paths}


def with_measurements(files: Files, path: Path) -> Files:
    """The same with the table ``measurements``: a Parquet file that ``idc-browser measurements`` wrote. Raises ``InputError``."""
    found = path.absolute()
    if found.suffix.lower() != ".parquet" or not found.is_file():
        raise InputError(f"{path} is not a Parquet file. Make one: idc-browser measurements SOURCE... --out FILE.parquet")
    try:
        columns = {name for name, _ in _columns([found])}
    except CatalogError as error:
        raise InputError(f"{path} cannot be read as Parquet ({error}). Make it again with idc-browser measurements.") from error
    missing = [name for name in _MEASURED if name not in columns]
    if missing:
        raise InputError(f"{path} has no column {missing[0]}: it was not written by idc-browser measurements.")
    return {**files, MEASUREMENTS: [found]}


def describe(files: Mapping[str, Sequence[Path]]) -> list[Table]:
    """Every table there could be; one that is not here has no columns."""
    return [_description(name, files.get(name, ())) for name in (*ABOUT, MEASUREMENTS) if name in files or name != MEASUREMENTS]


def _description(name: str, paths: Sequence[Path]) -> Table:
    columns, rows = [], 0
    # A damaged file is as if missing.
    with contextlib.suppress(CatalogError):
        columns = _columns(paths) if paths else []
        rows = sum(_count(path) for path in paths)
    about = ABOUT.get(name, "what a file of measurements holds: a row for each number, code or text")
    return {"name": name, "about": about, "here": bool(columns), "rows": rows, "columns": [list(pair) for pair in columns]}


def _columns(paths: Sequence[Path]) -> list[tuple[str, str]]:
    parts = " UNION ALL BY NAME ".join(f"SELECT * FROM read_parquet({literal(path)})" for path in paths)
    with reading(*paths), connect(paths) as connection:
        return [(str(row[0]), str(row[1])) for row in connection.execute(f"DESCRIBE {parts}").fetchall()]


def _count(path: Path) -> int:
    with reading(path), connect([path]) as connection:
        row = connection.execute(f"SELECT count(*) FROM read_parquet({literal(path)})").fetchone()
    return int(row[0]) if row else 0


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
    return _read(messages, ended_by[0] if ended_by else "", limits, time.monotonic() - began)


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
        raise InputError(_with_missing_table(str(last["error"])))
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


def _with_missing_table(error: str) -> str:
    found = _NO_TABLE.search(error)
    if found is None or found.group(1) not in ABOUT:
        return error
    return f"The table {found.group(1)} is an index file that is not on this computer. Fetch it first: idc-browser indices --fetch {found.group(1)}."
