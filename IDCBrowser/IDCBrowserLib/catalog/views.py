"""Open views: sorted rows kept in DuckDB, read page by page, named by number."""

from __future__ import annotations

import itertools
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import ID_COLUMNS, KEYS, LEVEL_COLUMNS, check_level, split_case_id
from IDCBrowserLib.catalog.conditions import (
    Bindings,
    Filters,
    Selection,
    ranges_condition,
    text_condition,
)
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.extra_columns import joins
from IDCBrowserLib.catalog.filters import filter_conditions, is_set
from IDCBrowserLib.catalog.level_sql import level_query, order_clause
from IDCBrowserLib.catalog.selections import Selections
from IDCBrowserLib.catalog.view import View
from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    import duckdb

FIRST_ROWS = 200
# What rows are sorted by that stands in no index.
STATUS = "status"
# A window has five; what nobody closed must not pile up.
MAX_OPEN = 24
MAX_PAGE = 10_000
# Series of a case or two.
_FEW = 1000
# With all their columns a hundred megabytes.
_MANY = 50_000
# Of the whole process: a number of a catalog that was replaced means nothing in the next.
_NUMBERS = itertools.count(1)
# Levels whose ids the rows of a level carry.
_UP_TO = {
    "collections": ("collections",),
    "analysis_results": ("analysis_results",),
    "cases": ("collections", "cases"),
    "studies": ("collections", "cases", "studies"),
}


def _ranked(level: str, ranks: Mapping[str, int], bindings: Bindings) -> str:
    """What joins the numbers of ids to the rows of a level."""
    ids, numbers = bindings.add(list(ranks)), bindings.add(list(ranks.values()))
    return f"LEFT JOIN (SELECT unnest({ids}::VARCHAR[]) AS {KEYS[level]}, unnest({numbers}::INTEGER[]) AS {STATUS}) USING ({KEYS[level]})"


