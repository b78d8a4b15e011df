"""The line above the tables: a chip for each filter, which takes it away, and what the filters leave. Always there, so that nothing moves."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FilterState
from IDCBrowserLib.logic.finding.facets import chosen_text
from IDCBrowserLib.logic.finding.filter_chips import Chip, chips, totals_text
from IDCBrowserLib.logic.finding.filters import Filters
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import bold, button, holder, row
from IDCBrowserLib.ui.widgets.delayed_notice import DelayedNotice
from IDCBrowserLib.ui.widgets.eliding_label import LineLabel
from IDCBrowserLib.ui.widgets.plain_tip import plain

# More than these are told as one number.
_MAX_CHIPS = 12


class FilterChips:
    """``widget`` is one line: the working set, chips, "= 412 cases", and "Reset filters" at its end.

    ``place`` begins the names of its widgets, where it is there twice.
    """

    def __init__(self, filters: Filters, working_set: QtWidgets.QWidget, place: str = "") -> None:
        self._filters = filters
        self._place = place
        self._shown: list[Chip] = []
        self._buttons = [self._make_chip(number) for number in range(_MAX_CHIPS)]
        self._chosen = LineLabel(f"{place}filtersChosen")
        self._totals = bold(LineLabel(f"{place}filtersTotals"))
        self._reset = button(f"{place}resetFiltersButton", _("Reset filters"), _("Remove all filters."))
        layout = row([self._reset, working_set, *self._buttons, self._chosen, self._totals, None])
        self.widget = holder(layout, f"{place}filterChips")
        self.widget.setMinimumWidth(1)
        self.widget.setFixedHeight(int(self._reset.property("sizeHint").height()))
        self._counting = DelayedNotice(self._say_counting)
        self._reset.clicked.connect(filters.reset)

    def disconnect(self) -> None:
        """Call it before the widget goes."""
        self._counting.close()

    def draw(self, state: FilterState) -> None:
        """Other filters, or other numbers."""
        self._shown = chips(state.chosen)
        fitting = self._shown[: _MAX_CHIPS if len(self._shown) <= _MAX_CHIPS else _MAX_CHIPS - 1]
        for number, made in enumerate(self._buttons):
            if number < len(fitting):
                made.setText(f"{fitting[number].text}  ×")
                made.setToolTip(plain(fitting[number].tip))
                made.setAccessibleName(_("Remove the filter {name}").format(name=fitting[number].text))
            made.setVisible(number < len(fitting))
        self._draw_rest(state, len(self._shown) - len(fitting))
        if state.totals:
            self._counting.end()
            self._totals.say(totals_text(state.totals))
        elif state.problem:
            self._counting.end()
            self._totals.say(_("Not counted"))
        elif state.chosen or state.within:
            self._counting.wait()
        else:
            self._totals.say("")
        self._reset.setEnabled(bool(state.chosen))

    def _draw_rest(self, state: FilterState, more: int) -> None:
        """All of it in words, where the chips do not say it."""
        text = chosen_text(state.chosen)
        self._chosen.setText(_("Only {filters}").format(filters=text) if text else _("No filters: everything is shown."))
        self._chosen.setVisible((not text and not state.within) or more > 0)
        # What is never long is never cut; the totals beside it yield.
        self._chosen.setMinimumWidth(1 if text else self._chosen.fontMetrics().horizontalAdvance(str(self._chosen.property("text"))) + 1)
        self._chosen.setEnabled(bool(text))

    def _make_chip(self, number: int) -> QtWidgets.QToolButton:
        made = QtWidgets.QToolButton()
        made.setObjectName(f"{self._place}filterChip{number}")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip(_("Remove this filter."))
        made.setAccessibleName(_("Filter"))
        made.clicked.connect(self._remover(number))
        return made

    def _remover(self, number: int) -> Callable[[], None]:
        def remove() -> None:
            if number < len(self._shown):
                self._filters.set_choice(self._shown[number].column, self._shown[number].without)

        return remove

    def _say_counting(self) -> None:
        self._totals.say(_("Counting..."))
