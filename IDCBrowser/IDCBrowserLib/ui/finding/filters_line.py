"""What is chosen in the filters, and what they leave, in a line above the tables."""

from __future__ import annotations

from IDCBrowserLib.api.catalog import Totals
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FilterState
from IDCBrowserLib.logic.finding.facets import chosen_text
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, row
from IDCBrowserLib.ui.widgets.delayed_notice import DelayedNotice
from IDCBrowserLib.wording import human_count, human_size


class FiltersLine:
    """Two texts and "Reset filters".

    The line is there while the filters are open, so that the first click moves nothing under the mouse, and while anything is chosen.
    """

    def __init__(self, filters: Filters) -> None:
        self._chosen = label("filtersChosen", "", True)
        self._totals = label("filtersTotals", "", True)
        self._reset = button("resetFiltersButton", _("Reset filters"), _("Remove all filters."))
        layout = row([holder(column([self._chosen, self._totals])), self._reset])
        layout.setStretch(0, 1)
        self.widget = holder(layout)
        self.widget.hide()
        self._counting = DelayedNotice(self._say_counting)
        self._reset.clicked.connect(filters.reset)

    def disconnect(self) -> None:
        """Call it before the widget goes."""
        self._counting.close()

    def draw(self, state: FilterState, is_open: bool) -> None:
        """Other filters, or other numbers; ``is_open``: the area with the filters."""
        text = chosen_text(state.chosen)
        self._chosen.setText(_("Only {filters}").format(filters=text) if text else _("No filters: everything is shown."))
        if state.totals:
            self._counting.end()
            self._totals.setText(totals_text(state.totals))
        else:
            self._counting.wait()
        self._reset.setEnabled(bool(text))
        self.widget.setVisible(bool(text) or is_open)

    def _say_counting(self) -> None:
        self._totals.setText(_("Counting..."))


def totals_text(totals: Totals) -> str:
    """What the filters leave."""
    return _("{series} of {studies} of {cases}, {size}").format(
        series=human_count(totals["series"], _("series"), _("series")),
        studies=human_count(totals["studies"], _("study"), _("studies")),
        cases=human_count(totals["cases"], _("case"), _("cases")),
        size=human_size(totals["bytes"]),
    )
