"""The process in which a query of the user runs: ``python -m IDCBrowserLib.catalog.expert.sql_process``, asked and answered by ``sql.run``.

Reads one JSON line (``files``, ``query``, ``limit``, ``memory_mb``, ``seconds``) and writes JSON lines: ``{"started": true}``,
``{"columns": [[name, type], ...]}``, ``{"rows": [...]}`` any number of times, and ``{"end": why rows are missing or ""}`` or ``{"error": sentence}``.
It ends when its input closes, so that it never outlives its engine. Why a process: Resources/Decisions/0011-expert-queries.md.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.expert.sql_check import NO_TABLE, check, readable
from IDCBrowserLib.own_process import without_pandas

if TYPE_CHECKING:
    import duckdb

# What Python, DuckDB and the decoding of one row group need besides DuckDB's own limit; address space, so generous.
_BEYOND_MB = 2000
_PART = 500
_PART_BYTES = 2_000_000
# A result is kept in memory and looked at by a person.
MAX_BYTES = 64_000_000
_MAX_CELL = 20_000
_TIMEOUT_S = 5.0
_CSV_NUMBERS = {"group": "INTEGER", "segment_number": "INTEGER", "value": "DOUBLE"}


def connect(files: Mapping[str, Sequence[str]], memory_mb: int) -> duckdb.DuckDBPyConnection:
    """A DuckDB with one view per name of ``files``, locked: it reads these files and nothing else, whatever is asked."""
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": f"{memory_mb}MB",
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    for name, paths in files.items():
        # A file that is damaged is said when it is asked.
        with contextlib.suppress(duckdb.Error):
            connection.execute(_view(name, paths))
    allowed = ", ".join(literal(path) for paths in files.values() for path in paths)
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _view(name: str, paths: Sequence[str]) -> str:
    return f'CREATE VIEW "{name}" AS {" UNION ALL BY NAME ".join(map(_rows_of, paths))}'


def _rows_of(path: str) -> str:
    """A file as a SELECT; CSV, which states no types, as ``report.table`` writes it."""
    if not path.lower().endswith(".csv"):
        return f"SELECT * FROM read_parquet({literal(path)})"
    numbers = ", ".join(f'TRY_CAST("{column}" AS {kind}) AS "{column}"' for column, kind in _CSV_NUMBERS.items())
    form = "header = true, delim = ',', quote = '\"', escape = '\"', all_varchar = true, strict_mode = true"
    return f"SELECT * REPLACE ({numbers}) FROM read_csv({literal(path)}, {form})"


def _why_no_view(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[str]], error: str) -> str:
    """What is wrong with the file of a table that an error says does not exist; the error itself of any other."""
    import duckdb

    found = NO_TABLE.search(error)
    if found is not None and found.group(1) in files:
        try:
            connection.execute(_view(found.group(1), files[found.group(1)]))
        except duckdb.Error as reason:
            return f"{', '.join(files[found.group(1)])}: {reason}"
    return error


def answer(request: Mapping[str, Any]) -> None:
    """Run the query of ``request`` and write what it gives."""
    import duckdb

    _write({"started": True})
    files: Mapping[str, Sequence[str]] = request["files"]
    connection = connect(files, int(request["memory_mb"]))
    try:
        problem = check(connection, str(request["query"]))
        if problem:
            _write({"error": problem})
            return
        cursor = connection.execute(str(request["query"]))
        _write({"columns": [[str(column[0]), str(column[1])] for column in cursor.description or []]})
        _write({"end": _write_rows(cursor, int(request["limit"]))})
    except duckdb.OutOfMemoryException:
        _write({"error": _out_of_memory(request)})
    except MemoryError:
        _write({"error": _out_of_memory(request)})
    except duckdb.Error as error:
        _write({"error": readable(_why_no_view(connection, files, str(error)), files)})


def _out_of_memory(request: Mapping[str, Any]) -> str:
    return f"The query needs more than the {int(request['memory_mb']):,} MB of memory that it may use; ask for less, with a WHERE or a LIMIT."


def _write_rows(cursor: duckdb.DuckDBPyConnection, limit: int) -> str:
    """Why there are more rows than were written: "rows", "bytes", or "" when there are none."""
    left, written, part = limit, 0, 1
    while True:
        # One more than wanted tells that there are more.
        rows = cursor.fetchmany(min(part, left + 1))
        if not rows:
            return ""
        budget = Budget(MAX_BYTES - written)
        told = []
        for row in rows[:left]:
            told.append([plain(value, budget) for value in row])
            if budget.left < 0:
                break
        size = _write({"rows": told})
        written += size
        if written > MAX_BYTES or budget.left < 0:
            return "bytes"
        if len(rows) > left:
            return "rows"
        left -= len(rows)
        # Few rows at a time while they are large, so that the limit holds before the bytes are there.
        part = max(1, min(_PART, _PART_BYTES * len(rows) // max(1, size)))


class Budget:
    """How many more bytes may be written, about: each value takes what its text takes."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, size: int) -> None:
        """Count them."""
        self.left -= size


def plain(value: Any, budget: Budget | None = None) -> Any:
    """A value of DuckDB as JSON has it; long texts are cut, what JSON does not know becomes text. Past the ``budget`` nested values end."""
    budget = budget or Budget(MAX_BYTES)
    if isinstance(value, (Mapping, list, tuple)):
        return _nested(value, budget)
    shown = _single(value)
    budget.take(len(shown) + 4 if isinstance(shown, str) else 8)
    return shown


def _single(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _MAX_CELL else value[:_MAX_CELL] + "…"
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value[:_MAX_CELL])).decode("ascii")
    return str(value)[:_MAX_CELL]


def _nested(value: Any, budget: Budget) -> Any:
    """Lists and objects, whose parts together are no longer than a text may be."""
    granted = min(_MAX_CELL, budget.left)
    own = Budget(granted)
    made: Any = {} if isinstance(value, Mapping) else []
    for item in value.items() if isinstance(value, Mapping) else value:
        if own.left < 0:
            # As a text that is cut.
            made.update({"…": "…"}) if isinstance(value, Mapping) else made.append("…")
            break
        if isinstance(value, Mapping):
            own.take(len(str(item[0])) + 4)
            made[str(item[0])[:_MAX_CELL]] = plain(item[1], own)
        else:
            made.append(plain(item, own))
    budget.take(granted - own.left + 2)
    return made


def _write(message: dict[str, Any]) -> int:
    line = json.dumps(message, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n"
    sys.stdout.write(line)
    sys.stdout.flush()
    return len(line)


def _limit_memory(megabytes: int) -> None:
    """What DuckDB does not count (a text of a gigabyte) is bounded by the operating system, where it can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, megabytes * 1_000_000))


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> int:
    """One request, one answer."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit_memory(int(request["memory_mb"]) + _BEYOND_MB)
    threading.Thread(target=_end_with_input, daemon=True).start()
    # The engine ends it in time; should the engine hang, it ends by itself.
    timer = threading.Timer(float(request["seconds"]) + _TIMEOUT_S, os._exit, (1,))
    timer.daemon = True
    timer.start()
    os.chdir(Path(__file__).resolve().anchor)
    with without_pandas():
        answer(request)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
