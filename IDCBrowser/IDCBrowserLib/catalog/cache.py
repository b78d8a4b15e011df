"""The catalog laid out for fast browsing: one DuckDB file made from the main index, in the background, and thrown away when it does not fit.

What the parquet file alone gives, and why this exists: Resources/Decisions/0003-catalog.md. Everything works without it.
Build one by hand: ``python -m IDCBrowserLib.catalog.cache FOLDER``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.columns import SERIES_COLUMNS
from IDCBrowserLib.catalog.connection import is_damage, literal
from IDCBrowserLib.catalog.derived import LEVEL_TABLES, QUERIES
from IDCBrowserLib.catalog.files.sources import Sources, find_sources
from IDCBrowserLib.file_lock import lock_file

if TYPE_CHECKING:
    import duckdb

# Raise it whenever a table of the cache changes.
_FORMAT = 10
_PREFIX = "catalog-"
_SUFFIX = ".duckdb"
_LOCK = "building.lock"
_ABANDONED_S = 3600
_BUILD_THREADS = 2
_BUILD_MEMORY = "320MB"

# A third of the file would be addresses that follow from two other columns: kept only where they do not.
_URL = "'s3://' || aws_bucket || '/' || crdc_series_uuid || '/*'"
_STORED_URL = f"CASE WHEN series_aws_url IS DISTINCT FROM {_URL} THEN coalesce(series_aws_url, '') END AS series_aws_url"
_SHOWN_URL = f"CASE WHEN series_aws_url IS NULL THEN {_URL} ELSE nullif(series_aws_url, '') END AS series_aws_url"


def cache_file(sources: Sources, folder: Path) -> Path:
    """The file that fits exactly these sources and this DuckDB; another size, time or version gives another name."""
    import duckdb

    facts = [str(_FORMAT), duckdb.__version__]
    for path in (*sources.series, *sources.collections):
        state = path.stat()
        facts += [str(path), str(state.st_size), str(state.st_mtime_ns)]
    return folder / f"{_PREFIX}{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()[:24]}{_SUFFIX}"


def build(sources: Sources, target: Path) -> None:
    """Make the cache file, whole or not at all; remove those of other versions. Takes about ten seconds of one core and 700 MB of memory."""
    import duckdb

    from IDCBrowserLib.catalog.level_tables import LevelTables
    from IDCBrowserLib.catalog.series_numbers import make_numbers, store_numbers
    from IDCBrowserLib.catalog.tables import create_tables
    from IDCBrowserLib.catalog.uid_blocks import index_blocks

    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _unfinished(target, os.getpid())
    try:
        with duckdb.connect(str(temporary), config={"threads": _BUILD_THREADS, "memory_limit": _BUILD_MEMORY}) as connection:
            connection.execute("ATTACH ':memory:' AS source")
            connection.execute("USE source")
            create_tables(connection, sources, [])
            file = connection.execute("SELECT database_name FROM duckdb_databases() WHERE path IS NOT NULL AND NOT internal").fetchone()
            assert file is not None
            database = '"' + str(file[0]) + '"'
            numbers = make_numbers(connection)
            store_numbers(connection, numbers, database)
            levels = LevelTables(connection, sources.series, numbers)
            for name, level in LEVEL_TABLES.items():
                levels.create(level, f"{database}.{name}")
            del levels, numbers
            columns = ", ".join(_STORED_URL if name == "series_aws_url" else name for name in SERIES_COLUMNS)
            # One thread reads the one row group; a second would make it lay some rows out twice.
            connection.execute("SET threads = 1")
            connection.execute(f"CREATE TABLE {database}.series AS SELECT row_no::INTEGER AS row_no, {columns} FROM series")
            connection.execute(f"SET threads = {_BUILD_THREADS}")
            connection.execute(f"CREATE OR REPLACE VIEW series AS SELECT * FROM {database}.series")
            for name, query in QUERIES.items():
                if name not in LEVEL_TABLES:
                    connection.execute(f"CREATE TABLE {database}.{name} AS {query}")
            # Packed, a row of the index would be unpacked with a hundred thousand others.
            connection.execute("SET force_compression = 'uncompressed'")
            index_blocks(connection, database)
            connection.execute(f"CHECKPOINT {database}")
            connection.execute("RESET force_compression")
            # Written last: a file without it is no cache.
            connection.execute(f"CREATE TABLE {database}.complete AS SELECT count(*) AS series FROM series")
        os.replace(temporary, target)
    finally:
        remove_unfinished(target, os.getpid())
    _remove_others(target)


def remove_unfinished(target: Path, process: int) -> None:
    """Remove what a process that has ended made of a cache file."""
    temporary = _unfinished(target, process)
    for leftover in (temporary, Path(f"{temporary}.wal"), Path(f"{temporary}.tmp")):
        _remove(leftover)


def _unfinished(target: Path, process: int) -> Path:
    return target.with_name(f".{process}-{target.name}")


def attach(connection: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Open the cache as ``cached`` if it is there and whole; a damaged one is removed."""
    import duckdb

    if not path.is_file():
        return False
    try:
        connection.execute(f"ATTACH {literal(path)} AS cached (READ_ONLY)")
        connection.execute("SELECT series FROM cached.complete").fetchone()
    except duckdb.Error:
        discard(connection, path)
        return False
    return True


