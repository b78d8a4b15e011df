"""Answers the methods on addresses of the IDC portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.api import sharing as api
from IDCBrowserLib.api.values import Filters
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


@answers(api.LINK)
def link(state: EngineState, params: api.LinkParameters, task: Task) -> api.Link:
    """Raises ``InputError`` when nothing is left, or when the address is longer than the portal and other programs take."""
    from IDCBrowserLib.selection.portal_url import MAX_URL, format_url
    from IDCBrowserLib.selection.portal_values import CatalogValues, without_programs

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        filters = without_programs(catalog, params["filters"])
        made = format_url(filters, CatalogValues(catalog))
    if len(made.left_out) == len(filters):
        raise InputError("The IDC portal does not support any filter of this search. Copy it as text instead.")
    if (length := len(made.url)) > MAX_URL:
        raise InputError(
            f"The address would have {length:,} characters, more than the {MAX_URL:,} that the portal accepts. Copy the search as text instead."
        )
    return {"url": made.url, "left_out": list(made.left_out), "notes": list(made.notes)}


@answers(api.OPEN_LINK)
def open_link(state: EngineState, params: api.OpenLinkParameters, task: Task) -> api.Opened:
    """Raises ``InputError`` with the reason when it cannot be applied."""
    from IDCBrowserLib.selection.portal_url import UnknownFilterError, is_portal_url, parse
    from IDCBrowserLib.selection.portal_values import CatalogValues, spell_out

    url = params["url"]
    if not is_portal_url(url):
        raise InputError("This is not an address of the IDC portal.")
    try:
        asked = parse(url)
    except UnknownFilterError as error:
        raise InputError(f"The address cannot be applied: {error}.") from error
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        collections = _collections(catalog, asked.collection)
        filters = spell_out(asked.filters, CatalogValues(catalog))
        if filters and not _lacks_index(catalog, filters):
            # A column or value of a wrong kind is said now, not by each table.
            catalog.totals(filters)
    return {"filters": filters, "ids": list(asked.ids), "collections": collections}


def _lacks_index(catalog: Catalog, filters: Filters) -> bool:
    """Whether an index file has to be fetched first, which the window offers where the filter is."""
    from IDCBrowserLib.catalog.acquisition import ACQUISITION, indices_of
    from IDCBrowserLib.catalog.filters import needed_indices

    acquired = (indices_of(column) for column in filters if column in ACQUISITION)
    return bool(catalog.missing_indices(needed_indices(filters))) or any(len(catalog.missing_indices(names)) == len(names) for names in acquired)


def _collections(catalog: Catalog, name: str) -> list[str]:
    if not name:
        return []
    # The portal's pages have hyphens or underscores in their addresses.
    found = [row_id for text in (name, name.replace("-", "_")) for level, row_id in catalog.identify(text) if level == "collections"]
    if not found:
        raise InputError(f"The catalog has no collection {name!r}, which the address names.")
    return found[:1]
