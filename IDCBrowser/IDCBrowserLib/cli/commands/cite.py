"""``idc-browser cite``: what to cite for a selection, and a sentence for the methods."""

from __future__ import annotations

import argparse

from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.task import Task


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... as of ``plan``, and the form."""
    planning.add_sources_or_filters(parser)
    parser.add_argument("--bibtex", action="store_true", help="print the references as BibTeX, for LaTeX and reference managers")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Resolve, look the sources up, print."""
    from IDCBrowserLib.selection.citations import cite

    plan = planning.make_plan(arguments, task, arguments.with_references)
    planning.tell_unresolved(plan)
    with open_catalog(arguments) as catalog:
        cited = cite(catalog, plan)
    text = cited.bibtex() if arguments.bibtex else cited.describe()
    return Outcome(cited.to_json(), text if plan.series else "", planning.exit_code(plan))
