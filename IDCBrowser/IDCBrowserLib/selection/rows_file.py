"""Rows of any table as a file for others: CSV, TSV or JSON, whole or not at all."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from IDCBrowserLib.errors import InputError, StorageError

ENDINGS = (".csv", ".tsv", ".json")
# What a cell of a spreadsheet must not start with, or the program that opens it computes it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write ``rows`` in the form that the name asks for; lists and objects in a cell of CSV and TSV are JSON.

    Raises ``InputError`` for another ending and ``StorageError`` when the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{path.name} does not tell which kind of file is wanted; end it with {', '.join(ENDINGS)}.")
    temporary = None
    try:
        number, temporary = tempfile.mkstemp(prefix=f".{path.name}", dir=path.parent)
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            if ending == ".json":
                _write_json(file, columns, rows)
            else:
                _write_table(file, columns, rows, "," if ending == ".csv" else "\t")
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        raise StorageError(f"{path} cannot be written ({error.strerror or error}); choose another folder.") from error


def _write_json(file: IO[str], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    json.dump([dict(zip(columns, row, strict=True)) for row in rows], file, indent=1, ensure_ascii=False)
    file.write("\n")


def _write_table(file: IO[str], columns: Sequence[str], rows: Sequence[Sequence[Any]], delimiter: str) -> None:
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
