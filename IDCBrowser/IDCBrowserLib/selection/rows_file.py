"""Writes rows of a table as CSV, TSV, JSON or Parquet, completely or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.whole_file import whole_binary_file, whole_file

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Unresolved

ENDINGS = (".csv", ".tsv", ".json")
# Of tables that may have millions of rows.
TABLE_ENDINGS = (".csv", ".parquet")
_CELLS_AT_A_TIME = 1_000_000


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write ``rows`` in the form that the name asks for; lists and objects in a cell of CSV and TSV are JSON.

    Raises ``InputError`` for another ending and ``StorageError`` when the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path.name} does not show which kind of file to write; the name must end in {', '.join(ENDINGS)}.")
    with whole_file(path) as file:
        if ending == ".json":
            _write_json(file, columns, rows)
        else:
            _write_lines(file, columns, rows, "," if ending == ".csv" else "\t")


def check_table_name(path: Path) -> None:
    """Raises ``InputError`` for a name that does not say which kind of table to write."""
    if path.suffix.lower() not in TABLE_ENDINGS:
        raise InputError(f"{path.name} does not show which kind of file to write; the name must end in .csv or .parquet.")


def write_table(path: Path, columns: Sequence[str], types: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> int:
    """CSV or Parquet, as the name says; gives how many rows there were, of which few are in memory at a time.

    ``types`` of Arrow by column, texts where nothing is said. Raises ``InputError`` for another ending, ``StorageError``.
    """
    check_table_name(path)
    if path.suffix.lower() == ".parquet":
        return write_parquet(path, columns, types, rows)
    count = 0
    with whole_file(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([cell(name) for name in columns])
        for row in rows:
            writer.writerow([cell(value) for value in row])
            count += 1
    return count


def write_parquet(path: Path, columns: Sequence[str], types: Mapping[str, str], rows: Iterable[Iterable[Any]]) -> int:
    """As ``write_table``, for Parquet alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.type_for_alias(types.get(name, "string"))) for name in columns])
    left, count = iter(rows), 0
    at_a_time = max(1, _CELLS_AT_A_TIME // len(columns))
    # Not by name: Arrow takes none that is no UTF-8.
    with whole_binary_file(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(left, at_a_time)):
            arrays = [pa.array(map(_encodable, values), field.type) for values, field in zip(zip(*some, strict=True), schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(some)
    return count


def _encodable(value: Any) -> Any:
    r"""Halves of surrogate pairs, which no file can hold, as ``\ud800``."""
    return value if not isinstance(value, str) or value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def write_lines(path: Path, lines: Sequence[Unresolved]) -> None:
    """Write lines that name nothing, with the reasons; errors as of ``write_rows``."""
    write_rows(path, ("source", "line", "text", "reason"), [[item.source, item.line, item.text, item.reason] for item in lines])


def _write_json(file: IO[str], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    json.dump([dict(zip(columns, row, strict=True)) for row in rows], file, indent=1, ensure_ascii=False)
    file.write("\n")


def _write_lines(file: IO[str], columns: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str) -> None:
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow([cell(name) for name in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
