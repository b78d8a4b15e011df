"""Answers the methods on addresses of the IDC portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.api import sharing as api
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

    filters = params["filters"]
    url, left_out = format_url(filters)
    if len(left_out) == len(filters):
        raise InputError("The IDC portal does not support any filter of this search. Copy it as text instead.")
    if len(url) > MAX_URL:
        raise InputError(
            f"The address would have {len(url):,} characters, more than the {MAX_URL:,} that the portal accepts. Copy the search as text instead."
        )
    return {"url": url, "left_out": list(left_out)}


@answers(api.OPEN_LINK)
def open_link(state: EngineState, params: api.OpenLinkParameters, task: Task) -> api.Opened:
    """Raises ``InputError`` with the reason when it cannot be applied."""
    from IDCBrowserLib.catalog.columns import COLLECTION_FILTERS
    from IDCBrowserLib.selection.portal_url import UnknownFilterError, is_portal_url, parse, spell_out

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
        needed = any(column in COLLECTION_FILTERS for column in asked.filters)
        counts = catalog.facets() if needed else {}
        filters = spell_out(asked.filters, lambda column: [value for value, _count in counts.get(column, ())])
        if filters:
            # A column or value of a wrong kind is said now, not by each table.
            catalog.totals(filters)
    return {"filters": filters, "ids": list(asked.ids), "collections": collections}


def _collections(catalog: Catalog, name: str) -> list[str]:
    if not name:
        return []
    # The portal's pages have hyphens or underscores in their addresses.
    found = [row_id for text in (name, name.replace("-", "_")) for level, row_id in catalog.identify(text) if level == "collections"]
    if not found:
        raise InputError(f"The catalog has no collection {name!r}, which the address names.")
    return found[:1]
