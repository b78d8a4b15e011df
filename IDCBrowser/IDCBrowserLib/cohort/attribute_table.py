"""Attributes of many series as one table: one object of each is read, a few at a time, and what was read is kept when the program is stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from IDCBrowserLib.cohort.attributes import first_object, read_attributes, rows
from IDCBrowserLib.cohort.kept_rows import KeptRows
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.selection.rows_file import check_table_name
from IDCBrowserLib.selection.rows_file import write_table as save_table
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer.options import TransferOptions

# Requests at a time: the buckets are shared with everybody.
_AT_A_TIME = 8
_FIXED = ("collection_id", "PatientID", "SeriesInstanceUID", "crdc_series_uuid")


def write_table(series: Sequence[PlannedSeries], options: TransferOptions, everything: bool, out: Path, task: Task) -> dict[str, Any]:
    """A row for each series, a column for each attribute that any of them has; ``.csv`` or ``.parquet``.

    Gives ``{"file", "rows", "columns", "failed": [{"SeriesInstanceUID", "reason"}]}``. What was read by a program that was stopped is not read
    again. Raises ``InputError``, ``StorageError``, ``CancelledError``.
    """
    check_table_name(out)
    failed: list[dict[str, str]] = []
    with KeptRows(f"attributes {everything} {os.path.abspath(out)}", "crdc_series_uuid") as kept:
        todo = [one for one in series if one.crdc_series_uuid not in kept]
        for one, found in _each(todo, lambda one: _read(one, options, everything), task):
            if isinstance(found, IDCBrowserError):
                failed.append({"SeriesInstanceUID": one.series_uid, "reason": str(found)})
            else:
                kept.add(found)
        uuids = [one.crdc_series_uuid for one in series if one.crdc_series_uuid in kept]
        columns = list(dict.fromkeys([*_FIXED, *(name for uuid in uuids for name in kept.get(uuid)["values"])]))
        save_table(out, columns, {}, (_cells(kept.get(uuid), columns) for uuid in uuids))
        kept.remove()
    return {"file": str(out), "rows": len(uuids), "columns": len(columns), "failed": failed}


def _each(
    series: Sequence[PlannedSeries], read: Callable[[PlannedSeries], dict[str, Any]], task: Task
) -> Iterator[tuple[PlannedSeries, dict[str, Any] | IDCBrowserError]]:
    with ThreadPoolExecutor(_AT_A_TIME, "attributes") as pool:
        for first in range(0, len(series), 100 * _AT_A_TIME):
            running = {pool.submit(read, one): one for one in series[first : first + 100 * _AT_A_TIME]}
            for number, future in enumerate(as_completed(running)):
                if task.cancelled:
                    pool.shutdown(wait=False, cancel_futures=True)
                    task.raise_if_cancelled()
                task.report(Progress("Reading heads of files", first + number, len(series), "series"))
                try:
                    yield running[future], future.result()
                except IDCBrowserError as error:
                    yield running[future], error


def _read(one: PlannedSeries, options: TransferOptions, everything: bool) -> dict[str, Any]:
    dataset, _ = read_attributes(first_object(one, options))
    values = {row["keyword"]: row["value"] for row in rows(dataset, everything) if row["vr"] != "SQ"}
    fixed = dict(zip(_FIXED, (one.collection_id, one.patient_id, one.series_uid, one.crdc_series_uuid), strict=True))
    return {**fixed, "values": values}


def _cells(row: Mapping[str, Any], columns: Sequence[str]) -> list[str | None]:
    values = row["values"]
    return [row[name] if name in _FIXED else values.get(name) for name in columns]
