"""How much the user picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.selection import Summary
from IDCBrowserLib.selection.choice import Choice
from IDCBrowserLib.selection.plan import is_noncommercial

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


def summarize(catalog: Catalog, selections: Sequence[Mapping[str, Any]], choice: Choice | None = None) -> Summary:
    """Of selections, or with a choice of what is taken of them."""
    summary = catalog.taken_summary(list(selections), (choice or Choice()).taking(catalog))
    return {**summary, "noncommercial_series": sum(count for name, count in summary["licenses"].items() if is_noncommercial(name))}
