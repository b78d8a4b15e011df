"""The outputs of a batch as one table of each kind, CSV or Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from IDCBrowserLib.batch import tables
from IDCBrowserLib.batch.ledger import DONE
from IDCBrowserLib.batch.receipt import MOST_BYTES
from IDCBrowserLib.batch.status import opened
from IDCBrowserLib.dicom.regular_file import read_regular
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.safe_text import printable
from IDCBrowserLib.selection.rows_file import check_table_name, write_table
from IDCBrowserLib.task import Progress, Task

# Step -> the table that its receipts go to: its columns with their types.
_TABLES = {"volumes": tables.VOLUMES, "measurements": tables.MEASUREMENTS, "compare": tables.COMPARISONS}
_ROWS = {"volumes": tables.volume_rows, "measurements": tables.measurement_rows, "compare": tables.comparison_rows}
_KINDS: dict[str, Any] = {"string": str, "int64": int, "bool": bool}
_ADVICE = "Delete it and what the batch made beside it, and run the batch again, which makes them anew."


class Receipt(NamedTuple):
    """``content`` is what its file says, and ``labelmap_files``: those of the same series."""

    path: Path
    content: dict[str, Any]


def merge(folder: Path, out: Path, task: Task) -> dict[str, Any]:
    """Write a table for each kind of output; gives ``{"tables": {"volumes": {"file", "rows"}}, "series"}``.

    The first of volumes, measurements and compare that there is goes to ``out``, another one beside it (``out-measurements.csv``).
    Raises ``InputError``, ``NotFoundError``, ``StorageError``.
    """
    check_table_name(out)
    with opened(folder) as ledgers:
        steps = {step for ledger in ledgers for step in ledger.wanted().steps}
    kinds = [kind for kind in _TABLES if kind in steps or (kind == "volumes" and "labelmaps" in steps)]
    told: dict[str, Any] = {}
    series = 0

    def rows(kind: str) -> Iterator[list[Any]]:
        nonlocal series
        for receipt in receipts_of(folder, kind, task):
            series += 1
            yield from rows_of(kind, receipt)

    for kind in kinds:
        path = out if not told else out.with_name(f"{out.stem}-{kind}{out.suffix}")
        columns = _TABLES[kind]
        told[kind] = {"file": str(path), "rows": write_table(path, list(columns), columns, rows(kind))}
    return {"tables": told, "series": series}


def rows_of(kind: str, receipt: Receipt) -> list[list[Any]]:
    """Its rows of the table of a kind, in the order of its columns. Raises ``InputError`` for a receipt that was damaged."""
    try:
        rows = list(_ROWS[kind](receipt.content))
        return [[_value(row.get(name), type_) for name, type_ in _TABLES[kind].items()] for row in rows]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"{receipt.path} is damaged: it does not say what a receipt of a batch says. {_ADVICE}") from error


def _value(value: Any, kind: str) -> Any:
    """A cell that has this type of Arrow, or is empty. Raises ``TypeError``, ``ValueError``, ``OverflowError``."""
    if value is None:
        return None
    if kind == "double":
        return float(value)
    if not isinstance(value, _KINDS[kind]):
        raise TypeError(f"{value!r} is not of type {kind}")
    if kind == "int64":
        value.to_bytes(8, "little", signed=True)
    return printable(value) if kind == "string" else value


def receipts_of(folder: Path, kind: str, task: Task) -> Iterator[Receipt]:
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


def _with_labelmaps(folder: Path, output: Mapping[str, Any], others: list[dict[str, Any]]) -> Receipt:
    path = folder / output["receipt"]
    place = output["receipt"].partition("/")[2]
    beside = [other for other in others if other["step"] == "labelmaps" and other["receipt"].partition("/")[2] == place]
    named = [name for other in beside for name in other["files"] if name != other["receipt"]]
    return Receipt(path, {**_read(path), "labelmap_files": named})


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(read_regular(path, MOST_BYTES, _ADVICE))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read ({error}). {_ADVICE}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path} is not a receipt of a batch. {_ADVICE}")
    return document
