"""``idc-browser summary``: counts of a cohort, for charts."""

from __future__ import annotations

import argparse

from IDCBrowserLib.api.cohort import Counts
from IDCBrowserLib.catalog.facets.counting import RANGES
from IDCBrowserLib.cli.catalog_options import add_filter_option, meant, open_catalog, parse_filters
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count, human_size

_VALUES = 8
_RANGES = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... and filters; neither means all of IDC."""
    add_filter_option(parser)
    planning.add_sources(parser, "*")
    parser.set_defaults(filters_later=True)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Count what the filters leave of the sources."""
    filters = parse_filters(arguments.filter)
    uids: list[str] | None = None
    code, unresolved = 0, []
    if arguments.sources:
        plan = planning.make_plan(arguments, task, arguments.with_references)
        planning.tell_unresolved(plan)
        uids, code = [one.series_uid for one in plan.series if not one.is_prior], planning.exit_code(plan)
        unresolved = [item.to_json() for item in plan.unresolved]
    with open_catalog(arguments) as catalog:
        filters = meant(catalog, filters)
        counts = catalog.counts(filters, uids)
        release = catalog.info()["idc_version"]
    return Outcome({"idc_version": release, **counts, "unresolved": unresolved}, lambda: _text(counts), code)


def _text(counts: Counts) -> str:
    parts = [
        human_count(counts["collections"], "collection", "collections"),
        human_count(counts["cases"], "case", "cases"),
        human_count(counts["studies"], "study", "studies"),
    ]
    lines = [f"{', '.join(parts)}, {counts['series']:,} series, {counts['instances']:,} files, {human_size(counts['total_bytes'])}"]
    for name, values in counts["by"].items():
        most = _RANGES if name in RANGES else _VALUES
        lines += [
            "",
            name,
            *(f"  {row['series']:>11,} series {row['cases']:>9,} cases  {row['value'] or '(not stated)'}" for row in values[:most]),
        ]
        if len(values) > most:
            lines.append(f"  and {len(values) - most:,} more values")
    lines += [f"\n{name}\n  needs the index file {index} (idc-browser indices --fetch {index})" for name, index in counts["missing"].items()]
    return "\n".join(lines)
