"""How much the user picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.selection.choice import Choice
from IDCBrowserLib.selection.plan import is_noncommercial

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


def summarize(catalog: Catalog, selections: Sequence[Mapping[str, Any]], choice: Choice | None = None) -> dict[str, Any]:
    """``collections``, ``cases``, ``studies``, ``series``, ``bytes``, series per ``licenses`` and ``modalities``, ``noncommercial_series``.

    With a choice: of what is taken, ``added_series`` and ``added_bytes`` of it in addition; ``guessed_images`` and ``guessed_derived`` as
    ``Catalog.taken_summary`` says them.
    """
    summary = catalog.taken_summary(list(selections), (choice or Choice()).taking(catalog))
    licenses: dict[str, int] = summary["licenses"]
    return {**summary, "noncommercial_series": sum(count for name, count in licenses.items() if is_noncommercial(name))}
