"""A Parquet file from rows that are written one by one: they go through a CSV file that DuckDB reads in steps, however many they are."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

from IDCBrowserLib.catalog.connection import literal
from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.whole_file import part_of, unfinished, whole_file

_FORM = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"


@contextmanager
def parquet_table(out: Path, columns: Mapping[str, str], *, further: str = "", config: Mapping[str, str] | None = None) -> Iterator[IO[str]]:
    """The CSV file, for a heading and the rows; ``out`` appears whole when the block ends. ``columns`` are names and types of DuckDB.

    ``further`` are options of DuckDB's CSV reader, ``config`` its limits. Raises ``StorageError`` when it cannot be written.
    """
    rows = out.with_name(f".{out.name[:100]}-{secrets.token_hex(6)}.csv")
    try:
        with unfinished(rows), whole_file(rows) as file:
            yield file
        kinds = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
        source = f"read_csv({literal(rows)}, {_FORM}{further}, columns = {{{kinds}}})"
        with unfinished(rows), part_of(out) as part, duckdb.connect(config={"threads": 2, **(config or {})}) as connection:
            connection.execute(f"COPY (SELECT * FROM {source}) TO {literal(part)} (FORMAT parquet, COMPRESSION zstd)")
    except (OSError, duckdb.IOException) as error:
        raise StorageError(f"{out} cannot be written ({error}); choose another folder.") from error
    finally:
        rows.unlink(missing_ok=True)
