"""The values of a column of a clinical table on this computer. The files are what somebody sent: each may be damaged or of another shape."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.about.clinical_tables import PATIENT, columns_of, place_of
from IDCBrowserLib.catalog.connection import ask, connect, interruptible
from IDCBrowserLib.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

_MOST_SAID = 120
# Other types need modules that Slicer does not have (dates with time zones), or are no values.
_PLAIN = re.compile(r"(?:VARCHAR|BOOLEAN|FLOAT|DOUBLE|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DECIMAL\(.*\))(?:\[\])?")


class DamagedTableError(CatalogError):
    """Fetching the table again may help."""


def values_of_patients(name: str, files: Sequence[Path], column: str, most: int) -> list[tuple[str, Any]]:
    """(PatientID, value), each pair once, without empty ones.

    Raises ``DamagedTableError``, and ``CatalogError`` for a table that names no patients, lacks the column, or has more than ``most`` pairs.
    """
    with _reading_table(name, files) as connection:
        types = _types(connection, files)
        if PATIENT not in types:
            raise CatalogError(f"The clinical table {name} names no patients: it has no column {PATIENT}.")
        if column.lower() not in types:
            raise CatalogError(f"The clinical table {name} has no column {column}, although the index file says so.")
        query = (
            f"SELECT DISTINCT trim(CAST({PATIENT} AS VARCHAR)) AS patient, {_value(column, types[column.lower()])} AS value FROM {place_of(files)}"
        )
        found = ask(connection, f"SELECT * FROM ({query}) WHERE patient IS NOT NULL AND value IS NOT NULL LIMIT {most + 1}").fetchall()
    if len(found) > most:
        raise CatalogError(f"The clinical table {name} has more than {most:,} values of {column}, which are too many for a filter.")
    return found


def distinct_values(name: str, files: Sequence[Path], column: str, most: int) -> list[Any]:
    """At most so many, without empty ones; none where the table lacks the column. Raises ``DamagedTableError``."""
    with _reading_table(name, files) as connection:
        types = _types(connection, files)
        if column.lower() not in types:
            return []
        query = f"SELECT DISTINCT {_value(column, types[column.lower()])} AS value FROM {place_of(files)}"
        return [row[0] for row in ask(connection, f"SELECT value FROM ({query}) WHERE value IS NOT NULL LIMIT {most}").fetchall()]


@contextlib.contextmanager
def _reading_table(name: str, files: Sequence[Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads these files; whatever DuckDB cannot do with them is damage."""
    import duckdb

    try:
        with connect(files) as connection, interruptible(connection):
            yield connection
    except duckdb.Error as error:
        said = next(iter(str(error).strip().splitlines()), "")[:_MOST_SAID]
        raise DamagedTableError(f"The clinical table {name} on this computer is damaged ({said}). Fetch it again.") from error


def _types(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> dict[str, str]:
    """By name in lower case, as DuckDB finds columns in any letter case."""
    return {title.lower(): kind for title, kind in columns_of(connection, place_of(files)).items()}


def _value(column: str, kind: str) -> str:
    name = '"' + column.replace('"', '""') + '"'
    return name if _PLAIN.fullmatch(kind) else f"CAST({name} AS VARCHAR)"
