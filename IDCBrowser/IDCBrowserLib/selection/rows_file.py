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
from IDCBrowserLib.whole_file import part_of, whole_file

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Unresolved

ENDINGS = (".csv", ".tsv", ".json")
_ROWS_AT_A_TIME = 50_000


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
            _write_table(file, columns, rows, "," if ending == ".csv" else "\t")


def write_parquet(path: Path, columns: Sequence[str], types: Mapping[str, str], rows: Iterable[Iterable[Any]]) -> None:
    """``types`` of Arrow by column, texts where nothing is said; one part of the rows after the other. Raises ``StorageError``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.type_for_alias(types.get(name, "string"))) for name in columns])
    left = iter(rows)
    with part_of(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        while some := list(islice(left, _ROWS_AT_A_TIME)):
            arrays = [pa.array(values, field.type) for values, field in zip(zip(*some, strict=True), schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def write_lines(path: Path, lines: Sequence[Unresolved]) -> None:
    """Write lines that name nothing, with the reasons; errors as of ``write_rows``."""
    write_rows(path, ("source", "line", "text", "reason"), [[item.source, item.line, item.text, item.reason] for item in lines])


def _write_json(file: IO[str], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    json.dump([dict(zip(columns, row, strict=True)) for row in rows], file, indent=1, ensure_ascii=False)
    file.write("\n")


def _write_table(file: IO[str], columns: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str) -> None:
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow([cell(name) for name in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
