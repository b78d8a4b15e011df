"""Tables that feed each other: rows selected in one fill the next. The first is of collections or of analysis results. Knows no widgets.

Each table is a view of the engine. Sorting, filtering or an engine that died open it again; what was selected is found in the new view by id
(``catalog.row_of``) and told with ``reselect``, so that neither the selection nor the tables below it are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from IDCBrowserLib.api import catalog
from IDCBrowserLib.api.values import Filters, Folders, Row, ViewRows
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import ALL_LEVELS, LEVELS, TOPS, Phase, Ranges, TableState, count_rows, merge_ranges
from IDCBrowserLib.logic.tables.columns import STATUS
from IDCBrowserLib.logic.tables.paged_rows import PagedRows
from IDCBrowserLib.signal import Signal

# A larger selection is not looked for again in a new view; it is dropped, unless it is the whole table.
_MAX_KEPT_ROWS = 200


class Tables:
    """``open_all`` starts. Signals: ``changed(level, TableState)``, ``reselect(level, ranges)``, ``selection_changed(level)``, ``top_changed(top)``,
    ``revealed()`` when ``reveal`` begins.

    ``state(level)`` and ``rows(level)`` are what a table widget shows; ``select``, ``sort`` and ``set_filter`` are what it asks for.
    ``top`` is what the first table shows. Below an analysis result there is only what belongs to it. ``first_rows`` are the rows at the top of
    each table as its widget shows it, ``wanted_rows`` those it is to show when it is filled. ``here`` gives the folders of what was downloaded,
    ``loaded`` the series in the scene.
    """

    def __init__(self, client: EngineClient, here: Callable[[], Folders], loaded: Callable[[], Collection[str]]) -> None:
        self._client = client
        self._here = here
        self._loaded = loaded
        self._states = {level: TableState(level, note=guidance(level)) for level in ALL_LEVELS}
        self._rows = {level: PagedRows(client) for level in ALL_LEVELS}
        self.top = TOPS[0]
        self.first_rows: dict[str, int] = {}
        self.wanted_rows: dict[str, int] = {}
        self._opening: dict[str, Request] = {}
        # What is to be selected in the rows that come, by id, and what is looked for in rows that have come.
        self._keep: dict[str, tuple[str, ...]] = {}
        self._sought: dict[str, tuple[str, ...]] = {}
        self._keep_all = ""
        self._clearings = 0
        # Levels whose rows are here, while what was selected is looked for among them.
        self._looking: set[str] = set()
        self._filters: Filters = {}
        self._further: tuple[str, ...] = ()
        self.changed: Signal[str, TableState] = Signal()
        self.reselect: Signal[str, Ranges] = Signal()
        self.selection_changed: Signal[str] = Signal()
        self.top_changed: Signal[str] = Signal()
        self.revealed: Signal[[]] = Signal()

    def state(self, level: str) -> TableState:
        """What the table shows."""
        return self._states[level]

    def rows(self, level: str) -> PagedRows:
        """The rows of the table."""
        return self._rows[level]

    def open_all(self, views_lost: bool = False) -> None:
        """Fill the first table. With ``views_lost`` (another engine): all of them again, with what was selected by id."""
        kept = {level: self.selected_ids(level) or () for level in self.levels}
        for level in ALL_LEVELS:
            if views_lost:
                self._states[level] = replace(self._states[level], view=None)
            self._forget(level)
        self._keep = {level: ids for level, ids in kept.items() if ids}
        self._open(self.top)

    @property
    def levels(self) -> tuple[str, ...]:
        """The tables in sight, from top to bottom."""
        return (self.top, *LEVELS[1:])

    @property
    def is_settled(self) -> bool:
        """Whether no rows, and nothing that was selected among them, are still to come."""
        return not self._looking and all(state.phase is not Phase.LOADING for state in self._states.values())

    def reveal(self, path: Mapping[str, Sequence[str]], first_rows: Mapping[str, int] | None = None, cases_with: str = "") -> None:
        """Select the ids given per level, from the collections or analysis results down; levels that are not named lose their selection,
        everything its filter. ``first_rows`` are the rows that come to the top of their table. ``cases_with`` filters the cases and selects all
        that have it.
        """
        self._filters = {}
        self.wanted_rows = dict(first_rows or {})
        self.revealed.emit()
        for level in ALL_LEVELS:
            self._states[level] = replace(self._states[level], text="")
            self._forget(level)
        self._keep, self._keep_all = {level: tuple(ids) for level, ids in path.items() if ids}, ""
        if cases_with:
            self._states["cases"], self._keep_all = replace(self._states["cases"], text=cases_with), "cases"
            self.changed.emit("cases", self._states["cases"])
        self._change_top(TOPS[1] if TOPS[1] in path else TOPS[0])
        self._open(self.top)

    def set_top(self, top: str) -> None:
        """Show collections or analysis results first; what was selected there is selected again when one comes back to it."""
        if top == self.top:
            return
        former = self.top
        kept = self.selected_ids(former) or ()
        self._forget(former)
        if kept:
            self._keep[former] = kept
        self._change_top(top)
        self._clear(LEVELS[1])
        self._open(top)
        self.selection_changed.emit(top)

    def set_further(self, columns: Sequence[str]) -> None:
        """Columns of side indices that the series are to have (``catalog.further``); those whose index is not here stay empty."""
        if tuple(columns) != self._further:
            self._further = tuple(columns)
            self.refresh_further()

    def refresh_further(self) -> None:
        """Ask for the series again, as a side index came or went."""
        if self._states["series"].view is not None:
            self._reopen("series", self._states["series"])

    def _change_top(self, top: str) -> None:
        if top != self.top:
            self.top = top
            self.top_changed.emit(top)

    def sort(self, level: str, column: str, descending: bool) -> None:
        """Sort the table by a column; the engine does it."""
        if self._states[level].order != (column, descending):
            self._reopen(level, replace(self._states[level], order=(column, descending)))

    def restore_order(self, level: str, column: str, descending: bool) -> None:
        """The order of rows that are still to be asked for."""
        self._states[level] = replace(self._states[level], order=(column, descending))

    def set_filter(self, level: str, text: str) -> None:
        """Keep only rows that contain ``text``."""
        if self._states[level].text != text:
            self._reopen(level, replace(self._states[level], text=text))

    def set_filters(self, filters: Filters, again: bool = False) -> None:
        """Show and count only series with these values, in every table; what is selected stays so if it is still there. ``again``: the same
        filters leave something else than before.
        """
        if filters == self._filters and not again:
            return
        self._filters = filters
        first = self.top
        self._looking.add(first)
        kept = {level: self.selected_ids(level) or self._sought.get(level, ()) for level in LEVELS[1:]}
        for level in LEVELS[1:]:
            self._forget(level)
            self.changed.emit(level, self._states[level])
        self._keep.update({level: ids for level, ids in kept.items() if ids})
        self._reopen(first, self._states[first], same_rows=False)
        if first not in self._opening:
            self._looking.discard(first)
        if self._states[first].selected:
            # Until the rows are found again, nothing can be downloaded by their old meaning.
            self._states[first] = replace(self._states[first], selected=())
            self.changed.emit(first, self._states[first])
            self.selection_changed.emit(first)

    def select(self, level: str, ranges: Ranges) -> None:
        """Rows the user selected; the next table fills."""
        if self._states[level].selected == ranges:
            return
        self._keep.pop(level, None)
        self._sought.pop(level, None)
        self._states[level] = replace(self._states[level], selected=ranges)
        self.changed.emit(level, self._states[level])
        self._fill_below(level)
        self.selection_changed.emit(level)

    def clear_selection(self) -> None:
        """Select nothing in any table, nor what is still being looked for there."""
        self._keep, self._sought, self._keep_all = {}, {}, ""
        self._clearings += 1
        if self._states[self.top].selected:
            self.select(self.top, ())
            self.reselect.emit(self.top, ())

    def selection(self, level: str) -> ViewRows | None:
        """The selected rows as a parameter of the engine; None when there are none."""
        state = self._states[level]
        if state.view is None or not state.selected:
            return None
        return {"view": state.view, "ranges": [list(item) for item in state.selected]}

    def deepest_selected(self) -> str | None:
        """The lowest level with selected rows: what a download takes."""
        return next((level for level in reversed(self.levels) if self.selection(level)), None)

    def selected_ids(self, level: str) -> tuple[str, ...] | None:
        """Ids of the selected rows; None when they are many, or not all here."""
        selected = self._states[level].selected
        if count_rows(selected) > _MAX_KEPT_ROWS:
            return None
        rows = [self._rows[level].loaded_row(number) for first, last in selected for number in range(first, last + 1)]
        ids = tuple(self.id_of(level, row) for row in rows if row is not None)
        return ids if len(ids) == len(rows) else None

    def id_of(self, level: str, row: Row) -> str:
        """The id of a row as the engine's methods take it."""
        rows = self._rows[level]
        if level in TOPS:
            return str(rows.value(row, "collection_id" if level == "collections" else "analysis_result_id"))
        if level == "cases":
            return f"{rows.value(row, 'collection_id')}/{rows.value(row, 'PatientID')}"
        return str(rows.value(row, "StudyInstanceUID" if level == "studies" else "SeriesInstanceUID"))

    # Opening views

    def _fill_below(self, level: str) -> None:
        below = _below(level)
        if below is None:
            return
        if self.selection(level) is None:
            self._clear(below)
            return
        # Rows of the old view stay in sight until the new ones are here, but nothing can be done with them any more.
        self._states[below] = replace(self._states[below], selected=())
        further = _below(below)
        if further is not None:
            self._clear(further, keep=True)
        self._open(below)

    def _clear(self, level: str, keep: bool = False) -> None:
        if not keep:
            self._keep.pop(level, None)
        self._forget(level)
        self.changed.emit(level, self._states[level])
        below = _below(level)
        if below is not None:
            self._clear(below, keep)

    def _forget(self, level: str) -> None:
        self._cancel_opening(level)
        self._sought.pop(level, None)
        self._looking.discard(level)
        self._close_view(self._states[level].view)
        before = self._states[level]
        self._states[level] = TableState(level, note=guidance(level, self.top), order=before.order, text=before.text)
        self._rows[level].clear()

    def _reopen(self, level: str, state: TableState, same_rows: bool = True) -> None:
        """``same_rows``: in another order perhaps, but none comes or goes; only then all of them are still all of them."""
        ids = self.selected_ids(level)
        same_rows = same_rows and state.text == self._states[level].text
        everything = same_rows and state.total > 0 and state.selected_count == state.total
        self._states[level] = state
        if state.view is None and level not in self._opening:
            self.changed.emit(level, state)
            return
        if state.view is not None:
            # Another change may come before what was selected is found after the last one.
            self._keep[level] = ids or self._keep.get(level) or self._sought.get(level) or ()
            self._keep_all = level if everything else ""
        self._open(level)

    def _open(self, level: str) -> None:
        self._cancel_opening(level)
        self._states[level] = replace(self._states[level], phase=Phase.LOADING, note=_("Loading..."))
        self.changed.emit(level, self._states[level])
        question = catalog.VIEW(self._view_parameters(level))
        self._opening[level] = self._client.ask(question, lambda result: self._show(level, result), lambda error: self._fail(level, error))

    def _view_parameters(self, level: str) -> catalog.ViewParameters:
        state = self._states[level]
        parameters: catalog.ViewParameters = {"level": level}
        above = self._above(level)
        of_analysis = self._of_analysis() if above is not None else {}
        if above is not None and not (of_analysis and above == self.top):
            selection = self.selection(above)
            parameters["parents"] = [] if selection is None else [selection]
        filters = {**self._filters, **of_analysis}
        if filters:
            parameters["filters"] = filters
        if level == "series" and self._further:
            parameters["further"] = list(self._further)
        if state.text:
            parameters["text"] = state.text
        if state.order is not None:
            parameters["order_by"] = [[state.order[0], "desc" if state.order[1] else "asc"]]
            if state.order[0] == STATUS:
                parameters["here"] = self._here()
                parameters["loaded"] = sorted(self._loaded())
        return parameters

    def _of_analysis(self) -> Filters:
        """The filter that keeps to the selected analysis results. They met the user's own filters, so theirs on this column is meant already."""
        chosen = self.selected_ids(TOPS[1]) if self.top == TOPS[1] else ()
        return {"analysis_result_id": list(chosen)} if chosen else {}

    def _above(self, level: str) -> str | None:
        if level in TOPS:
            return None
        index = LEVELS.index(level)
        return self.top if index == 1 else LEVELS[index - 1]

    def _show(self, level: str, result: catalog.View) -> None:
        self._opening.pop(level, None)
        before = self._states[level]
        self._close_view(before.view)
        had_selection = bool(before.selected)
        note = "" if result["total"] else _nothing(before.text, bool(self._filters))
        self._states[level] = replace(
            before, phase=Phase.READY, note=note, view=result["view"], total=result["total"], columns=tuple(result["columns"]), selected=()
        )
        self._rows[level].show(result["view"], result["columns"], result["total"], result["rows"])
        kept = self._sought[level] = self._keep.pop(level, ())
        keep_all = self._keep_all == level
        if keep_all:
            self._keep_all = ""
        # Said with the rows whether anything is still to come: nothing else would tell.
        (self._looking.add if kept or (keep_all and result["total"]) else self._looking.discard)(level)
        self.changed.emit(level, self._states[level])
        if keep_all and result["total"]:
            self._restore(level, result["view"], ((0, result["total"] - 1),), before.total, had_selection)
        elif kept:
            self._find(level, result["view"], kept, had_selection)
        elif had_selection:
            self._fill_below(level)
            self.selection_changed.emit(level)

    def _find(self, level: str, view: int, ids: Sequence[str], had_selection: bool) -> None:
        clearings = self._clearings

        def found(ranges: Ranges) -> None:
            if self._states[level].view == view:
                self._sought.pop(level, None)
            if clearings == self._clearings:
                self._restore(level, view, ranges, len(ids), had_selection)
            elif self._states[level].view == view:
                self._stop_looking(level)

        _FindRows(self._client, view, ids, found)

    def _restore(self, level: str, view: int, ranges: Ranges, wanted: int, had_selection: bool) -> None:
        if self._states[level].view != view:
            return
        if self._states[level].selected:
            self._stop_looking(level)
            return
        self._states[level] = replace(self._states[level], selected=ranges)
        self.changed.emit(level, self._states[level])
        self.reselect.emit(level, ranges)
        # The same rows in another order: what is below still belongs to them.
        below = _below(level)
        unchanged = had_selection and count_rows(ranges) == wanted and below is not None and self._states[below].view is not None
        if not unchanged:
            self._fill_below(level)
        self._looking.discard(level)
        self.selection_changed.emit(level)

    def _stop_looking(self, level: str) -> None:
        """Of what was looked for nothing is wanted any more."""
        self._looking.discard(level)
        self.changed.emit(level, self._states[level])

    def _fail(self, level: str, error: IDCBrowserError) -> None:
        self._opening.pop(level, None)
        self._forget(level)
        self._states[level] = replace(self._states[level], phase=Phase.FAILED, note=str(error))
        self.changed.emit(level, self._states[level])
        below = _below(level)
        if below is not None:
            self._clear(below)
        self.selection_changed.emit(level)

    def _cancel_opening(self, level: str) -> None:
        request = self._opening.pop(level, None)
        if request is not None:
            request.cancel()

    def _close_view(self, view: int | None) -> None:
        if view is not None and self._client.is_ready:
            self._client.ask(catalog.CLOSE_VIEW({"view": view}))


