"""The catalog laid out for fast browsing: files made from the main index, in the background (``cache_making``), and thrown away when they do not fit.

What the parquet file alone gives, and why this exists: Resources/Decisions/0003-catalog.md. Everything works without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.cache.derived import QUERIES
from IDCBrowserLib.catalog.cache.row_groups import select_groups
from IDCBrowserLib.catalog.connection import is_damage, literal
from IDCBrowserLib.catalog.files.sources import Sources

if TYPE_CHECKING:
    import duckdb

# Raise it whenever a file of the cache changes.
_FORMAT = 13
PREFIX = "catalog-"
_TABLES, _ROWS = ".duckdb", ".parquet"


def cache_file(sources: Sources, folder: Path) -> Path:
    """The file that fits exactly these sources and this DuckDB; another size, time or version gives another name.

    It has the tables; beside it is ``rows_file``.
    """
    import duckdb

    facts = [str(_FORMAT), duckdb.__version__]
    for path in (*sources.series, *sources.collections):
        state = path.stat()
        facts += [str(path), str(state.st_size), str(state.st_mtime_ns)]
    return folder / f"{PREFIX}{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()[:24]}{_TABLES}"


def rows_file(path: Path) -> Path:
    """The series of a cache, see ``row_groups``."""
    return path.with_suffix(_ROWS)


def parts(path: Path) -> tuple[Path, ...]:
    """All files of a cache."""
    return (path, rows_file(path))


def is_whole(path: Path) -> bool:
    """Whether all of a cache is there."""
    return all(part.is_file() for part in parts(path))


def remove_unfinished(path: Path, process: int) -> None:
    """Remove what a process that has ended made of the files of a cache."""
    for part in parts(path):
        temporary = unfinished(part, process)
        for leftover in (temporary, Path(f"{temporary}.wal"), Path(f"{temporary}.tmp")):
            remove(leftover)


def unfinished(path: Path, process: int) -> Path:
    """Where a process writes a file of a cache."""
    return path.with_name(f".{process}-{path.name}")


def attach(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Open the cache as ``cached`` if it is there and whole; a damaged one is removed."""
    import duckdb

    if not path.is_file():
        return False
    try:
        connection.execute(f"ATTACH {literal(path)} AS cached (READ_ONLY)")
        numbers = connection.execute(
            f"SELECT series, (SELECT count(*) FROM read_parquet({literal(rows_file(path))})) FROM cached.complete"
        ).fetchone()
    except duckdb.Error:
        numbers = None
    if numbers is None or len(set(numbers)) > 1:
        discard(connection, path)
        return False
    return True


def discard(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Close and remove a cache that turned out to be damaged."""
    import duckdb

    with contextlib.suppress(duckdb.Error):
        connection.execute("DETACH DATABASE IF EXISTS cached")
    for file in parts(path):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def use(connection: duckdb.DuckDBPyConnection, path: Path, extra_series: str) -> bool:
    """Put the attached cache below ``series`` and make its tables available by name, at once for whoever asks meanwhile.

    ``extra_series`` is a SELECT of the series that further files add, or "". Returns False when these touch collections or
    analysis results of the cache, whose ready rows would then be wrong; the cache is not used in that case. Nor is a damaged one, which is removed.
    """
    import duckdb

    shared = (
        f"SELECT 1 FROM ({extra_series}) WHERE collection_id IN (SELECT collection_id FROM cached.level_collections) "
        "OR analysis_result_id IN (SELECT analysis_result_id FROM cached.level_analysis_results) LIMIT 1"
    )
    connection.begin()
    try:
        if extra_series and connection.execute(shared).fetchone():
            connection.commit()
            return False
        _show(connection, rows_file(path), extra_series)
        connection.commit()
    except BaseException as error:
        connection.rollback()
        # Our questions fit what we write: where a column is gone, or its name no UTF-8, the file is another one.
        of_schema = isinstance(error, (duckdb.BinderException, duckdb.CatalogException, UnicodeDecodeError))
        if not of_schema and not (isinstance(error, duckdb.Error) and is_damage(error)):
            raise
        discard(connection, path)
        return False
    return True


def _show(connection: duckdb.DuckDBPyConnection, rows: Path, extra_series: str) -> None:
    series = select_groups(rows)
    if extra_series:
        # The queries are about "series": for a moment that is the further files alone.
        connection.execute(f"CREATE OR REPLACE VIEW series AS {extra_series}")
        for name in QUERIES:
            connection.execute(f"CREATE OR REPLACE TABLE extra_{name} AS {QUERIES[name]}")
        series += f" UNION ALL {extra_series}"
    connection.execute(f"CREATE OR REPLACE VIEW series AS {series}")
    for name in QUERIES:
        further = f" UNION ALL SELECT * FROM extra_{name}" if extra_series else ""
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM cached.{name}{further}")


def remove(path: Path) -> None:
    """A file or DuckDB's folder for what does not fit memory."""
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