def discard(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Close and remove a cache that turned out to be damaged."""
    import duckdb

    with contextlib.suppress(duckdb.Error):
        connection.execute("DETACH DATABASE IF EXISTS cached")
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def use(connection: duckdb.DuckDBPyConnection, path: Path, extra_series: str) -> bool:
    """Put the attached cache below ``series`` and make its tables available by name, at once for whoever asks meanwhile.

    ``extra_series`` is a SELECT of the series that further files add, or "". Returns False when these touch collections or
    analysis results of the cache, whose ready rows would then be wrong; the cache is not used in that case. Nor is a damaged one, which is removed.
    """
    import duckdb

    connection.begin()
    try:
        used = _use(connection, extra_series)
        connection.commit()
    except BaseException as error:
        connection.rollback()
        if not isinstance(error, duckdb.Error) or not is_damage(error):
            raise
        discard(connection, path)
        return False
    return used


def _use(connection: duckdb.DuckDBPyConnection, extra_series: str) -> bool:
    columns = ", ".join(_SHOWN_URL if name == "series_aws_url" else name for name in SERIES_COLUMNS)
    main = f"SELECT row_no, {columns} FROM cached.series"
    if not extra_series:
        connection.execute(f"CREATE OR REPLACE VIEW series AS {main}")
        for name in QUERIES:
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM cached.{name}")
        return True
    shared = (
        f"SELECT 1 FROM ({extra_series}) WHERE collection_id IN (SELECT collection_id FROM cached.level_collections) "
        "OR analysis_result_id IN (SELECT analysis_result_id FROM cached.level_analysis_results) LIMIT 1"
    )
    if connection.execute(shared).fetchone():
        return False
    # The queries are about "series": for a moment that is the further files alone.
    connection.execute(f"CREATE OR REPLACE VIEW series AS {extra_series}")
    for name, query in QUERIES.items():
        connection.execute(f"CREATE OR REPLACE TABLE extra_{name} AS {query}")
    connection.execute(f"CREATE OR REPLACE VIEW series AS {main} UNION ALL {extra_series}")
    for name in QUERIES:
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM cached.{name} UNION ALL SELECT * FROM extra_{name}")
    return True


def _remove_others(target: Path) -> None:
    """Caches of other versions, and what a build that was killed left an hour ago or earlier."""
    others = [path for path in target.parent.glob(f"{_PREFIX}*{_SUFFIX}") if path != target]
    # Another program may have one open (Windows); it goes the next time.
    with contextlib.suppress(OSError):
        others += [path for path in target.parent.glob(f".*-{_PREFIX}*") if path.stat().st_mtime < time.time() - _ABANDONED_S]
    for path in others:
        _remove(path)


def _remove(path: Path) -> None:
    """A file or DuckDB's folder for what does not fit memory."""
    with contextlib.suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """Build the cache of the installed index in a folder, politely: other work goes first, and only one program builds it."""
    folder = Path((sys.argv[1:] if arguments is None else arguments)[0])
    if hasattr(os, "nice"):
        os.nice(10)
    sources = find_sources()
    target = cache_file(sources, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as lock:
        try:
            lock_file(lock)
        except OSError:
            # Another window builds it; both will find it.
            return 0
        if not target.is_file():
            build(sources, target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
