"""Suggestions for filters that match no series: values with other letter case, or similar spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.catalog.search.fuzzy import closest

Known = Mapping[str, Sequence[tuple[Any, int]]]


def meant_filters(
    filters: Mapping[str, Sequence[str]], known: Known, codes: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[dict[str, list[str]], list[str]]:
    """The filters with values as the catalog spells them, and a sentence for each that was spelled otherwise or nearly so.

    ``known`` are the values of each facet column, as ``Catalog.facets`` gives them; other columns stay as they are. ``codes`` of a column stand
    for values.
    """
    meant: dict[str, list[str]] = {}
    notes: list[str] = []
    for column, values in filters.items():
        spelled = {str(value): value for value, _count in known.get(column, ()) if value is not None}
        by_lower = {text.lower(): text for text in spelled}
        meant[column] = list(values)
        if not spelled:
            continue
        for position, value in enumerate(values):
            if not value or value in spelled:
                continue
            same = (codes or {}).get(column, {}).get(value) or by_lower.get(value.lower())
            near = closest(value, list(spelled))
            if same is not None:
                meant[column][position] = same
                notes.append(f"{column}={value} was taken as {column}={same}.")
            elif near:
                notes.append(f"No series has {column}={value}. Did you mean {' or '.join(near)}?")
    return meant, notes
