"""``idc-browser tags``: DICOM attributes of a series before it is downloaded."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from IDCBrowserLib.cli.commands import download
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import IncompleteError, InputError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_size

_SAID = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """UID, or with --out many sources."""
    planning.add_sources_or_filters(parser)
    parser.add_argument("--all", action="store_true", help="private elements and sequences as well")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a table with a row for each series instead; FILE must end in .csv or .parquet")
    download.add_endpoints(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Read the head of one object by range requests; nothing is downloaded."""
    options = replace(download.endpoint_options(arguments), jobs=8).checked()
    plan = planning.make_plan(arguments, task, arguments.with_references)
    planning.tell_unresolved(plan)
    if arguments.out is not None:
        from IDCBrowserLib.cohort.attribute_table import write_table

        told = write_table(plan.series, options, arguments.all, arguments.out, task)
        for failure in told["failed"][:_SAID]:
            say(f"{failure['SeriesInstanceUID']}: {failure['reason']}")
        code = IncompleteError.exit_code if told["failed"] else planning.exit_code(plan)
        return Outcome(told, f"{told['rows']:,} series with {told['columns']:,} columns: {told['file']}", code)
    if not plan.series:
        return Outcome({"unresolved": [item.to_json() for item in plan.unresolved]}, "", planning.exit_code(plan))
    if len(plan.series) > 1:
        raise InputError(f"These are {len(plan.series):,} series. Name one of them, or write a table of all with --out FILE.parquet")
    from IDCBrowserLib.cohort.attributes import first_object, read_attributes, rows

    (series,) = plan.series
    item = first_object(series, options)
    dataset, size = read_attributes(item)
    found = list(rows(dataset, arguments.all))
    document = {
        "SeriesInstanceUID": series.series_uid,
        "crdc_series_uuid": series.crdc_series_uuid,
        "object": item.label,
        "object_bytes": item.size,
        "bytes_read": size,
        "elements": found,
    }
    shown = [(row["tag"], row["vr"], row["keyword"], row["value"][:100]) for row in found]
    text = f"{table(shown, ('tag', 'VR', 'keyword', 'value'))}\n{human_size(size)} of {human_size(item.size)} read of {item.label}"
    return Outcome(document, text)
