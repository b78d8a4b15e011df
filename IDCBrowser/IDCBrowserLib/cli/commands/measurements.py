"""``idc-browser measurements``: the measurements of structured reports as one table."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib import site_defaults
from IDCBrowserLib.cli.commands import download
from IDCBrowserLib.cli.commands import plan as planning
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.cli.terminal import say
from IDCBrowserLib.errors import IncompleteError, InputError
from IDCBrowserLib.task import Task
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from IDCBrowserLib.api.report import Row
    from IDCBrowserLib.api.values import Code
    from IDCBrowserLib.report.idc_tables import TablesSource
    from IDCBrowserLib.report.sources import Collected

_SHOWN = 40
_SAID = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """SOURCE... --to DIR --out FILE, and the options of the transfer."""
    planning.add_sources(parser)
    download.add_transfer(parser)
    parser.add_argument(
        "--tables",
        nargs="?",
        const="",
        metavar="LOCATION",
        help="rows of IDC series from IDC's own tables (measurements, ratings, segments of SEG) instead of the reports: "
        "its public bucket, or a folder or s3://bucket/prefix that has them ({release} in it stands for the release of IDC)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the rows as a table; FILE must end in .csv or .parquet")


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Fetch what is not on this computer, read all reports, tell their rows; files that are no reports are listed."""
    from IDCBrowserLib.cli.files import is_here
    from IDCBrowserLib.report.sources import collect, files_of
    from IDCBrowserLib.report.table import check_name, write_measurements

    if arguments.out is not None:
        check_name(arguments.out)
    here = [source for source in arguments.sources if is_here(source)]
    files = files_of(here)
    code = 0
    arguments.sources = [source for source in arguments.sources if source not in here]
    from_tables: list[Row] = []
    notes: list[str] = []
    if arguments.sources and arguments.tables is not None:
        from_tables, notes, code = _from_tables(arguments, task)
    elif arguments.sources:
        fetched, code = _fetch(arguments, task)
        files += fetched
    collected = collect(files, frozenset(here), task)
    collected.rows += from_tables
    collected.reports += len({row["sr_sop_uid"] for row in from_tables if row["sr_sop_uid"] != row["segmentation_sop_uid"]})
    collected.warnings += notes
    if arguments.out is not None:
        write_measurements(arguments.out, collected.rows)
    for warning in collected.warnings[:_SAID]:
        say(warning)
    document: dict[str, Any] = {"rows": collected.rows, "others": collected.others, "warnings": collected.warnings, "reports": collected.reports}
    if arguments.out is not None:
        document["file"] = str(arguments.out)
    return Outcome(document, lambda: _text(collected, arguments.out), code or _exit_code(collected, here))


def _fetch(arguments: argparse.Namespace, task: Task) -> tuple[list[str], int]:
    """Download the reports that the other sources name; gives their files."""
    if arguments.to is None:
        named = ", ".join(arguments.sources[:3])
        raise InputError(f"{named}: no DICOM file, so it has to be downloaded. Give the folder: idc-browser measurements SOURCE... --to DIR")
    arguments.preset = [*arguments.preset, "modality:SR"]
    plan, report = download.fetch(arguments, False, task)
    folders = [Path(entry["directory"]) for entry in report.to_json()["series"] if entry["state"] == "complete"]
    return [str(path) for folder in folders for path in sorted(folder.glob("*.dcm"))], download.exit_code(plan, report.exit_code)


def _from_tables(arguments: argparse.Namespace, task: Task) -> tuple[list[Row], list[str], int]:
    """The rows of the reports and segmentations that the sources name, without fetching one."""
    from IDCBrowserLib.cli.catalog_options import open_catalog
    from IDCBrowserLib.report.idc_tables import rows_from_tables

    arguments.preset = [*arguments.preset, "modality:SR", "modality:SEG"]
    plan = planning.make_plan(arguments, task)
    planning.tell_unresolved(plan)
    with open_catalog(arguments) as catalog:
        source = tables_source(arguments, catalog.info()["idc_version"])
    uids = [series.series_uid for series in plan.series]
    rows, notes = rows_from_tables(source, uids, task) if uids else ([], [])
    return rows, notes, planning.exit_code(plan)


def tables_source(arguments: argparse.Namespace, release: str) -> TablesSource:
    """Where IDC's tables are: as given, else as this machine was set up."""
    from IDCBrowserLib.logic.base.settings_keys import IDC_TABLES_KEY
    from IDCBrowserLib.report.idc_tables import TablesSource

    options = download.endpoint_options(arguments)
    location = arguments.tables or site_defaults.setting(IDC_TABLES_KEY) or ""
    return TablesSource.of_release(release, location, options.endpoint_url or "", options.network)


def _exit_code(collected: Collected, here: list[str]) -> int:
    """A file named on its own that cannot be read is wrong input; one of many is an item that failed."""
    if not collected.failed:
        return 0
    if len(here) == 1 and os.path.isfile(here[0]) and not collected.reports:
        say(f"{here[0]}: {collected.others[0]['reason']}")
        return InputError.exit_code
    return IncompleteError.exit_code


def _text(collected: Collected, out: Path | None) -> str:
    rows = [
        (row["tracking_id"], _meaning(row["finding"]), _meaning(row["finding_site"]), _quantity(row), _value(row), _unit(row["unit"]))
        for row in collected.rows[:_SHOWN]
    ]
    counts = human_count(len(collected.rows), "measurement", "measurements"), human_count(collected.reports, "report", "reports")
    lines = [f"{counts[0]} in {counts[1]}."]
    if rows:
        lines.append(table(rows, ("tracking id", "finding", "site", "quantity", "value", "unit")))
    if len(collected.rows) > _SHOWN:
        lines.append(f"... and {len(collected.rows) - _SHOWN:,} more; --out FILE.csv or --json has all of them.")
    lines += [f"{other['file']}: {other['title'] + ': ' if other['title'] else ''}{other['reason']}" for other in collected.others[:_SAID]]
    if len(collected.others) > _SAID:
        lines.append(f"... and {len(collected.others) - _SAID:,} more files without measurements.")
    if out is not None:
        lines.append(f"Written: {out}")
    return "\n".join(lines)


def _meaning(code: Code | None) -> str:
    return (code["meaning"] or code["value"]) if code else ""


def _quantity(row: Row) -> str:
    derivation = _meaning(row["derivation"])
    return f"{_meaning(row['quantity'])}, {derivation}" if derivation else _meaning(row["quantity"])


def _value(row: Row) -> object:
    if row["value"] is not None:
        return f"{row['value']:.10g}"
    return row["value_text"] if row["value_text"] is not None else _meaning(row["qualifier"])


def _unit(unit: Code | None) -> str:
    return unit["value"] if unit and unit["value"] != "1" else ""
