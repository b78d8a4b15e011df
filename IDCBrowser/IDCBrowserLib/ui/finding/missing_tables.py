"""What clinical tables a filter lacks: how much data that is, a button that gets them, and what could not be read of those that are here."""

from __future__ import annotations

from IDCBrowserLib.i18n import noun
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FacetState
from IDCBrowserLib.logic.settings.clinical_tables import ClinicalTables, TablesState
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, label, row, small_button
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.wording import first_of, human_count, human_size

_MOST_NAMED = 10
_MOST_PROBLEMS = 2


class MissingTables:
    """``show(facet)`` says it; ``widget`` is hidden where nothing is missing or wrong."""

    def __init__(self, tables: ClinicalTables) -> None:
        self._tables = tables
        self._facet = FacetState()
        self._text = label("missingTablesText", "", True)
        self._get = small_button("missingTablesGet", _("Get it"), _("Fetch the data in the background. The filter goes on once they have arrived."))
        self._stop = small_button("missingTablesStop", _("Stop"), _("Stop fetching."))
        line = row([self._get, self._stop, None])
        self.widget = holder(column([self._text, line]), "missingTables")
        self.widget.hide()
        self._get.clicked.connect(self._start)
        self._stop.clicked.connect(tables.cancel)
        tables.changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening."""
        self._tables.changed.disconnect(self._draw)

    def show(self, facet: FacetState) -> None:
        """The facet that is looked at."""
        self._facet = facet
        if facet.missing_tables:
            self._tables.ask_size(facet.missing_tables)
        self._draw(self._tables.state)

    def _start(self) -> None:
        self._tables.fetch(self._facet.missing_tables)

    def _draw(self, state: TablesState) -> None:
        missing = self._facet.missing_tables
        self._text.setText(missing_tables_text(self._facet, state, self._tables.size))
        self._text.setToolTip(plain(first_of(missing, _MOST_NAMED)))
        self._get.setVisible(bool(missing))
        self._stop.setVisible(bool(missing))
        self._get.setEnabled(not state.running)
        self._stop.setEnabled(state.running)
        self.widget.setVisible(bool(missing or self._facet.table_problems or self._facet.more))


def missing_tables_text(facet: FacetState, state: TablesState, size: int | None) -> str:
    """What is missing, how getting it goes, and what is wrong."""
    parts = []
    if facet.missing_tables:
        tables = human_count(len(facet.missing_tables), _("clinical table"), _("clinical tables"))
        text = _("Needs {size} of further data ({tables}).") if size is not None else _("Needs further data ({tables}).")
        parts.append(text.format(size=human_size(size or 0), tables=tables))
        # Of other tables, such as those of the case in the details, nothing is said here.
        if set(state.tables) & set(facet.missing_tables):
            parts.append(state.text)
    parts += facet.table_problems[:_MOST_PROBLEMS]
    unread = len(facet.table_problems) - _MOST_PROBLEMS
    if unread > 0:
        parts.append(noun(unread, _("One more table could not be read."), _("{count} more tables could not be read.")).format(count=f"{unread:,}"))
    if facet.more:
        text = noun(facet.more, _("Use the box above to find one more value."), _("Use the box above to find {count} more values."))
        parts.append(text.format(count=f"{facet.more:,}"))
    return " ".join(part for part in parts if part)
