"""``idc-browser share``: a folder that names a cohort for others."""

from __future__ import annotations

import argparse
from pathlib import Path

from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... --to DIR"""
    planning.add_sources_or_filters(parser)
    parser.add_argument("--to", type=Path, metavar="DIR", required=True, help="folder to write; created if it does not exist")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Plan, write the folder, name its files."""
    from IDCBrowserLib.cohort.shared_folder import write_shared

    folder = arguments.to.expanduser()
    plan = planning.make_plan(arguments, task, arguments.with_references)
    planning.tell_unresolved(plan)
    with open_catalog(arguments) as catalog:
        names = write_shared(catalog, plan, folder)
    document = {
        "directory": str(folder.absolute()),
        "files": names,
        "series": len(plan.series),
        "total_bytes": plan.total_bytes,
        "unresolved": [item.to_json() for item in plan.unresolved],
    }
    text = "\n".join([f"{human_count(len(plan.series), 'series', 'series')} named in {folder}:", *(f"  {name}" for name in names)])
    return Outcome(document, text, planning.exit_code(plan))
