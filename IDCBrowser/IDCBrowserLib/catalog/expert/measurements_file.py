"""A file of measurements of the user's own as one more table of queries: whoever made it, only the process of queries looks inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from IDCBrowserLib.api.expert import MEASUREMENTS, Table
from IDCBrowserLib.catalog.expert.sql import run
from IDCBrowserLib.catalog.expert.sql_check import MAKE_MEASUREMENTS
from IDCBrowserLib.catalog.expert.sql_tables import Files
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

_ENDINGS = (".parquet", ".csv")
# What tells such a file from others.
_COLUMNS = ("sr_series_uid", "source_series_uid", "finding", "finding_code", "quantity", "quantity_code", "value", "unit")
_INSIDE = f"SELECT column_name, column_type, (SELECT count(*) FROM {MEASUREMENTS}) FROM (DESCRIBE {MEASUREMENTS})"


def with_measurements(files: Mapping[str, list[Path]], path: Path) -> Files:
    """The same with the table ``measurements``: a file that ``report.table`` wrote. Raises ``InputError`` for a name that is of none."""
    if path.suffix.lower() not in _ENDINGS:
        raise InputError(f"{path} is neither a Parquet nor a CSV file. Make one: {MAKE_MEASUREMENTS}")
    if not path.is_file():
        raise InputError(f"{path} is not a file on this computer. Choose another one, or make one: {MAKE_MEASUREMENTS}")
    return {**files, MEASUREMENTS: [path.absolute()]}


def describe_measurements(path: Path, task: Task) -> Table:
    """What is in the file. Raises ``InputError`` for one that is damaged or was not written as measurements are."""
    rows: Sequence[Sequence[object]] = run(with_measurements({}, path), _INSIDE, task).rows
    missing = [name for name in _COLUMNS if name not in {row[0] for row in rows}]
    if missing:
        raise InputError(f"{path} has no column {missing[0]}: it was not written by idc-browser measurements or the page Reports.")
    columns = [[str(name), str(kind)] for name, kind, _count in rows]
    about = f"measurements of {path}: a row for each number, code or text"
    return {"name": MEASUREMENTS, "kind": "own", "about": about, "here": True, "rows": int(str(rows[0][2])), "columns": columns}
