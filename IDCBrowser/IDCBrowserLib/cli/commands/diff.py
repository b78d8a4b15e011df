"""``idc-browser diff``: what changed in a cohort since a release of IDC."""

from __future__ import annotations

import argparse

from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

_SHOWN = 20
_COLUMNS = ("collection_id", "PatientID", "Modality", "SeriesInstanceUID")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """RELEASE SOURCE..."""
    parser.add_argument("release", metavar="RELEASE", help="number of an IDC release, for example 23")
    planning.add_sources(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Plan the sources as they are now, and compare with then."""
    from IDCBrowserLib.cohort.changes import changes

    text = str(arguments.release).lower().removeprefix("v")
    if not text.isdecimal() or len(text) > 4:
        raise InputError(f"{arguments.release!r} is not the number of an IDC release. Write for example: idc-browser diff 23 nlst")
    plan = planning.make_plan(arguments, task, arguments.with_references)
    planning.tell_unresolved(plan)
    with open_catalog(arguments) as catalog:
        found = changes(catalog, plan, arguments.sources, int(text))
    lines = [f"From IDC release {found['release']} to {found['current']}: {found['unchanged']:,} series unchanged"]
    for kind in ("added", "revised", "removed"):
        lines.append(f"{len(found[kind]):,} {kind}")
        if found[kind]:
            lines.append(table([[row[name] for name in _COLUMNS] for row in found[kind][:_SHOWN]], _COLUMNS))
        if len(found[kind]) > _SHOWN:
            lines.append(f"... and {len(found[kind]) - _SHOWN:,} more; see --json")
    document = {**found, "unresolved": [item.to_json() for item in plan.unresolved]}
    return Outcome(document, "\n".join(lines), planning.exit_code(plan))
