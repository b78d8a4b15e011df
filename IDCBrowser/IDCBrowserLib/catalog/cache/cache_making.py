"""Makes the files of the cache, in a process of its own: Arrow writes the series once more while DuckDB and NumPy make the tables.

By hand: ``python -m IDCBrowserLib.catalog.cache.cache_making FOLDER``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.cache import cache
from IDCBrowserLib.catalog.cache.derived import LEVEL_TABLES, QUERIES
from IDCBrowserLib.catalog.cache.row_groups import write_groups
from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.catalog.files.sources import Sources, find_sources
from IDCBrowserLib.file_lock import lock_file

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_LOCK = "building.lock"
_ABANDONED_S = 3600
_THREADS = 2
_MEMORY = "320MB"
_MADE = "made"


def build(sources: Sources, target: Path) -> None:
    """Make the files of the cache, whole or not at all; remove those of other versions."""
    import duckdb

    from IDCBrowserLib.catalog.cache.uid_tables import uid_tables
    from IDCBrowserLib.catalog.tables import create_tables

    target.parent.mkdir(parents=True, exist_ok=True)
    spilled = f"{_unfinished(target)}.tmp"
    try:
        with (
            duckdb.connect(config={"threads": _THREADS, "memory_limit": _MEMORY, "temp_directory": spilled}) as connection,
            ThreadPoolExecutor(1) as aside,
        ):
            create_tables(connection, sources, [])
            other = connection.cursor()
            # In this order: it takes most memory while the other thread takes little.
            uids = aside.submit(uid_tables, other, sources.series)
            rows = aside.submit(write_groups, other, sources.series, _unfinished(cache.rows_file(target)))
            with _database(connection, _unfinished(target)):
                _make_tables(connection, sources)
                _store(connection, uids.result())
                rows.result()
        # The tables last: only with them it is a cache.
        for part in reversed(cache.parts(target)):
            os.replace(_unfinished(part), part)
    finally:
        cache.remove_unfinished(target, os.getpid())
    _remove_others(target)


def _unfinished(part: Path) -> Path:
    return cache.unfinished(part, os.getpid())


def _make_tables(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    from IDCBrowserLib.catalog.cache.level_tables import LevelTables
    from IDCBrowserLib.catalog.cache.numbers_making import make_column, make_numbers, store_numbers
    from IDCBrowserLib.catalog.cache.search_tables import QUERIES_ON_LEVELS, create_descriptions

    numbers = make_numbers(connection, sources.series, partial(make_column, connection, sources.series))
    store_numbers(connection, numbers, _MADE)
    levels = LevelTables(connection, sources.series, numbers)
    for name, level in LEVEL_TABLES.items():
        levels.create(level, f"{_MADE}.{name}")
    create_descriptions(connection, sources.series, levels.texts, f"{_MADE}.search_descriptions")
    for name, query in QUERIES.items():
        if name not in (*LEVEL_TABLES, "search_descriptions"):
            connection.execute(f"CREATE TABLE {_MADE}.{name} AS {QUERIES_ON_LEVELS.get(name, query)}")


def _store(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """As they are: packed, a row of them would be unpacked with a hundred thousand others."""
    connection.execute("SET force_compression = 'uncompressed'")
    for name, table in tables.items():
        connection.register("made_table", table)
        connection.execute(f"CREATE TABLE {_MADE}.{name} AS SELECT * FROM made_table")
        connection.unregister("made_table")
    connection.execute(f"CHECKPOINT {_MADE}")
    connection.execute("RESET force_compression")


@contextlib.contextmanager
def _database(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    """Inside, ``_MADE`` is a database, and afterward the file ``path``."""
    connection.execute(f"ATTACH {literal(path)} AS {_MADE}")
    try:
        yield
        # Written last: a file without it is no cache.
        connection.execute(f"CREATE TABLE {_MADE}.complete AS SELECT count(*) AS series FROM series")
    finally:
        connection.execute(f"DETACH {_MADE}")


def _remove_others(target: Path) -> None:
    """Caches of other versions, and what a build that was killed left an hour ago or earlier."""
    others = [path for path in target.parent.glob(f"{cache.PREFIX}*") if path not in cache.parts(target)]
    # Another program may have one open (Windows); it goes the next time.
    with contextlib.suppress(OSError):
        others += [path for path in target.parent.glob(f".*-{cache.PREFIX}*") if path.stat().st_mtime < time.time() - _ABANDONED_S]
    for path in others:
        cache.remove(path)


def main(arguments: list[str] | None = None) -> int:
    """Build the cache of the installed index in a folder, politely: other work goes first, and only one program builds it."""
    folder = Path((sys.argv[1:] if arguments is None else arguments)[0])
    if hasattr(os, "nice"):
        os.nice(10)
    sources = find_sources()
    target = cache.cache_file(sources, folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("ab") as lock:
        try:
            lock_file(lock)
        except OSError:
            # Another window builds it; both will find it.
            return 0
        if not cache.is_whole(target):
            build(sources, target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
