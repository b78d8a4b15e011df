"""``idc-browser sql``: one SELECT over the index tables, read-only and with limits."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from IDCBrowserLib.api.expert import Table
from IDCBrowserLib.cli.catalog_options import add_source_option, open_catalog, positive_number
from IDCBrowserLib.cli.outcome import Outcome, table
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

_SHOWN = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``sql``."""
    parser.add_argument("query", nargs="?", default="", help='one SELECT, in quotes; "-" reads it from standard input')
    parser.add_argument("--tables", action="store_true", help="list the tables and their columns instead")
    parser.add_argument("--limit", type=positive_number, default=10_000, metavar="N", help="at most N rows (10,000 unless given, 100,000 at most)")
    parser.add_argument("--seconds", type=positive_number, default=60, metavar="N", help="stop after N seconds (60 unless given)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the rows to a .csv, .tsv or .json file as well")
    parser.add_argument(
        "--measurements",
        type=Path,
        metavar="FILE",
        help='a Parquet or CSV file of idc-browser measurements, as the table "measurements"; its source_series_uid is a SeriesInstanceUID of index',
    )
    add_source_option(parser)


def run(arguments: argparse.Namespace, task: Task) -> Outcome:
    """Print the rows as objects, or as a table."""
    from IDCBrowserLib.catalog.expert import sql
    from IDCBrowserLib.catalog.expert.measurements_file import describe_measurements, with_measurements
    from IDCBrowserLib.catalog.expert.sql_tables import describe

    with open_catalog(arguments) as catalog:
        files = catalog.table_files()
    measured = [] if arguments.measurements is None else [describe_measurements(arguments.measurements, task)]
    if arguments.tables:
        return _tables([*measured, *describe(files)])
    if measured:
        files = with_measurements(files, arguments.measurements)
    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    if not query.strip():
        raise InputError("Give a SELECT in quotes, or --tables to see what there is.")
    answer = sql.run(files, query, task, sql.Limits(arguments.limit, float(arguments.seconds or 60)))
    names = [name for name, _ in answer.columns]
    if arguments.out is not None:
        from IDCBrowserLib.selection.rows_file import write_rows

        write_rows(arguments.out, names, answer.rows)
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    return Outcome(
        {"columns": [list(column) for column in answer.columns], "rows": rows, "cut": answer.cut}, lambda: _text(names, answer.rows, answer.cut)
    )


def _text(names: list[str], rows: list[list[Any]], cut: str) -> str:
    lines = table([[_cell(value) for value in row] for row in rows], names)
    return f"{lines}\n\nThere are more rows than the {len(rows):,} shown; use --limit to show more." if cut else lines


def _cell(value: Any) -> object:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
    return text if not isinstance(text, str) or len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _tables(tables: list[Table]) -> Outcome:
    lines = []
    for item in tables:
        fetch = f"fetch it with: idc-browser indices --fetch {item['name']}" if item["kind"] == "index" else "idc-browser clinical fetches it"
        state = f"{item['rows']:,} rows" if item["here"] else f"not on this computer; {fetch}"
        lines.append(f"{item['name']}: {item['about']} ({state})")
        lines += [f"    {name}  {kind}" for name, kind in item["columns"]]
    return Outcome({"tables": tables}, "\n".join(lines))
