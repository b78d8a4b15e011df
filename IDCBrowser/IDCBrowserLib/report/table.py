"""Measurements as a flat table: CSV for spreadsheets, Parquet for everything else."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.selection.rows_file import write_parquet
from IDCBrowserLib.whole_file import whole_file

ENDINGS = (".csv", ".parquet")
# The meaning of a code that is a value stands in value_text.
_VALUE = "value_code"
_COLUMNS = tuple(Row.__annotations__)
_CODES = frozenset(column for column, kind in Row.__annotations__.items() if "Code" in str(kind))
_TYPES = {"group": "int32", "segment_number": "int32", "value": "double"}


def flat_columns() -> list[str]:
    """A code is three columns: ``finding`` (its meaning), ``finding_code``, ``finding_scheme``; that of a value two."""
    return [name for column in _COLUMNS for name in _names(column)]


def flat(row: Mapping[str, Any]) -> Iterator[Any]:
    """The cells of a row, in the order of ``flat_columns``."""
    for column in _COLUMNS:
        value = row[column]
        if column not in _CODES:
            yield value
            continue
        cells = (value["meaning"] or value["value"], value["value"], value["scheme"]) if value else (None, None, None)
        yield from cells[1:] if column == _VALUE else cells


def _names(column: str) -> tuple[str, ...]:
    if column == _VALUE:
        return "value_code", "value_scheme"
    return (column, f"{column}_code", f"{column}_scheme") if column in _CODES else (column,)


def check_name(path: Path) -> None:
    """Raises ``InputError`` for a name that does not say which kind of file to write, and for a folder that is not there."""
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path.name} does not show which kind of file to write; the name must end in .csv or .parquet.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"The folder {path.absolute().parent} does not exist. Make it, or choose another one.")


def write_measurements(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows; the file appears whole or not at all. Raises ``InputError``, ``StorageError``."""
    check_name(path)
    if path.suffix.lower() == ".parquet":
        write_parquet(path, flat_columns(), _TYPES, map(flat, rows))
        return
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(flat_columns())
        writer.writerows([cell(value) for value in flat(row)] for row in rows)
