"""The result of a user's SQL query: sorted, and turned into identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.api.expert import Cut
from IDCBrowserLib.catalog.columns import case_id
from IDCBrowserLib.errors import InputError

# What a row of a result can stand for: the level, and the columns that name it. The first that fits counts.
SUBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("series", ("SeriesInstanceUID",)),
    ("series", ("crdc_series_uuid",)),
    ("studies", ("StudyInstanceUID",)),
    ("cases", ("collection_id", "PatientID")),
    ("collections", ("collection_id",)),
)


@dataclass
class QueryResult:
    """``rows`` in the order of the query until ``sort``."""

    columns: tuple[tuple[str, str], ...]
    rows: list[list[Any]]
    cut: Cut

    @property
    def subject(self) -> tuple[str, tuple[int, ...]] | None:
        """Level and the numbers of the columns that name what the rows stand for; None when they name nothing."""
        names = [name.lower() for name, _ in self.columns]
        for level, wanted in SUBJECTS:
            if all(name.lower() in names for name in wanted):
                return level, tuple(names.index(name.lower()) for name in wanted)
        return None

    def sort(self, column: int, descending: bool) -> None:
        """By the values of a column, numbers by size; empty ones come last in both directions. Raises ``InputError`` for no column."""
        if not 0 <= column < len(self.columns):
            raise InputError("The result has no such column.")
        stated = [row for row in self.rows if row[column] is not None]
        empty = [row for row in self.rows if row[column] is None]
        stated.sort(key=lambda row: _order(row[column]), reverse=descending)
        self.rows = stated + empty

    def ids(self, ranges: Sequence[Sequence[int]] | None = None) -> tuple[str, list[str]]:
        """Level and ids of the rows of ``ranges`` (both ends included; None: of all), each once.

        Raises ``InputError`` when the columns name nothing.
        """
        if self.subject is None:
            names = ", ".join(" and ".join(columns) for _, columns in SUBJECTS)
            raise InputError(f"The rows of this result do not identify anything in the catalog. Select one of these columns: {names}.")
        level, columns = self.subject
        rows = self.rows if ranges is None else [row for first, last in ranges for row in self.rows[int(first) : int(last) + 1]]
        keys = [[row[column] for column in columns] for row in rows]
        texts = [case_id(*map(str, key)) if len(key) == 2 else str(key[0]) for key in keys if all(value is not None for value in key)]
        return level, list(dict.fromkeys(texts))


def _order(value: Any) -> tuple[int, Any]:
    """Numbers before texts before everything else, so that mixed values have an order."""
    if isinstance(value, (bool, int, float)):
        return 0, value
    return 1, value.lower() if isinstance(value, str) else str(value)
