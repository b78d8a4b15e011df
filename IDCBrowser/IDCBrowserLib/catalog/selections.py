"""What selected rows mean: conditions on the series below them, and where in the catalog these lie.

A click selects one row, and much is asked about it: its keys are read once and compared, which costs half of looking them up in each question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import GROUP_COLUMNS
from IDCBrowserLib.catalog.conditions import Bindings, Filters, Selection, ids_condition, ranges_condition, row_pairs, selection_ids
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.filters import STUDY_MODALITY, filter_conditions, is_set
from IDCBrowserLib.catalog.search.uids import rows_of
from IDCBrowserLib.catalog.view import View

if TYPE_CHECKING:
    import duckdb

_BY_UID = ("studies", "series")
_NOTHING = "false"
# Beyond, looking at every series is as fast.
_MOST_UIDS = 5000


class Selections:
    """``get`` gives an open view by its number, or raises ``NotFoundError``."""

    def __init__(self, get: Callable[[Any], View]) -> None:
        self._get = get
        # Called with the filters of a selection before they are asked; see ``Database.prepare_filters``.
        self.prepare: Callable[[Filters], None] = lambda _filters: None
        # Whether the tables ``level_...`` and ``uid_codes`` of the cache are there.
        self.is_cached = False

    def any_of(self, connection: duckdb.DuckDBPyConnection, selections: Sequence[Selection], bindings: Bindings) -> str:
        """The condition on ``series`` that any of the selections holds.

        Where it is known in which part of the catalog they lie, that is part of the condition: DuckDB then reads only that part.
        """
        condition = self._either(connection, selections, bindings, "series")
        span = self.span(connection, selections)
        if span is None:
            return condition
        place = f"= {bindings.add(span[0])}" if span[0] == span[1] else f"BETWEEN {bindings.add(span[0])} AND {bindings.add(span[1])}"
        # First: what is compared first decides how much of the rest is read.
        return f"row_no {place} AND {condition}"

    def any_row_of(self, connection: duckdb.DuckDBPyConnection, selections: Sequence[Selection], bindings: Bindings, table: str) -> str:
        """The same on one of the tables ``level_...``, for selections of which ``are_whole`` holds."""
        return self._either(connection, selections, bindings, table)

    def are_whole(self, selections: Sequence[Selection], levels: Sequence[str]) -> bool:
        """Whether all are of one of these levels and stand for everything below their rows."""
        return all(self._is_whole(selection, levels) for selection in selections)

    def are_alone(self, selections: Sequence[Selection], filters: Filters) -> bool:
        """Whether a question with these filters looks at no other series than those below the selections: a filter on studies does."""
        of_views = [self._get(selection["view"]).filters if "view" in selection else selection.get("filters") or {} for selection in selections]
        return not any(is_set(each.get(STUDY_MODALITY)) for each in (filters, *of_views))

    def span(self, connection: duckdb.DuckDBPyConnection, selections: Sequence[Selection]) -> tuple[int, int] | None:
        """First and last ``row_no`` of the series below, if some table tells them quickly for all of the selections."""
        spans = [self._span(connection, selection) for selection in selections]
        known = [pair for pair in spans if pair is not None]
        if not known or len(known) < len(spans):
            return None
        return min(pair[0] for pair in known), max(pair[1] for pair in known)

    def _either(self, connection: duckdb.DuckDBPyConnection, selections: Sequence[Selection], bindings: Bindings, table: str) -> str:
        parts = [self._condition(connection, selection, bindings, table) for selection in selections]
        return f"({' OR '.join(f'({part})' for part in parts)})" if parts else _NOTHING

    def _is_whole(self, selection: Selection, levels: Sequence[str]) -> bool:
        if "view" not in selection:
            return selection_ids(selection)[0] in levels and not selection.get("filters")
        view = self._get(selection["view"])
        return view.level in levels and not view.filters

    def _condition(self, connection: duckdb.DuckDBPyConnection, selection: Selection, bindings: Bindings, table: str) -> str:
        if "view" in selection:
            view = self._get(selection["view"])
            chosen, filters = self._rows_condition(connection, view, selection.get("ranges") or [], bindings), view.filters
        else:
            level, ids = selection_ids(selection)
            chosen, filters = self._ids_condition(connection, level, ids, bindings, table), selection.get("filters") or {}
        self.prepare(filters)
        return " AND ".join([chosen, *filter_conditions(filters, bindings)])

    def _rows_condition(self, connection: duckdb.DuckDBPyConnection, view: View, ranges: Sequence[Sequence[int]], bindings: Bindings) -> str:
        keys = GROUP_COLUMNS[view.level] or ("row_no",)
        number = _only_row(ranges)
        if number is not None:
            row = _row(connection, view, number)
            return " AND ".join(f"{key} = {bindings.add(value)}" for key, value in zip(keys, row, strict=False)) if row else _NOTHING
        names = ", ".join(keys)
        rows = f"SELECT {names} FROM {view.table} WHERE {ranges_condition(ranges, bindings)}"
        return f"{names} IN ({rows})" if len(keys) == 1 else f"({names}) IN ({rows})"

    def _ids_condition(self, connection: duckdb.DuckDBPyConnection, level: str, ids: Sequence[str], bindings: Bindings, table: str) -> str:
        if len(ids) != 1 or level not in _BY_UID or not self.is_cached:
            return ids_condition(level, ids, bindings)
        rows = rows_of(connection, ids)
        if not rows:
            return _NOTHING
        condition = ids_condition(level, ids, bindings)
        # Where series are grouped by study, a row begins where its study does.
        place = "row_no" if level == "series" else "first_row" if table == "level_studies" else ""
        return f"{place} {_one_of(rows, bindings)} AND {condition}" if place else condition

    def _span(self, connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[int, int] | None:
        bindings = Bindings()
        if "view" in selection:
            view, ranges = self._get(selection["view"]), selection.get("ranges") or []
            number = _only_row(ranges)
            if number is not None:
                one = _row(connection, view, number)
                return (int(one[-2]), int(one[-1])) if one else None
            names = "min(row_no), max(row_no)" if view.level == "series" else "min(first_row), max(last_row)"
            query = f"SELECT {names} FROM {view.table} WHERE {ranges_condition(ranges, bindings)}"
        else:
            level, ids = selection_ids(selection)
            if not self.is_cached:
                return None
            if level == "series":
                rows = rows_of(connection, ids) if 1 < len(ids) <= _MOST_UIDS else []
                return (min(rows), max(rows)) if rows else None
            table = f"level_{level}"
            query = f"SELECT min(first_row), max(last_row) FROM {table} WHERE {self._ids_condition(connection, level, ids, bindings, table)}"
        row = ask(connection, query, bindings.values).fetchone()
        return None if row is None or row[0] is None else (int(row[0]), int(row[1]))


def _only_row(ranges: Sequence[Sequence[int]]) -> int | None:
    """The row of a selection of one; raises as ``row_pairs``."""
    pairs = row_pairs(ranges)
    return pairs[0][0] if len(pairs) == 1 and pairs[0][0] == pairs[0][1] else None


def _row(connection: duckdb.DuckDBPyConnection, view: View, number: int) -> tuple[Any, ...] | None:
    """The keys of a row, then the first and the last ``row_no`` of its series; None when there is no such row."""
    if number not in view.picked:
        keys = GROUP_COLUMNS[view.level]
        names = ", ".join((*keys, "first_row", "last_row")) if keys else "row_no, row_no, row_no"
        found = ask(connection, f"SELECT {names} FROM {view.table} WHERE rowid = $number", {"number": number}).fetchone()
        if found is None:
            return None
        view.picked[number] = found
    return view.picked[number]


def _one_of(numbers: Sequence[int], bindings: Bindings) -> str:
    if len(numbers) == 1:
        return f"= {bindings.add(numbers[0])}"
    return f"IN (SELECT unnest({bindings.add(list(numbers))}))"
