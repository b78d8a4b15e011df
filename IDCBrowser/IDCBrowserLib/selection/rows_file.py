"""Writes rows of a table as CSV, TSV or JSON, completely or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.whole_file import whole_file

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Unresolved

ENDINGS = (".csv", ".tsv", ".json")


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
