"""``idc-browser clinical``: clinical data of a cohort as one table, codes in words."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.cli.catalog_options import open_catalog
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.network_options import add_network, network_of
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import IncompleteError, NotFoundError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.cohort.clinical_values import CohortValues
    from IDCBrowserLib.selection.plan import Plan

_SHOWN = 40
_COLUMNS = ("PatientID", "table", "row", "label", "meaning")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE..., and where the table goes."""
    planning.add_sources_or_filters(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table; FILE must end in .csv or .parquet")
    parser.add_argument("--fetch", action="store_true", help="get the tables that are not on this computer from IDC's bucket")
    parser.add_argument("--endpoint-url", default="", metavar="URL", help="address of an S3 server to fetch them from instead")
    add_network(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Find the cases, get what is missing if that is wanted, and write or print the values; 3 when no table is here, 4 when some are not."""
    from IDCBrowserLib.catalog.about.clinical_tables import clinical_tables
    from IDCBrowserLib.cohort.clinical_values import CohortValues, write_values
    from IDCBrowserLib.report.table import check_name

    if arguments.out is not None:
        check_name(arguments.out)
    plan = planning.make_plan(arguments, task, arguments.with_references)
    planning.tell_unresolved(plan)
    with open_catalog(arguments) as catalog:
        release = catalog.release
        cohort = CohortValues(clinical_tables(catalog.side_index_file("clinical_index"), release), plan.series)
    if arguments.fetch:
        cohort.fetch_missing(release, network_of(arguments), arguments.endpoint_url, task)
    missing = cohort.missing
    for collection, names in missing.items():
        absent = human_count(len(names), "clinical table is", "clinical tables are")
        say(f"{collection}: {absent} not on this computer ({', '.join(names)}); add --fetch")
    document: dict[str, Any] = {"tables": cohort.names, "missing": missing, "unresolved": [item.to_json() for item in plan.unresolved]}
    if arguments.out is not None:
        written = write_values(arguments.out, cohort.values(task))
        text = f"{written['rows']:,} values of {human_count(written['cases'], 'case', 'cases')}: {arguments.out}"
        return Outcome({**document, **written, "file": str(arguments.out)}, text, _exit_code(plan, cohort, missing))
    rows = [value._asdict() for value in cohort.values(task)]
    return Outcome({**document, "values": rows}, lambda: _text(rows), _exit_code(plan, cohort, missing))


def _exit_code(plan: Plan, cohort: CohortValues, missing: Mapping[str, list[str]]) -> int:
    if not missing:
        return planning.exit_code(plan)
    return NotFoundError.exit_code if missing == {name: names for name, names in cohort.names.items() if names} else IncompleteError.exit_code


def _text(rows: list[dict[str, Any]]) -> str:
    shown = table([[row[name] for name in _COLUMNS] for row in rows[:_SHOWN]], _COLUMNS) if rows else "No clinical data."
    return f"{shown}\n... and {len(rows) - _SHOWN:,} more; --out or --json has all of them." if len(rows) > _SHOWN else shown