class Views:
    """Opens, reads and closes views on one connection; the caller guards it with a lock."""

    def __init__(self) -> None:
        self.selections = Selections(self.get)
        self._views: OrderedDict[int, View] = OrderedDict()
        # Questions inside are about series in this span alone, where one is given; see ``Database``.
        self.nearby: Callable[[duckdb.DuckDBPyConnection, tuple[int, int] | None], AbstractContextManager[None]] = lambda *_: nullcontext()

    def __len__(self) -> int:
        return len(self._views)

    def open(
        self,
        connection: duckdb.DuckDBPyConnection,
        level: str,
        *,
        parents: Sequence[Selection] | None = None,
        filters: Filters | None = None,
        text: str = "",
        order_by: Sequence[Sequence[str]] | None = None,
        further: Sequence[str] = (),
        ranks: Mapping[str, int] | None = None,
    ) -> tuple[View, list[list[Any]]]:
        """Rows of ``level`` below any of ``parents`` (None: everything; empty: nothing), filtered, sorted and kept; and the first ``FIRST_ROWS``.

        ``further`` are columns of ``catalog.further`` whose tables are there; only series have them. ``ranks`` by id are the column "status".
        """
        bindings = Bindings()
        query = self._query(connection, level, parents, filters, bindings)
        order = order_clause(level, order_by, (*further, *([STATUS] if ranks is not None else [])))
        number = next(_NUMBERS)
        found = text_condition(level, text, bindings)
        ranked = "" if ranks is None else _ranked(level, ranks, bindings)
        query = f"SELECT * FROM ({query}) {ranked} {'WHERE ' + found if found else ''}"
        if level == "series" and parents is None and not order_by:
            # Nobody reads a million series from top to bottom; the order of the index costs nothing.
            order = "ORDER BY row_no"
        view = View(number, level, 0, (*LEVEL_COLUMNS[level], *further), level != "series", dict(filters or {}), tuple(further))
        span = None if parents is None else self.selections.span(connection, parents)
        alone = span is not None and self.selections.are_alone(parents or (), filters or {})
        near = span if alone and not self._is_laid_out(level, parents, filters) else None
        if level == "series" and span is not None and span[1] - span[0] < _FEW:
            with self.nearby(connection, near):
                return self._open_few(connection, view, f"({query}) {joins(further)} {order}", bindings)
        if level == "series":
            sorted_by = [name for name in further if name in {str(pair[0]) for pair in order_by or []}]
            query = f"SELECT row_no FROM ({query}) {joins(sorted_by)}"
        # Tables of a few rows per case fit; ordinary insertion keeps the order, so rowid is the position.
        with self.nearby(connection, near):
            view = self._keep(connection, view, f"{query} {order}", bindings)
        try:
            rows = self.page(connection, view, 0, FIRST_ROWS)
        except BaseException:
            # Canceled, for example: nobody is told the number that would close it.
            connection.execute(f"DROP TABLE {view.table}")
            raise
        self._remember(connection, view)
        return view, rows

    def _are_few(self, connection: duckdb.DuckDBPyConnection, parents: Sequence[Selection] | None) -> bool:
        span = None if parents is None else self.selections.span(connection, parents)
        return span is not None and span[1] - span[0] < _FEW

    def _open_few(self, connection: duckdb.DuckDBPyConnection, view: View, source: str, bindings: Bindings) -> tuple[View, list[list[Any]]]:
        """The same for few series: read once, where a table of their numbers first and then their rows would take twice as long."""
        rows = ask(connection, f"SELECT row_no, {', '.join(view.columns)} FROM {source}", bindings.values).fetchall()
        numbers = [row[0] for row in rows]
        ask(connection, f"CREATE TABLE {view.table} AS SELECT unnest($numbers::INTEGER[]) AS row_no", {"numbers": numbers})
        view = replace(view, total=len(rows))
        self._remember(connection, view)
        return view, [list(row[1:]) for row in rows[:FIRST_ROWS]]

    def _remember(self, connection: duckdb.DuckDBPyConnection, view: View) -> None:
        self._views[view.number] = view
        while len(self._views) > MAX_OPEN:
            self.close(connection, next(iter(self._views)))

    def list_rows(
        self, connection: duckdb.DuckDBPyConnection, level: str, *, parents: Sequence[Selection] | None, filters: Filters | None, limit: int | None
    ) -> tuple[list[dict[str, Any]], int]:
        """See ``Catalog.list_rows``."""
        numbers = self.numbers_of_many(connection, level, parents=parents, filters=filters, limit=limit)
        if numbers is not None:
            wanted = numbers[:limit]
            return [row for start in range(0, len(wanted), _MANY) for row in self.numbered(connection, wanted[start : start + _MANY])], len(numbers)
        bindings = Bindings()
        rows_of_level = self._query(connection, level, parents, filters, bindings)
        query = f"SELECT {', '.join(LEVEL_COLUMNS[level])} FROM ({rows_of_level}) {order_clause(level, None)}"
        if limit is None:
            rows = rows_as_dicts(ask(connection, query, bindings.values))
            return rows, len(rows)
        # Counted apart: a count over a window keeps every row with all its columns, the first rows of an order only so many.
        counted = ask(connection, f"SELECT count(*) FROM ({rows_of_level})", bindings.values).fetchone()
        query = f"{query} LIMIT {bindings.add(int(limit))}"
        return rows_as_dicts(ask(connection, query, bindings.values)), int(counted[0]) if counted else 0

    def numbers_of_many(
        self, connection: duckdb.DuckDBPyConnection, level: str, *, parents: Sequence[Selection] | None, filters: Filters | None, limit: int | None
    ) -> Sequence[int] | None:
        """Of very many series the numbers of all rows in their order, since thirty columns of each do not fit in memory; None otherwise."""
        if level != "series" or (limit is not None and limit <= _FEW) or self._are_few(connection, parents):
            return None
        bindings = Bindings()
        query = f"SELECT row_no FROM ({self._query(connection, level, parents, filters, bindings)}) {order_clause(level, None)}"
        found = ask(connection, query, bindings.values)
        numbers = array("q")
        while rows := found.fetchmany(_MANY):
            numbers.extend(row[0] for row in rows)
        return numbers

    def numbered(self, connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Series by these numbers, with all columns."""
        columns = LEVEL_COLUMNS["series"]
        query = f"SELECT row_no, {', '.join(columns)} FROM series WHERE row_no BETWEEN $low AND $high AND row_no IN (SELECT unnest($numbers))"
        found = rows_as_dicts(ask(connection, query, {"low": min(numbers), "high": max(numbers), "numbers": list(numbers)}))
        by_number = {row.pop("row_no"): row for row in found}
        return [by_number[number] for number in numbers]

    def _query(
        self,
        connection: duckdb.DuckDBPyConnection,
        level: str,
        parents: Sequence[Selection] | None,
        filters: Filters | None,
        bindings: Bindings,
    ) -> str:
        check_level(level)
        conditions = filter_conditions(filters, bindings)
        if self._is_laid_out(level, parents, filters):
            table = f"level_{level}"
            where = "" if parents is None else f" WHERE {self.selections.any_row_of(connection, parents, bindings, table)}"
            return f"SELECT {', '.join(LEVEL_COLUMNS[level])}, first_row, last_row FROM {table}{where}"
        if parents is not None:
            conditions.insert(0, self.selections.any_of(connection, parents, bindings))
        return level_query(level, conditions)

    def _is_laid_out(self, level: str, parents: Sequence[Selection] | None, filters: Filters | None) -> bool:
        """Whether a table ``level_...`` has these rows."""
        above = _UP_TO.get(level, ())
        is_filtered = any(map(is_set, (filters or {}).values()))
        return self.selections.is_cached and bool(above) and not is_filtered and self.selections.are_whole(parents or (), above)

    def _keep(self, connection: duckdb.DuckDBPyConnection, view: View, query: str, bindings: Bindings) -> View:
        row = ask(connection, f"CREATE TABLE {view.table} AS {query}", bindings.values).fetchone()
        return replace(view, total=int(row[0]) if row else 0)

    def get(self, number: Any) -> View:
        """The view of that number; raises ``NotFoundError`` after it was closed or the engine was restarted."""
        try:
            view = self._views[int(number)]
            self._views.move_to_end(view.number)
        except (KeyError, TypeError, ValueError):
            raise NotFoundError("This table is no longer open. Show it again.") from None
        return view

    def filters(self) -> list[Filters]:
        """Those of all open views."""
        return [view.filters for view in self._views.values()]

    def page(self, connection: duckdb.DuckDBPyConnection, view: View, offset: int, limit: int) -> list[list[Any]]:
        """Rows ``offset`` to ``offset + limit`` as lists in the order of ``view.columns``."""
        first = max(0, int(offset))
        last = first + min(max(0, int(limit)), MAX_PAGE) - 1
        return self.rows(connection, view, [(first, last)]) if last >= first else []

    def rows(self, connection: duckdb.DuckDBPyConnection, view: View, ranges: Sequence[Sequence[int]]) -> list[list[Any]]:
        """The rows of ranges (both ends included), in the order of the view."""
        bindings = Bindings()
        where = f"FROM {view.table} WHERE {ranges_condition(ranges, bindings)} ORDER BY rowid"
        if view.has_rows:
            return [list(row) for row in ask(connection, f"SELECT {', '.join(view.columns)} {where}", bindings.values).fetchall()]
        numbers = [row[0] for row in ask(connection, f"SELECT row_no {where}", bindings.values).fetchall()]
        if not numbers:
            return []
        columns = ", ".join(name for name in view.columns if name not in view.further)
        rows_of = f"SELECT row_no, {columns} FROM series WHERE row_no BETWEEN $low AND $high AND row_no IN (SELECT unnest($numbers))"
        query = f"SELECT row_no, {', '.join(view.columns)} FROM ({rows_of}) {joins(view.further)}" if view.further else rows_of
        low, high = min(numbers), max(numbers)
        with self.nearby(connection, (low, high)):
            rows = ask(connection, query, {"low": low, "high": high, "numbers": list(numbers)}).fetchall()
        by_number = {row[0]: list(row[1:]) for row in rows}
        return [by_number[number] for number in numbers]

    def row_of(self, connection: duckdb.DuckDBPyConnection, view: View, row_id: str) -> int | None:
        """The position of the row with that id, or None when the view does not show it."""
        names = ID_COLUMNS[view.level]
        values = dict(zip(names, split_case_id(row_id) if view.level == "cases" else (row_id,), strict=True))
        condition = " AND ".join(f"{name} = ${name}" for name in names)
        if view.level == "series":
            condition = f"row_no IN (SELECT row_no FROM series WHERE {condition})"
        found = ask(connection, f"SELECT min(rowid) FROM {view.table} WHERE {condition}", values).fetchone()
        return None if found is None or found[0] is None else int(found[0])

    def ids_of(self, connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[str, list[str], Filters]:
        """Level, ids and filters of a selection by view: what it means for longer than the view lives."""
        view = self.get(selection["view"])
        bindings = Bindings()
        rows = f"{view.table} WHERE {ranges_condition(selection.get('ranges') or [], bindings)}"
        key = KEYS[view.level]
        query = f"SELECT {key} FROM {rows} ORDER BY rowid"
        if not view.has_rows:
            query = f"SELECT {key} FROM series WHERE row_no IN (SELECT row_no FROM {rows}) ORDER BY row_no"
        ids = [row[0] for row in ask(connection, query, bindings.values).fetchall()]
        return view.level, list(dict.fromkeys(ids)), view.filters

    def close(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        """Forget a view; an unknown one is no error, since the window may close what an engine restart already lost."""
        view = self._views.pop(int(number), None)
        if view is not None:
            # Also in a task that was canceled meanwhile.
            connection.execute(f"DROP TABLE {view.table}")
