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
from IDCBrowserLib.catalog.expert.sql_check import check, readable
from IDCBrowserLib.own_process import without_pandas

if TYPE_CHECKING:
    import duckdb

# What Python, DuckDB and the decoding of one row group need besides DuckDB's own limit; address space, so generous.
_BEYOND_MB = 2000
_PART = 500
# A result is kept in memory and looked at by a person.
MAX_BYTES = 64_000_000
_MAX_CELL = 20_000
_TIMEOUT_S = 5.0


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
        parts = [f"SELECT * FROM read_parquet({literal(path)})" for path in paths]
        # A file that is damaged is said when it is asked.
        with contextlib.suppress(duckdb.Error):
            connection.execute(f'CREATE VIEW "{name}" AS {" UNION ALL BY NAME ".join(parts)}')
    allowed = ", ".join(literal(path) for paths in files.values() for path in paths)
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


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
        _write({"error": readable(str(error), [path for paths in files.values() for path in paths])})


def _out_of_memory(request: Mapping[str, Any]) -> str:
    return f"The query needs more than the {int(request['memory_mb']):,} MB of memory that it may use; ask for less, with a WHERE or a LIMIT."


def _write_rows(cursor: duckdb.DuckDBPyConnection, limit: int) -> str:
    """Why there are more rows than were written: "rows", "bytes", or "" when there are none."""
    left, written = limit, 0
    while True:
        # One more than wanted tells that there are more.
        part = cursor.fetchmany(min(_PART, left + 1))
        if not part:
            return ""
        written += _write({"rows": [[plain(value) for value in row] for row in part[:left]]})
        if len(part) > left:
            return "rows"
        left -= len(part)
        if written > MAX_BYTES:
            return "bytes"


def plain(value: Any) -> Any:
    """A value of DuckDB as JSON has it; long texts are cut, what JSON does not know becomes text."""
    if isinstance(value, str):
        return value if len(value) <= _MAX_CELL else value[:_MAX_CELL] + "…"
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value[:_MAX_CELL])).decode("ascii")
    return _nested(value)


def _nested(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value[:_MAX_CELL]]
    return str(value)


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
