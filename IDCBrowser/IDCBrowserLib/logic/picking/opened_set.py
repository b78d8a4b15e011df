"""The tables kept to an opened manifest or pasted list, the cart, or rows of a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message, Ranges
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.logic.finding.query import Query
from IDCBrowserLib.logic.picking.picked import Picked
from IDCBrowserLib.logic.picking.source_plan import SourcePlan
from IDCBrowserLib.logic.picking.working_set import WorkingSet, WorkingSetState
from IDCBrowserLib.logic.tables.tables import Tables
from IDCBrowserLib.signal import Signal

# A working set of more is not planned as a whole until somebody asks for it: a plan of a million series takes a gigabyte.
_MAX_PLANNED = 100_000


class OpenedSet:
    """Opens a working set in the tables, and plans its download where it came from a list.

    ``show_tables`` brings the page with them to the front. Signal: ``message(Message or None)``, None when former messages are old.
    """

    def __init__(
        self,
        working_set: WorkingSet,
        plan: SourcePlan,
        query: Query,
        tables: Tables,
        filters: Filters,
        picked: Picked,
        show_tables: Callable[[], None],
    ) -> None:
        self._working_set, self._plan, self._query = working_set, plan, query
        self._tables, self._filters, self._picked = tables, filters, picked
        self._show_tables = show_tables
        self.message: Signal[Message | None] = Signal()
        working_set.changed.connect(self._changed)
        working_set.failed.connect(self._failed)
        plan.failed.connect(lambda text: self.message.emit(Message(Kind.ERROR, text)))

    def open_sources(self, sources: Sequence[str]) -> None:
        """Keep the tables to what manifests or identifiers mean; "Download" takes all of that, or the rows that are selected in it."""
        self._begin()
        self._plan.await_sources(sources)
        self._working_set.open_sources(sources)

    def open_cart(self) -> None:
        """Keep the tables to what is in the cart."""
        self._begin()
        self._working_set.open_cart()

    def open_query_rows(self, ranges: Ranges) -> None:
        """Keep the tables to what rows of the query name, all of them when ``ranges`` is empty."""
        if self._query.state.view is not None:
            self._begin()
            self._working_set.open_rows(self._query.state.view, ranges)

    def leave(self) -> None:
        """Show everything again."""
        self._plan.clear()
        self._working_set.leave()

    def selection_moved(self, is_empty: bool) -> None:
        """A download takes the selected rows; all of an opened list when none is selected."""
        if is_empty:
            self._plan.bring_back()
        elif self._working_set.state.sources:
            self._plan.set_aside()
        else:
            self._plan.clear()

    def open_again(self) -> None:
        """Another engine knows nothing of it."""
        if self._tables.deepest_selected() is None:
            self._plan.bring_back()
        if self._working_set.state.name:
            # It opens its plan when it is looked up again.
            self._filters.keep_to(None)
            self._working_set.open_again()
        else:
            self._plan.open_again()

    def _begin(self) -> None:
        self.message.emit(None)
        self._show_tables()
        self._plan.clear()
        self._tables.clear_selection()

    def _changed(self, state: WorkingSetState) -> None:
        document = state.document
        if document is None:
            self._filters.keep_to(None)
            return
        self._filters.keep_to(self._working_set.number)
        if not state.sources:
            if not document["series"]:
                self.message.emit(Message(Kind.WARNING, _("No series of this IDC release is in {name}.").format(name=state.name)))
        elif document["series"] <= _MAX_PLANNED:
            self._plan.open(state.sources, self._picked.content.parameters(None))
        else:
            self._plan.clear()

    def _failed(self, error: IDCBrowserError) -> None:
        self._plan.clear()
        self.message.emit(Message(Kind.ERROR, str(error)))
