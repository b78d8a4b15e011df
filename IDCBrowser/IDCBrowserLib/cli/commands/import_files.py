"""``idc-browser import DIR... --database DIR``."""

from __future__ import annotations

import argparse

from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.importing import ImportReport, import_files
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See the module."""
    parser.add_argument("sources", nargs="+", metavar="DIR", help="folders (searched recursively) or files")
    parser.add_argument("--database", required=True, metavar="DIR", help="folder of the DICOM database; created if it does not exist")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Link the files in the database. What was left out is listed with reasons; the exit code is 4 when damaged DICOM files are among it."""
    report = import_files(Database(arguments.database), arguments.sources, task)
    return Outcome({**report.to_json(), "database": arguments.database}, _text(report, arguments.database), 4 if report.damaged else 0)


def _text(report: ImportReport, database: str) -> str:
    counts = [
        human_count(report.patients, "patient", "patients"),
        human_count(report.studies, "study", "studies"),
        human_count(report.series, "series", "series"),
        human_count(report.instances, "instance", "instances"),
    ]
    lines = [f"{', '.join(counts)} in {database} ({report.added:,} added, {report.unchanged:,} already there)."]
    if report.left_out:
        lines.append(f"{human_count(len(report.left_out), 'file was', 'files were')} skipped:")
        lines += [f"  {item.file}: {item.reason}" for item in report.left_out[:_SHOWN]]
    if len(report.left_out) > _SHOWN:
        lines.append(f"  and {len(report.left_out) - _SHOWN:,} more (--json lists all)")
    return "\n".join(lines)
