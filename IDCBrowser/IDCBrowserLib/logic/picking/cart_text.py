"""Texts of the Cart page."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api.values import Filter, Filters, Value, Wanted
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.finding.facets import facet_title, value_text
from IDCBrowserLib.logic.picking.cart import CartState
from IDCBrowserLib.logic.picking.selection_actions import preset_text
from IDCBrowserLib.logic.picking.selection_text import SelectionLines, summary_lines

_MAX_VALUES = 4


def totals_lines(state: CartState) -> SelectionLines:
    """What would be downloaded."""
    if not state.count:
        return SelectionLines(
            _("The cart is empty"), _('Select rows in the tables and press "Add to cart". They stay in the cart until you remove them.')
        )
    if state.totals is None:
        return SelectionLines(state.error or _("Counting..."))
    return summary_lines(state.totals, preset_text(state.content.preset) if state.content.preset else "")


def filters_text(filters: Filters) -> str:
    """The filters under which something was put in, in one line."""
    return "; ".join(f"{facet_title(column)}: {_wanted_text(column, wanted)}" for column, wanted in filters.items())


def _wanted_text(column: str, given: Filter) -> str:
    wanted: Wanted = {"any": given} if isinstance(given, Sequence) else given
    parts = []
    if wanted.get("any"):
        parts.append(_(" or ").join(_named(column, wanted["any"])))
    if wanted.get("all"):
        parts.append(_(" and ").join(_named(column, wanted["all"])))
    if wanted.get("none"):
        parts.append(_("not {values}").format(values=_(" or ").join(_named(column, wanted["none"]))))
    low, high = wanted.get("min"), wanted.get("max")
    if low is not None or high is not None:
        parts.append(_("from {low} to {high}").format(low="..." if low is None else low, high="..." if high is None else high))
    return ", ".join(parts)


def _named(column: str, values: Sequence[Value]) -> list[str]:
    shown = [value_text(value, column) for value in values[:_MAX_VALUES]]
    return shown if len(values) <= _MAX_VALUES else [*shown, _("{count} more").format(count=len(values) - _MAX_VALUES)]
