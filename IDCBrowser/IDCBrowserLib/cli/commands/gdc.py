"""``idc-browser gdc``: cases of the Genomic Data Commons in IDC."""

from __future__ import annotations

import argparse
from pathlib import Path

from IDCBrowserLib.cli.catalog_options import add_source_option, open_catalog
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.task import Task
from IDCBrowserLib.whole_file import write_whole
from IDCBrowserLib.wording import human_count

_SHOWN = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE, and where the result goes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="cases as the GDC portal exports them (JSON, TSV), a CSV, or a list of case UUIDs")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="gdc_idc_mapping.parquet (default: the one that idc-browser indices fetched)")
    parser.add_argument("--save", type=Path, metavar="FILE", help="also write a list of the IDC cases, which plan and download take as SOURCE")
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Read the list, look its cases up, print; 3 when none of them is in IDC, 4 when some are not."""
    from IDCBrowserLib.cohort.gdc import match, read_cases

    cases = read_cases(arguments.file)
    with open_catalog(arguments) as catalog:
        document = match(catalog, cases, arguments.mapping)
    if arguments.save is not None:
        write_whole(arguments.save, "".join(f"{source}\n" for source in document["sources"]))
    found, missing = document["cases"], document["unmatched"]
    lines = [f"{human_count(len(document['sources']), 'case', 'cases')} in IDC, {len(missing):,} of the list are not"]
    rows = [(row["submitter_id"], row["collection_id"], row["PatientID"], row["studies"]) for row in found[:_SHOWN]]
    if rows:
        lines.append(table(rows, ("submitter id", "collection_id", "PatientID", "studies")))
    if len(found) > _SHOWN:
        lines.append(f"... and {len(found) - _SHOWN:,} more; --json or --save has all of them.")
    code = 0 if not missing else 4 if found else 3
    return Outcome(document, "\n".join(lines), code)
