"""What the user picked and typed, as SQL conditions on the series. Values are always bound, never written into the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from IDCBrowserLib.catalog.columns import (
    TEXT_COLUMNS,
    check_level,
    split_case_id,
)
from IDCBrowserLib.errors import InputError

Selection = Mapping[str, Any]
# What a filter may be: see ``filters``.
Filters = Mapping[str, Any]

_MAX_WORDS = 20


# ASCII "unit separator": no identifier has it.
SEPARATOR = "\x1f"


class Bindings:
    """Named parameters of one statement."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def add(self, value: Any) -> str:
        """The placeholder of ``value``."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def add_texts(self, texts: Iterable[str]) -> str:
        """A subquery of one column with ``texts``. They travel as one value: binding 100,000 separately takes seconds."""
        kept = [text for text in texts if SEPARATOR not in text]
        return f"SELECT unnest(string_split({self.add(SEPARATOR.join(kept))}, chr({ord(SEPARATOR)})))" if kept else "SELECT NULL WHERE false"


def text_condition(level: str, text: str, bindings: Bindings) -> str:
    """Every word of ``text`` occurs somewhere in the row, in any letter case; wildcards, quotes and the like are literal."""
    columns = ", ".join(TEXT_COLUMNS[check_level(level)])
    words = text.lower().split()[:_MAX_WORDS]
    return " AND ".join(f"contains(lower(concat_ws(' ', {columns})), {bindings.add(word)})" for word in words)


def ids_condition(level: str, ids: Sequence[str], bindings: Bindings) -> str:
    """The series below the rows that ``ids`` name."""
    if level == "cases":
        pairs = [split_case_id(text) for text in ids]
        if len(pairs) == 1:
            return f"(collection_id = {bindings.add(pairs[0][0])} AND PatientID = {bindings.add(pairs[0][1])})"
        collections = bindings.add_texts(sorted({pair[0] for pair in pairs}))
        keys = bindings.add_texts(ids)
        # The plain columns come first: they are cheap to test and leave few rows for the exact pairs.
        patients = bindings.add_texts(pair[1] for pair in pairs)
        return f"(collection_id IN ({collections}) AND PatientID IN ({patients}) AND collection_id || '/' || PatientID IN ({keys}))"
    columns = {"collections": "collection_id", "analysis_results": "analysis_result_id", "studies": "StudyInstanceUID", "series": "SeriesInstanceUID"}
    column = columns[check_level(level)]
    if len(ids) == 1:
        # Twice as fast as a list of one: DuckDB compares while it decodes the parquet file.
        return f"{column} = {bindings.add(str(ids[0]))}"
    return f"{column} IN ({bindings.add_texts(str(value) for value in ids)})"


def selection_ids(selection: Selection) -> tuple[str, list[str]]:
    """Level and ids of a selection by ids; raises ``InputError`` for anything else."""
    ids = selection.get("ids")
    level = selection.get("level")
    if not isinstance(level, str) or not isinstance(ids, (list, tuple)):
        raise InputError("A selection has a view and ranges, or a level and ids.")
    return check_level(level), [str(value) for value in ids]


def row_pairs(ranges: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Ranges of rows as they came from elsewhere, checked; see ``ranges_condition``."""
    try:
        return [(int(first), int(last)) for first, last in ranges]
    except (TypeError, ValueError) as error:
        raise InputError("The ranges of a selection are pairs of row numbers.") from error


def ranges_condition(ranges: Sequence[Sequence[int]], bindings: Bindings) -> str:
    """Rows of a view, both ends included; raises ``InputError`` for ranges that are no pairs of numbers."""
    pairs = row_pairs(ranges)
    if len(pairs) == 1:
        return f"rowid BETWEEN {bindings.add(pairs[0][0])} AND {bindings.add(pairs[0][1])}"
    rows = bindings.add([row for first, last in pairs for row in range(first, last + 1)])
    return f"rowid IN (SELECT unnest({rows}))"
