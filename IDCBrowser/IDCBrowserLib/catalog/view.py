"""One open view: sorted rows, kept in a DuckDB table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from IDCBrowserLib.catalog.conditions import Filters


@dataclass(frozen=True)
class View:
    """``columns`` are those of its level; ``has_rows`` tells whether they are stored or looked up by ``row_no``.

    Its rows stand for the series below them that meet ``filters``: what a row counts is what selecting it means.
    """

    number: int
    level: str
    total: int
    columns: tuple[str, ...]
    # Views of series keep row numbers only: a million rows of thirty columns would cost more memory than they are worth.
    has_rows: bool
    filters: Filters = field(default_factory=dict)
    # Those of ``columns`` that the side indices have.
    further: tuple[str, ...] = ()
    # Rows that were asked about; see ``selections``.
    picked: dict[int, tuple[Any, ...]] = field(default_factory=dict, compare=False)

    @property
    def table(self) -> str:
        """Its table in DuckDB; ``rowid`` is the position in the order."""
        return f"view_{self.number}"
