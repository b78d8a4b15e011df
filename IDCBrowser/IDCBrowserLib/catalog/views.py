"""Open views: sorted rows kept in DuckDB, read page by page, named by number."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import GROUP_COLUMNS, ID_COLUMNS, KEYS, LEVEL_COLUMNS, check_level, split_case_id
from IDCBrowserLib.catalog.conditions import (
    Bindings,
    Filters,
    Selection,
    ids_condition,
    ranges_condition,
    selection_ids,
    text_condition,
)
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.filters import filter_conditions
from IDCBrowserLib.catalog.further import joins
from IDCBrowserLib.catalog.level_sql import level_query, order_clause
from IDCBrowserLib.errors import NotFoundError

if TYPE_CHECKING:
    import duckdb

MAX_PAGE = 10_000
# Of the whole process: a number of a catalog that was replaced means nothing in the next.
_NUMBERS = itertools.count(1)
# Levels whose ids the rows of a level carry.
_UP_TO = {
    "collections": ("collections",), "analysis_results": ("analysis_results",), "cases": ("collections", "cases"),
    "studies": ("collections", "cases", "studies"),
}


@dataclass(frozen=True)
class View:
    """One open view. ``columns`` are those of its level; ``has_rows`` tells whether they are stored or looked up by ``row_no``.

    Its rows stand for the series below them that meet ``filters``: what a row counts is what selecting it means.
    """

    number: int
    level: str
    total: int
    columns: tuple[str, ...]
    # Views of series keep row numbers only: a million rows of thirty columns would cost more memory than they are worth.
    has_rows: bool
    filters: Filters = field(default_factory=dict)
    # Those of ``columns`` that the side indices have.
    further: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Its table in DuckDB; ``rowid`` is the position in the order."""
        return f"view_{self.number}"


