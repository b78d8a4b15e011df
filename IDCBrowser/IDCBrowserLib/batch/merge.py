"""The outputs of a batch as one table of each kind, CSV or Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from IDCBrowserLib.batch import tables
from IDCBrowserLib.batch.ledger import DONE
from IDCBrowserLib.batch.receipt import MOST_BYTES
from IDCBrowserLib.batch.status import opened
from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import whole_file

# Step -> the table that its receipts go to, and the columns of that with their types in DuckDB.
_TABLES = {"volumes": tables.VOLUMES, "measurements": tables.MEASUREMENTS, "compare": tables.COMPARISONS}
_ROWS = {"volumes": tables.volume_rows, "measurements": tables.measurement_rows, "compare": tables.comparison_rows}


def merge(folder: Path, out: Path, task: Task) -> dict[str, Any]:
    """Write a table for each kind of output; gives ``{"tables": {"volumes": {"file", "rows"}}, "series"}``.

    The first of volumes, measurements and compare that there is goes to ``out``, another one beside it (``out-measurements.csv``).
    Raises ``InputError``, ``NotFoundError``, ``StorageError``.
    """
    ending = out.suffix.lower()
    if ending not in (".parquet", ".csv"):
        raise InputError(f"{out}: the file name must end in .parquet or .csv.")
    with opened(folder) as ledgers:
        steps = {step for ledger in ledgers for step in ledger.wanted().steps}
    kinds = [kind for kind in _TABLES if kind in steps or (kind == "volumes" and "labelmaps" in steps)]
    told: dict[str, Any] = {}
    series = 0
    for kind in kinds:
        path = out if not told else out.with_name(f"{out.stem}-{kind}{out.suffix}")
        columns = _TABLES[kind]
        rows = 0
        with _parquet(path, columns) if ending == ".parquet" else _csv(path, columns) as writer:
            for receipt in receipts_of(folder, kind, task):
                series += 1
                for row in _ROWS[kind](receipt):
                    writer.add(row)
                    rows += 1
        told[kind] = {"file": str(path), "rows": rows}
    return {"tables": told, "series": series}


def receipts_of(folder: Path, kind: str, task: Task) -> Iterator[dict[str, Any]]:
    """Of volumes also those of labelmap volumes where no volumes were asked for: each series once."""
    with opened(folder) as ledgers:
        total = sum(ledger.counts()[DONE] for ledger in ledgers)
        done = 0
        for ledger in ledgers:
            for row in ledger.rows(DONE):
                task.raise_if_cancelled()
                done += 1
                task.report(Progress("Merging", done, total, "items"))
                steps = {output["step"] for output in row.outputs}
                step = "labelmaps" if kind == "volumes" and "volumes" not in steps else kind
                for output in row.outputs:
                    if output["step"] == step:
                        yield _with_labelmaps(folder, output, row.outputs)


def _with_labelmaps(folder: Path, output: Mapping[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    """A receipt, and ``labelmap_files``: those of the same series."""
    receipt = _read(folder / output["receipt"])
    place = output["receipt"].partition("/")[2]
    beside = [other for other in others if other["step"] == "labelmaps" and other["receipt"].partition("/")[2] == place]
    named = [name for other in beside for name in other["files"] if name != other["receipt"]]
    return {**receipt, "labelmap_files": named}


def _read(path: Path) -> dict[str, Any]:
    advice = "Delete it and run the batch again, which makes it anew."
    try:
        document = json.loads(read_regular(path, MOST_BYTES, advice))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read ({error}). {advice}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path} is not a receipt of a batch. Delete it and run the batch again, which makes it anew.")
    return document


@contextmanager
def _csv(out: Path, columns: Mapping[str, str]) -> Iterator[_Rows]:
    with whole_file(out) as file:
        yield _Rows(file, list(columns), cell)


class _Rows:
    """``safe``: names come from files, and a spreadsheet may take them for formulas."""

    def __init__(self, file: IO[str], columns: list[str], safe: Callable[[str], str]) -> None:
        self._writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        self._writer.writeheader()
        self._safe = safe

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row."""
        self._writer.writerow({key: self._safe(value) if isinstance(value, str) else value for key, value in row.items()})


@contextmanager
def _parquet(out: Path, columns: Mapping[str, str]) -> Iterator[_Rows]:
    """In steps, with the types of the columns, however many rows there are."""
    from IDCBrowserLib.catalog.parquet_table import parquet_table

    with parquet_table(out, columns, config={"memory_limit": "500MB", "temp_directory": ""}) as file:
        yield _Rows(file, list(columns), str)
