"""How much the user picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.selection.plan import is_noncommercial

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


def summarize(catalog: Catalog, selections: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """``collections``, ``cases``, ``studies``, ``series``, ``bytes``, series per ``licenses`` and ``modalities``, ``noncommercial_series``."""
    summary = catalog.summary(list(selections))
    licenses: dict[str, int] = summary["licenses"]
    return {**summary, "noncommercial_series": sum(count for name, count in licenses.items() if is_noncommercial(name))}