class Views:
    """Opens, reads and closes views on one connection; the caller guards it with a lock."""

    def __init__(self) -> None:
        # Called with the filters of a selection before they are asked; see ``Database.prepare_filters``.
        self.prepare: Callable[[Filters], None] = lambda _filters: None
        # Whether the tables ``level_...`` of the cache are there.
        self.has_level_tables = False
        self._views: dict[int, View] = {}

    def open(
        self, connection: duckdb.DuckDBPyConnection, level: str, *, parents: Sequence[Selection] | None = None, filters: Filters | None = None,
        text: str = "", order_by: Sequence[Sequence[str]] | None = None, further: Sequence[str] = (),
    ) -> View:
        """Rows of ``level`` below any of ``parents`` (None: everything; empty: nothing), filtered, sorted and kept.

        ``further`` are columns of ``catalog.further`` whose tables are there; only series have them.
        """
        bindings = Bindings()
        query = self._query(connection, level, parents, filters, bindings)
        order = order_clause(level, order_by, further)
        number = next(_NUMBERS)
        found = text_condition(level, text, bindings)
        query = f"SELECT * FROM ({query}) {'WHERE ' + found if found else ''}"
        if level == "series" and parents is None and not order_by:
            # Nobody reads a million series from top to bottom; the order of the index costs nothing.
            order = "ORDER BY row_no"
        if level == "series":
            sorted_by = [name for name in further if name in {str(pair[0]) for pair in order_by or []}]
            keys = f"SELECT row_no FROM ({query}) {joins(sorted_by)} {order}"
            shown = (*LEVEL_COLUMNS["series"], *further)
            view = replace(self._keep(connection, View(number, "series", 0, shown, False), keys, bindings), further=tuple(further))
        else:
            # Tables of a few rows per case fit; ordinary insertion keeps the order, so rowid is the position.
            view = self._keep(connection, View(number, level, 0, LEVEL_COLUMNS[level], True), f"{query} {order}", bindings)
        view = replace(view, filters=dict(filters or {}))
        self._views[number] = view
        return view

    def list_rows(
        self, connection: duckdb.DuckDBPyConnection, level: str, *, parents: Sequence[Selection] | None, filters: Filters | None, limit: int | None
    ) -> tuple[list[dict[str, Any]], int]:
        """See ``Catalog.list_rows``."""
        bindings = Bindings()
        columns = ", ".join(LEVEL_COLUMNS[level])
        query = f"SELECT {columns} FROM ({self._query(connection, level, parents, filters, bindings)}) {order_clause(level, None)}"
        if limit is None:
            rows = rows_as_dicts(ask(connection, query, bindings.values))
            return rows, len(rows)
        count = f"SELECT *, count(*) OVER () AS total_rows FROM ({query}) LIMIT {bindings.add(int(limit))}"
        rows = rows_as_dicts(ask(connection, count, bindings.values))
        totals = [row.pop("total_rows") for row in rows]
        return rows, int(totals[0]) if totals else 0

    def _query(
        self, connection: duckdb.DuckDBPyConnection, level: str, parents: Sequence[Selection] | None, filters: Filters | None, bindings: Bindings,
    ) -> str:
        check_level(level)
        conditions = filter_conditions(filters, bindings)
        above = _UP_TO.get(level, ())
        if self.has_level_tables and above and not conditions and all(self._is_whole_of(parent, above) for parent in parents or []):
            where = "" if parents is None else f" WHERE {self._any_row_of(parents, bindings)}"
            return f"SELECT {', '.join(LEVEL_COLUMNS[level])}, first_row, last_row FROM level_{level}{where}"
        if parents is not None:
            conditions.append(self.any_of(connection, parents, bindings))
        return level_query(level, conditions)

    def _is_whole_of(self, selection: Selection, levels: Sequence[str]) -> bool:
        """Whether a selection is of one of these levels and stands for everything below its rows."""
        if "view" not in selection:
            return selection_ids(selection)[0] in levels and not selection.get("filters")
        view = self.get(selection["view"])
        return view.level in levels and not view.filters

    def _keep(self, connection: duckdb.DuckDBPyConnection, view: View, query: str, bindings: Bindings) -> View:
        row = ask(connection, f"CREATE TABLE {view.table} AS {query}", bindings.values).fetchone()
        return View(view.number, view.level, int(row[0]) if row else 0, view.columns, view.has_rows)

    def get(self, number: Any) -> View:
        """The view of that number; raises ``NotFoundError`` after it was closed or the engine was restarted."""
        try:
            return self._views[int(number)]
        except (KeyError, TypeError, ValueError):
            raise NotFoundError("This table is no longer open; show it again.") from None

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
        rows = ask(connection, query, {"low": min(numbers), "high": max(numbers), "numbers": numbers}).fetchall()
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
            ask(connection, f"DROP TABLE {view.table}")

    def any_of(self, connection: duckdb.DuckDBPyConnection, selections: Sequence[Selection], bindings: Bindings) -> str:
        """The condition on ``series`` that any of the selections holds.

        Where it is known in which part of the catalog they lie, that is part of the condition: DuckDB then reads only that part.
        """
        condition = self._any_row_of(selections, bindings)
        bounds = [self._bounds(connection, selection) for selection in selections]
        known = [pair for pair in bounds if pair is not None]
        if not known or len(known) < len(bounds):
            return condition
        low, high = min(pair[0] for pair in known), max(pair[1] for pair in known)
        return f"{condition} AND row_no BETWEEN {bindings.add(low)} AND {bindings.add(high)}"

    def _any_row_of(self, selections: Sequence[Selection], bindings: Bindings) -> str:
        parts = [self._condition(selection, bindings) for selection in selections]
        return f"({' OR '.join(f'({part})' for part in parts)})" if parts else "false"

    def _bounds(self, connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[int, int] | None:
        """First and last ``row_no`` of a selection, if some table tells them quickly."""
        bindings = Bindings()
        if "view" in selection:
            view = self.get(selection["view"])
            names = "min(row_no), max(row_no)" if view.level == "series" else "min(first_row), max(last_row)"
            query = f"SELECT {names} FROM {view.table} WHERE {ranges_condition(selection.get('ranges') or [], bindings)}"
        else:
            level, ids = selection_ids(selection)
            if level == "series" or not self.has_level_tables:
                return None
            query = f"SELECT min(first_row), max(last_row) FROM level_{level} WHERE {ids_condition(level, ids, bindings)}"
        row = ask(connection, query, bindings.values).fetchone()
        return None if row is None or row[0] is None else (int(row[0]), int(row[1]))

    def _condition(self, selection: Selection, bindings: Bindings) -> str:
        if "view" not in selection:
            level, ids = selection_ids(selection)
            filters = selection.get("filters") or {}
            self.prepare(filters)
            return " AND ".join([ids_condition(level, ids, bindings), *filter_conditions(filters, bindings)])
        view = self.get(selection["view"])
        rows = f"SELECT {{}} FROM {view.table} WHERE {ranges_condition(selection.get('ranges') or [], bindings)}"
        if view.level == "series":
            return f"row_no IN ({rows.format('row_no')})"
        keys = GROUP_COLUMNS[view.level]
        names = ", ".join(keys)
        below = f"{keys[0]} IN ({rows.format(names)})" if len(keys) == 1 else f"({names}) IN ({rows.format(names)})"
        self.prepare(view.filters)
        return " AND ".join([below, *filter_conditions(view.filters, bindings)])
