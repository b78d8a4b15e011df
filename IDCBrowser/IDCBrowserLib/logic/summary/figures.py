"""The figures of what is shown, selected, in the cart or in an opened list: asked while somebody looks at them. Knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from IDCBrowserLib.api.cohort import COUNTS, Cohort, Counts, CountsParameters
from IDCBrowserLib.catalog.facets.counting import BESIDE
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import LEVELS, TOPS, Phase
from IDCBrowserLib.logic.charts.bars import Bar, Chart
from IDCBrowserLib.logic.finding.facets import chosen_text
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.logic.picking.cart import Cart
from IDCBrowserLib.logic.picking.source_plan import SourcePlan
from IDCBrowserLib.logic.summary.charts import UNIT_KEYS, figure_titles
from IDCBrowserLib.logic.tables.shelf import Shelf
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count, human_size

SHOWN, SELECTED, CART, LIST = SCOPES = ("shown", "selected", "cart", "list")


def scope_titles() -> dict[str, str]:
    """Of what there are figures."""
    return {SHOWN: _("What is shown"), SELECTED: _("Selected rows"), CART: _("Cart"), LIST: _("Opened list")}


@dataclass(frozen=True)
class FiguresState:
    """``counts`` are the former ones while ``counting``; ``note`` says why there are none. ``what`` is counted, in words."""

    scope: str = SHOWN
    unit: str = UNIT_KEYS[0]
    counts: Counts | None = None
    counting: bool = False
    note: str = ""
    what: str = ""


class CohortScope:
    """What a scope means now, for the engine and in words."""

    def __init__(self, tables: Tables, shelf: Shelf, filters: Filters, cart: Cart, plan: SourcePlan) -> None:
        self.tables = tables
        self.shelf = shelf
        self.filters = filters
        self.cart = cart
        self.plan = plan

    def cohort(self, scope: str) -> Cohort | None:
        """None while it is being found, or where there is nothing; ``why_nothing`` says which."""
        filters = self.filters.for_engine()
        if scope == CART:
            return {"cart": True, "filters": filters} if self.cart.state.count else None
        if scope == LIST:
            document = self.plan.opened.document
            return None if document is None else {"plan": document["plan"], "filters": filters}
        if scope == SELECTED:
            level = self.tables.deepest_selected()
            selection = self.tables.selection(level) if level else None
            return None if selection is None else {"selections": [selection]}
        state = self.tables.state(self.shelf.level)
        if state.phase is not Phase.READY or state.view is None or not state.total:
            return None
        return {"selections": [{"view": state.view, "ranges": [[0, state.total - 1]]}]}

    def why_nothing(self, scope: str) -> str:
        """A sentence for a scope without rows."""
        if scope == CART:
            return _("The cart is empty.")
        if scope == LIST:
            return _("The list is being looked up.") if self.plan.opened.sources else _("No manifest or list is open.")
        if scope == SELECTED:
            return _("Select rows in the tables of the Browse page first.")
        state = self.tables.state(self.shelf.level)
        return _("Nothing is shown. Remove filters to see more.") if state.phase is Phase.READY else _("The tables are being filled.")

    def what(self, scope: str) -> str:
        """In words, with the filters that hold for it."""
        name = {CART: _("Cart"), LIST: _("Opened list")}.get(scope) or self._rows_text(scope)
        chosen = chosen_text(self.filters.state.chosen)
        return f"{name}; {chosen}" if chosen else name

    def _rows_text(self, scope: str) -> str:
        path = " > ".join(crumb.text for crumb in self.shelf.crumbs)
        if scope == SHOWN:
            text = self.tables.state(self.shelf.level).text
            return _('{path}, "{text}"').format(path=path, text=text) if text else path
        level = self.tables.deepest_selected()
        count = self.tables.state(level).selected_count if level else 0
        return _("{rows} selected in {path}").format(rows=_rows_text(level or LEVELS[-1], count), path=path)


class Figures:
    """``changed(FiguresState)``. Nothing is asked until ``watch``; then again whenever what is looked at became something else."""

    def __init__(self, client: EngineClient, scope: CohortScope) -> None:
        self._client = client
        self._scope = scope
        self._request: Request | None = None
        self._asked: Cohort | None = None
        self._watched = False
        self.state = FiguresState()
        self.changed: Signal[FiguresState] = Signal()
        scope.tables.changed.connect(self._look)
        scope.tables.selection_changed.connect(self._look)
        scope.shelf.changed.connect(self._look)
        scope.cart.changed.connect(self._look)
        scope.plan.changed.connect(self._look)
        scope.filters.chosen_changed.connect(self._look)

    def watch(self, on: bool) -> None:
        """Whether anybody looks at them."""
        self._watched = on
        if on:
            self._look()

    def choose(self, scope: str) -> None:
        """Figures of what: one of ``SCOPES``."""
        if scope != self.state.scope:
            self._set(replace(self.state, scope=scope, counts=None))
            self._look()

    def count_in(self, unit: str) -> None:
        """What bars count; all of it is here."""
        self._set(replace(self.state, unit=unit))

    def again(self, *_why: object) -> None:
        """Count anew: another index file is here, the cart has other rows, or the engine is another one."""
        self._asked = None
        self._look()

    def filter_by(self, chart: Chart, bar: Bar) -> None:
        """Add what a bar stands for to the filters."""
        if bar.choice is not None:
            self._scope.filters.add(chart.column, bar.choice)

    def _look(self, *_what: object) -> None:
        if not self._watched:
            return
        cohort = self._scope.cohort(self.state.scope)
        what = self._scope.what(self.state.scope)
        if cohort is None:
            self._stop()
            self._set(replace(self.state, counts=None, counting=False, what=what, note=self._scope.why_nothing(self.state.scope)))
        elif cohort != self._asked:
            self._stop()
            self._asked = cohort
            self._set(replace(self.state, counting=True, note="", what=what))
            self._ask(cohort, [[name for name in figure_titles() if name not in BESIDE], *([name] for name in BESIDE)], None)

    def _ask(self, cohort: Cohort, groups: Sequence[Sequence[str]], former: Counts | None) -> None:
        """What the index itself has comes first: segments of all of IDC take seconds."""
        question = COUNTS(cast(CountsParameters, {**cohort, "figures": list(groups[0])}))
        self._request = self._client.ask(question, lambda counts: self._counted(cohort, groups[1:], _united(former, counts)), self._failed)

    def _counted(self, cohort: Cohort, groups: Sequence[Sequence[str]], counts: Counts) -> None:
        self._request = None
        self._set(replace(self.state, counts=counts, counting=bool(groups)))
        if groups:
            self._ask(cohort, groups, counts)

    def _failed(self, error: IDCBrowserError) -> None:
        self._stop()
        self._set(replace(self.state, counting=False, note=str(error)))

    def _stop(self) -> None:
        if self._request is not None:
            self._request.cancel()
        self._request = self._asked = None

    def _set(self, state: FiguresState) -> None:
        self.state = state
        self.changed.emit(state)


def totals_line(counts: Counts) -> str:
    """How much is counted."""
    return ", ".join(
        (
            human_count(counts["collections"], _("collection"), _("collections")),
            human_count(counts["cases"], _("case"), _("cases")),
            human_count(counts["studies"], _("study"), _("studies")),
            human_count(counts["series"], _("series"), _("series")),
            human_size(counts["total_bytes"]),
        )
    )


def _united(former: Counts | None, counts: Counts) -> Counts:
    if former is None:
        return counts
    return {**counts, "by": {**former["by"], **counts["by"]}, "missing": {**former["missing"], **counts["missing"]}}


def _rows_text(level: str, count: int) -> str:
    words = {
        TOPS[0]: (_("collection"), _("collections")),
        TOPS[1]: (_("analysis result"), _("analysis results")),
        "cases": (_("case"), _("cases")),
        "studies": (_("study"), _("studies")),
        "series": (_("series"), _("series")),
    }
    return human_count(count, *words[level])
