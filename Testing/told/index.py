"""What SQL says of IDC's index file, without a line of this program."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import idc_index_data

CASES = "count(DISTINCT (collection_id, PatientID))"


def index_file() -> Path:
    """Of the package."""
    return Path(str(idc_index_data.IDC_INDEX_PARQUET_FILEPATH))


@contextmanager
def opened_index(*further: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the view ``idc``: the index file, and files with further rows and perhaps fewer columns."""
    with duckdb.connect() as connection:
        files = ", ".join(f"'{str(path).replace(chr(39), chr(39) * 2)}'" for path in (index_file(), *further))
        connection.execute(f"CREATE VIEW idc AS SELECT * FROM read_parquet([{files}], union_by_name = true)")
        yield connection


def counted(index: duckdb.DuckDBPyConnection, condition: str) -> list[int]:
    """Series, studies and cases."""
    query = f"SELECT count(*), count(DISTINCT StudyInstanceUID), {CASES} FROM idc WHERE {condition}"
    return [int(count) for count in index.execute(query).fetchone() or ()]


def by_value(index: duckdb.DuckDBPyConnection, column: str, condition: str = "true", unit: str = CASES) -> dict[str, int]:
    """How many cases, or of another unit, each value of a column has."""
    rows = index.execute(f"SELECT coalesce(nullif({column}, ''), 'not stated'), {unit} FROM idc WHERE {condition} GROUP BY 1").fetchall()
    return {str(value): int(count) for value, count in rows}
