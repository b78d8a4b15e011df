"""``idc-browser remove ID... --yes``: delete downloaded series from disk and DICOM database."""

from __future__ import annotations

import argparse
import sys

from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.cli.storage_options import add_folder_options
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.store.active_downloads import refuse_what_is_written, written_to
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.places import places_of
from IDCBrowserLib.store.removing import RemovalTarget, RemoveReport, remove_series
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count, human_size

_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See the module."""
    parser.add_argument(
        "sources", nargs="+", metavar="ID", help="collection, case, study, series or manifest whose data to remove from this computer"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation (required when not interactive)")
    add_folder_options(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Say what would go, ask, and delete it. What is the user's stays and is named; the exit code is 4 when some could not be deleted."""
    database = Database(arguments.database)
    with open_catalog(arguments) as catalog:
        plan = resolve(catalog, arguments.sources, [], task)
        planning.tell_unresolved(plan)
        places = places_of(Lookup(catalog), [item.series_uid for item in plan.series], arguments.folder)
    refuse_what_is_written(places, written_to(arguments.folder))
    chosen = [RemovalTarget.of(place) for place in places]
    told = remove_series(database, arguments.folder, chosen, task, dry_run=True)
    if told.series and not arguments.yes:
        _ask(told)
    report = remove_series(database, arguments.folder, chosen, task) if told.series else told
    document = {**report.to_json(), "unresolved": [item.to_json() for item in plan.unresolved]}
    return Outcome(document, _text(report), 4 if report.failed_count else planning.exit_code(plan))


def _ask(told: RemoveReport) -> None:
    if not sys.stdin.isatty():
        raise InputError(f"This would delete {_amount(told)}; add --yes to do it.")
    print(f"Delete {_amount(told)}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InputError("Nothing was deleted.")


def _amount(report: RemoveReport) -> str:
    return f"{human_count(report.series, 'series', 'series')}, {human_count(report.files, 'file', 'files')}, {human_size(report.bytes)}"


def _text(report: RemoveReport) -> str:
    nothing = "None of that was downloaded by this program." if report.kept_count else "None of that is on this computer."
    lines = [f"Deleted {_amount(report)}." if report.series else nothing]
    if report.kept_count:
        stay = human_count(report.kept_count, "file of yours stays", "files of yours stay")
        lines.append(f"{stay}: not downloaded by this program, or changed since.")
        lines += [f"  {path}" for path in report.kept[:_SHOWN]]
        lines += [f"  and {report.kept_count - _SHOWN:,} more"] if report.kept_count > _SHOWN else []
    lines += [f"{path} could not be deleted: {reason}" for path, reason in report.failed[:_SHOWN]]
    return "\n".join(lines)
