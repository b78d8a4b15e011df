"""Reports among files and folders, read one after the other."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from IDCBrowserLib.api import report as api
from IDCBrowserLib.errors import IDCBrowserError, NotDicomError, NotFoundError
from IDCBrowserLib.report.measurements import Measured, measurements_of
from IDCBrowserLib.report.read import NotReportError, read_report
from IDCBrowserLib.report.report import Report
from IDCBrowserLib.task import Progress, Task


@dataclass
class Collected:
    """``rows`` of all reports, ``others``: files without any, ``warnings``: what is wrong with reports that have rows; ``reports`` with rows."""

    rows: list[api.Row] = field(default_factory=list)
    others: list[api.Other] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    reports: int = 0
    failed: int = 0


def files_of(sources: Iterable[str]) -> list[str]:
    """Every file below the folders, and the files themselves. Raises ``NotFoundError``."""
    found: list[str] = []
    for source in sources:
        if os.path.isdir(source):
            found += sorted(os.path.join(base, name) for base, _, names in os.walk(source) for name in names)
        elif os.path.lexists(source):
            found.append(source)
        else:
            raise NotFoundError(f"{source} does not exist. Give SR files, folders, or identifiers of IDC.")
    return list(dict.fromkeys(found))


def collect(files: Sequence[str], named: Collection[str], task: Task) -> Collected:
    """The rows of all reports among the files; one that cannot be read does not stop the rest.

    What lies in a folder may be anything; of the files that were ``named`` one that is no report counts as failed.
    """
    collected = Collected()
    for number, file in enumerate(files):
        task.raise_if_cancelled()
        if number % 50 == 0:
            task.report(Progress("Reading reports", number, len(files), "files"))
        try:
            report = read_report(file)
        except IDCBrowserError as error:
            collected.failed += file in named or not isinstance(error, (NotReportError, NotDicomError))
            collected.others.append({"file": file, "sr_series_uid": "", "sr_sop_uid": "", "title": "", "reason": error.reason})
        else:
            _add(collected, report, measurements_of(report))
    return collected


def rows_of(report: Report, measured: Measured) -> Iterator[api.Row]:
    """The measurements with the identifiers of their report."""
    return (row.to_json(report.series_uid, report.sop_instance_uid, report.patient_id) for row in measured.rows)


def why_no_rows(report: Report, measured: Measured) -> str:
    """Of a report without rows."""
    if measured.groups:
        return "its measurement groups have no results"
    if report.template == "1500":
        return "a measurement report (TID 1500) without measurements"
    return "no measurement report (TID 1500); idc-browser describe shows its text"


def _add(collected: Collected, report: Report, measured: Measured) -> None:
    if measured.rows:
        collected.reports += 1
        collected.rows.extend(rows_of(report, measured))
        collected.warnings += [f"{report.path}: {note}" for note in report.notes]
        return
    reason = " ".join([why_no_rows(report, measured) + ".", *report.notes])
    collected.others.append(
        {"file": report.path, "sr_series_uid": report.series_uid, "sr_sop_uid": report.sop_instance_uid, "title": report.title, "reason": reason}
    )