class _FindRows:
    """Looks for ids in a view; calls back once with the ranges of those that are there."""

    def __init__(self, client: EngineClient, view: int, ids: Sequence[str], on_done: Callable[[Ranges], None]) -> None:
        self._left = len(ids)
        self._found: list[tuple[int, int]] = []
        self._on_done = on_done
        for item in ids:
            client.ask(catalog.ROW_OF({"view": view, "id": item}), lambda result: self._take(result["row"]), lambda _error: self._take(None))

    def _take(self, row: int | None) -> None:
        self._left -= 1
        if row is not None:
            self._found.append((row, row))
        if self._left == 0:
            self._on_done(merge_ranges(self._found))


def guidance(level: str, top: str = TOPS[0]) -> str:
    """What an empty table tells a person who sees it for the first time."""
    return {
        "collections": _("Opening the catalog..."),
        "analysis_results": _("Opening the catalog..."),
        "cases": _("Select an analysis result to see its cases.") if top == TOPS[1] else _("Select a collection to see its cases."),
        "studies": _("Select a case to see its studies."),
        "series": _("Select a study to see its series."),
    }[level]


def _nothing(text: str, filtered: bool) -> str:
    if filtered and not text:
        return _('No rows match all filters. Press "Reset filters" to show all rows.')
    return _('No rows contain "{text}". Clear the text to show all rows.').format(text=text) if text else _("No rows.")


def _below(level: str) -> str | None:
    index = 1 if level in TOPS else LEVELS.index(level) + 1
    return LEVELS[index] if index < len(LEVELS) else None
