"""Rows of a table for the clipboard, and the whole table as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.view import View
from IDCBrowserLib.catalog.views import MAX_PAGE, Views
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.safe_text import cell
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import whole_file

if TYPE_CHECKING:
    import duckdb

Ranges = Sequence[Sequence[int]]


def rows(connection: duckdb.DuckDBPyConnection, views: Views, number: int, ranges: Ranges, columns: Sequence[str] | None) -> list[list[Any]]:
    """See ``Catalog.rows``."""
    view = views.get(number)
    places = None if columns is None else [_place(view, name) for name in columns]
    found = views.rows(connection, view, next(in_parts(ranges), []))
    return found if places is None else [[row[place] for place in places] for row in found]


def save_csv(
    connection: duckdb.DuckDBPyConnection, views: Views, number: int, path: Path, task: Task, columns: Sequence[str], ranges: Ranges | None
) -> int:
    """See ``Catalog.save_table``. UTF-8; values as IDC states them, lists with "|" between, nothing for an empty value."""
    view = views.get(number)
    names = [*columns, *(name for name in view.columns if name not in columns)]
    places = [_place(view, name) for name in names]
    wanted: Ranges = [(0, view.total - 1)] if ranges is None else ranges
    total = sum(last - first + 1 for first, last in wanted)
    done = 0
    with whole_file(path, advice="choose another file") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for some in in_parts(wanted):
            task.raise_if_cancelled()
            found = views.rows(connection, view, some)
            writer.writerows([cell(_text(row[place])) for place in places] for row in found)
            done += len(found)
            task.report(Progress("Writing the table", done, total, "rows"))
    return done


def in_parts(ranges: Ranges, size: int = MAX_PAGE) -> Iterator[list[tuple[int, int]]]:
    """The same rows in parts of at most ``size``."""
    part: list[tuple[int, int]] = []
    room = size
    for first, last in ranges:
        start = int(first)
        while start <= int(last):
            end = min(int(last), start + room - 1)
            part.append((start, end))
            room -= end - start + 1
            start = end + 1
            if not room:
                yield part
                part, room = [], size
    if part:
        yield part


def _place(view: View, name: str) -> int:
    try:
        return view.columns.index(name)
    except ValueError:
        raise InputError(f"This table of {view.level} has no column {name!r}; use some of: {', '.join(view.columns)}.") from None


def _text(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return "|".join(str(item) for item in value if item is not None)
    return value
