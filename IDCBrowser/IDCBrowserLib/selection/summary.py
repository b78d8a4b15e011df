"""Counts for selections: series, cases, bytes, licenses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.selection import Summary
from IDCBrowserLib.selection.plan import is_noncommercial
from IDCBrowserLib.selection.plan_content import PlanContent

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


def summarize(catalog: Catalog, selections: Sequence[Mapping[str, Any]], content: PlanContent | None = None) -> Summary:
    """Counts of selections, or with ``content`` of that content of them."""
    summary = catalog.scoped_summary(list(selections), (content or PlanContent()).scope(catalog))
    return {**summary, "noncommercial_series": sum(count for name, count in summary["licenses"].items() if is_noncommercial(name))}
