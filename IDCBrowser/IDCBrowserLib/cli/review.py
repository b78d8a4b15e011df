"""``idc-browser review``: what readers said of the entries of a review list, as a table, as DICOM SR, and how far they agree."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.review.review_file import ReviewFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "action",
        choices=("status", "agreement", "export"),
        help="status: how far each reader is; agreement: Cohen's kappa, weighted for ratings, Fleiss' kappa for more than two; export: all answers",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the review list (.idcreview)")
    parser.add_argument(
        "--to",
        metavar="OUT",
        type=Path,
        help="write to this file: .csv, .tsv, .json; for export also .parquet, or .dcm for a DICOM SR of each entry and reader",
    )


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Open the list, which no other program may have open, and answer."""
    from IDCBrowserLib.review.review_file import ReviewFile

    if arguments.action == "export" and arguments.to is None:
        raise InputError("Name the file to write with --to, such as answers.csv, answers.parquet or answers.dcm.")
    with closing(ReviewFile(arguments.file)) as review:
        return {"status": _status, "agreement": _agreement, "export": _export}[arguments.action](review, arguments)


def _status(review: ReviewFile, arguments: argparse.Namespace) -> Outcome:
    from IDCBrowserLib.selection.rows_file import write_rows

    spent = review.seconds()
    readers = [{"reader": name, "answered": review.answered(name), "seconds": _seconds(spent, name)} for name in review.readers()]
    document = {
        "file": str(review.path),
        "name": review.settings.name,
        "entries": review.count,
        "blinded": review.settings.blinded,
        "readers": readers,
    }
    rows = [[str(one["reader"]), f"{one['answered']:,} of {review.count:,}", f"{one['seconds']:,.0f} s"] for one in readers]
    text = [f"{review.settings.name}: {review.count:,} entries", table(rows, ["reader", "answered", "time"])]
    if arguments.to:
        write_rows(arguments.to, ("reader", "answered", "seconds"), [list(one.values()) for one in readers])
        text.append(f"Written: {arguments.to}")
    return Outcome(document, "\n".join(text))


def _seconds(spent: Mapping[tuple[str, int], float], reader: str) -> float:
    return round(sum(seconds for (name, _), seconds in spent.items() if name == reader), 1)


def _agreement(review: ReviewFile, arguments: argparse.Namespace) -> Outcome:
    from IDCBrowserLib.review.agreement import agreements
    from IDCBrowserLib.review.table import AGREEMENT_COLUMNS, agreement_rows
    from IDCBrowserLib.selection.rows_file import write_rows

    rows = agreement_rows(agreements(review.settings.form, review.answers()))
    if arguments.to:
        write_rows(arguments.to, AGREEMENT_COLUMNS, rows)
    document = {"file": str(review.path), "rows": [dict(zip(AGREEMENT_COLUMNS, row, strict=True)) for row in rows]}
    shown = [["" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value) for value in row] for row in rows]
    written = [f"Written: {arguments.to}"] if arguments.to else []
    text = table(shown, list(AGREEMENT_COLUMNS)) if rows else "No two readers have answered the same question."
    return Outcome(document, "\n".join([text, *written]))


def _export(review: ReviewFile, arguments: argparse.Namespace) -> Outcome:
    from IDCBrowserLib.review.table import write_answers

    if arguments.to.suffix.lower() == ".dcm":
        from IDCBrowserLib.review.reports import write_reports

        reports = write_reports(arguments.to, review)
        document = {"files": list(reports.files), "answers": reports.answers, "warnings": list(reports.warnings)}
        return Outcome(document, "\n".join([*(f"Written: {file}" for file in reports.files), *reports.warnings]), 4 if reports.warnings else 0)
    rows = write_answers(arguments.to, review)
    return Outcome({"file": str(arguments.to), "rows": rows}, f"Written: {arguments.to}, {rows:,} answers")
