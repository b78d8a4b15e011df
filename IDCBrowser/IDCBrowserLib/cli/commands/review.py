"""``idc-browser review``: a new review list, and what readers said of its entries, as a table, as DICOM SR, and how far they agree."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.api.selection import MAX_LOADED_SERIES
from IDCBrowserLib.cli.catalog_options import number, open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.review.entries import UNITS
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.review.review_file import ReviewFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "action",
        choices=("new", "status", "agreement", "export"),
        help="new: make a list of SOURCE...; status: how far each reader is; agreement: Cohen's kappa, weighted for ratings, Fleiss' kappa for more "
        "than two; export: all answers",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the review list (.idcreview)")
    planning.add_sources_or_filters(parser)
    parser.add_argument("--unit", choices=UNITS, default="images", help="of new: what one entry is (default: images, an image series)")
    parser.add_argument("--name", default="", help="of new: name of the list (default: that of the file)")
    parser.add_argument("--form", metavar="FORM", type=Path, help="of new: questions that were saved in the window (default: those it begins with)")
    parser.add_argument("--blinded", action="store_true", help="of new: do not show who made a segmentation")
    parser.add_argument("--ahead", type=int, default=2, metavar="N", help="of new: entries fetched ahead (default: 2)")
    parser.add_argument("--cap", type=number, default=20.0, metavar="GB", help="of new: disk space for them (default: 20)")
    parser.add_argument(
        "--to",
        metavar="OUT",
        type=Path,
        help="write to this file: .csv, .tsv, .json; for export also .parquet, or .dcm for a DICOM SR of each entry and reader",
    )


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Make a list; or open one, which no other program may have open, and answer."""
    from IDCBrowserLib.review.review_file import ReviewFile

    if arguments.action == "new":
        return _new(arguments, task)
    if planning.names_something(arguments):
        raise InputError(f"{arguments.action} takes the review list alone: idc-browser review {arguments.action} {arguments.file}")
    if arguments.action == "export" and arguments.to is None:
        raise InputError("Name the file to write with --to, such as answers.csv, answers.parquet or answers.dcm.")
    with closing(ReviewFile(arguments.file)) as review:
        return {"status": _status, "agreement": _agreement, "export": _export}[arguments.action](review, arguments)


def _new(arguments: argparse.Namespace, task: Task) -> Outcome:
    from IDCBrowserLib.review.form import default_form, read_form
    from IDCBrowserLib.review.new_list import make_list
    from IDCBrowserLib.review.review_file import ENDING, Settings

    if not arguments.file.name:
        raise InputError(f"A review list has to have a name. Give one such as readers{ENDING}.")
    file = arguments.file if arguments.file.suffix == ENDING else Path(f"{arguments.file}{ENDING}")
    form = default_form() if arguments.form is None else read_form(arguments.form)
    settings = Settings(arguments.name.strip()[:200] or file.stem, form, arguments.blinded, arguments.ahead, int(arguments.cap * 10**9))
    plan = planning.make_plan(arguments, task)
    planning.tell_unresolved(plan)
    if not plan.series:
        return Outcome({"unresolved": [item.to_json() for item in plan.unresolved]}, "", planning.exit_code(plan))
    with open_catalog(arguments) as catalog:
        made = make_list(catalog, plan, file, settings, arguments.unit, task)
    lines = [f"Written: {file}, {human_count(len(made.entries), 'entry', 'entries')}", *made.plan.warnings]
    large = made.larger_than(MAX_LOADED_SERIES)
    if large:
        most = f"more series than are loaded at once ({MAX_LOADED_SERIES}), up to {made.most_series:,}: segmentations come first"
        lines.append(f"Note: {human_count(large, 'entry has', 'entries have')} {most}. With images or studies as --unit they are smaller.")
    document = {
        "file": str(file),
        "entries": len(made.entries),
        "series": len(made.plan.series),
        "large_entries": large,
        "warnings": list(made.plan.warnings),
        "unresolved": [item.to_json() for item in plan.unresolved],
    }
    return Outcome(document, "\n".join(lines), planning.exit_code(plan))


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
