"""Measurements as a flat table: CSV for spreadsheets, Parquet for everything else."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.api.report import Row
from IDCBrowserLib.errors import InputError, NotFoundError, StorageError
from IDCBrowserLib.selection.rows_file import TABLE_ENDINGS, check_table_name, write_table

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
    check_table_name(path)
    if not path.absolute().parent.is_dir():
        raise InputError(f"The folder {path.absolute().parent} does not exist. Make it, or choose another one.")


def read_measurements(path: Path, most: int) -> tuple[list[Row], int]:
    """At most so many rows of a file that ``write_measurements`` wrote, and how many it has. Raises ``InputError``,
    ``NotFoundError``, ``StorageError``.
    """
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise InputError(
            f"{path.name} is neither CSV nor Parquet. Make a file of measurements: idc-browser measurements SOURCE... --out FILE.parquet"
        )
    if not path.is_file():
        raise NotFoundError(f"{path} does not exist. Choose another file of measurements.")
    try:
        cells, total = _parquet_cells(path, most) if path.suffix.lower() == ".parquet" else _csv_cells(path, most)
        return [_row(one) for one in cells], total
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror or error}). Check that it is there and that you may read it.") from error
    except (ValueError, KeyError, csv.Error) as error:
        raise InputError(f"{path} was not written by idc-browser measurements ({error}). Make it again.") from error


def _parquet_cells(path: Path, most: int) -> tuple[list[dict[str, Any]], int]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    _check_columns(file.schema_arrow.names)
    wanted = [name for name in flat_columns() if name in file.schema_arrow.names]
    found: list[dict[str, Any]] = []
    for batch in file.iter_batches(columns=wanted):
        found += batch.slice(0, most - len(found)).to_pylist()
        if len(found) >= most:
            break
    return found, int(file.metadata.num_rows)


def _csv_cells(path: Path, most: int) -> tuple[list[dict[str, Any]], int]:
    found: list[dict[str, Any]] = []
    total = 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        _check_columns(reader.fieldnames or ())
        for total, row in enumerate(reader, 1):
            if total <= most:
                found.append({name: value or None for name, value in row.items() if isinstance(value, str)})
    return found, total


def _check_columns(names: Sequence[str]) -> None:
    missing = [name for name in ("sr_series_uid", "quantity", "value", "unit") if name not in names]
    if missing:
        raise ValueError(f"it has no column {missing[0]}")


def _row(cells: Mapping[str, Any]) -> Row:
    """The inverse of ``flat``."""
    row: dict[str, Any] = {}
    for column in _COLUMNS:
        if column not in _CODES:
            value = cells.get(column)
            kind = _TYPES.get(column)
            row[column] = value if value is None or kind is None else float(value) if kind == "double" else int(value)
            continue
        meaning = cells.get("value_text" if column == _VALUE else column)
        value, scheme = (
            (cells.get(f"{column}_{part}") for part in ("code", "scheme"))
            if column != _VALUE
            else (
                cells.get("value_code"),
                cells.get("value_scheme"),
            )
        )
        row[column] = {"value": str(value), "scheme": str(scheme or ""), "meaning": str(meaning or "")} if value else None
    return row  # type: ignore[return-value]


def write_measurements(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows; the file appears whole or not at all. Raises ``InputError``, ``StorageError``."""
    check_name(path)
    write_table(path, flat_columns(), _TYPES, (list(flat(row)) for row in rows))
