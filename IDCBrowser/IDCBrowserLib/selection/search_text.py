"""A search that was copied as text in the window: its filters, as a source of a plan."""

from __future__ import annotations

import json
from typing import Any

from IDCBrowserLib.errors import InputError

# Begins such a text.
SEARCH_PREFIX = "idc-browser-search "
_NOT_ONE = "This is not a search of IDC Browser, or only a part of one. Copy it once more: page Searches, Copy as text."


def is_search_text(text: str) -> bool:
    """Whether a text is a search that was copied as text."""
    return text.lstrip().startswith(SEARCH_PREFIX)


def filters_of_search(text: str) -> tuple[dict[str, Any], str]:
    """Its filters and collections as filters of the catalog, and what stood in its search box, which selects nothing. Raises ``InputError``."""
    try:
        document = json.loads(text.strip()[len(SEARCH_PREFIX) :])
    except (ValueError, RecursionError) as error:
        raise InputError(_NOT_ONE) from error
    if not isinstance(document, dict):
        raise InputError(_NOT_ONE)
    filters, collections, words = document.get("filters") or {}, document.get("collections") or [], document.get("text") or ""
    is_list = isinstance(collections, list) and all(isinstance(one, str) for one in collections)
    if not isinstance(filters, dict) or not is_list or not isinstance(words, str):
        raise InputError(_NOT_ONE)
    if collections and "collection_id" in filters:
        # Both hold; as filters they can only be one.
        wanted = filters["collection_id"]
        if not isinstance(wanted, list):
            raise InputError("A search with selected collections and a filter of collections other than a list of them cannot be planned.")
        collections = [one for one in collections if one in wanted]
        if not collections:
            raise InputError("The search selects collections that its filter excludes, so it finds nothing.")
    narrowed = {**filters, "collection_id": collections} if collections else dict(filters)
    if not narrowed:
        raise InputError("The search has no filters and no collections, so it would select all of IDC.")
    return narrowed, " ".join(words.split())
