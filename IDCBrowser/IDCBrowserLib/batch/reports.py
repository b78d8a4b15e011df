"""The step ``measurements``: the rows of structured reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.batch.made import Made
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.report.sources import rows_of, why_no_rows
from IDCBrowserLib.task import Task


def measured(files: Sequence[Path], task: Task) -> Made:
    """Of each report its measurements, or why it has none. Raises what reading raises for a damaged one."""
    documents = []
    for path in files:
        task.raise_if_cancelled()
        report = read_report(str(path))
        found = measurements_of(report)
        rows = list(rows_of(report, found))
        notes = [*report.notes, *([] if rows else [f"It has no rows: {why_no_rows(report, found)}."])]
        documents.append({"input": path.name, "title": report.title, "rows": rows, "warnings": notes})
    return Made({"measurements": documents})
