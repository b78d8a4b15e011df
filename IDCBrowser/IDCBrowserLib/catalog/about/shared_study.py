"""A study whose series name several cases: the tables have a row of it for each, and everything that counts studies counts it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.wording import human_count

_SUMMED = ("series", "instanceCount", "size_bytes", "series_size_MB")


def whole(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows of one study as one."""
    return {name: sum(row[name] or 0 for row in rows) if name in _SUMMED else _joined([row[name] for row in rows]) for name in rows[0]}


def sentence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Which cases it is of; "" for one."""
    if len(rows) < 2:
        return ""
    cases = [f"{row['collection_id']}/{row['PatientID']} ({human_count(row['series'], 'series', 'series')})" for row in rows]
    return f"This study is of {len(rows)} cases: {', '.join(cases[:-1])} and {cases[-1]}. It is a row of each, and counts once in totals."


def _joined(values: Sequence[Any]) -> Any:
    known = [value for value in dict.fromkeys(values) if value is not None]
    return known[0] if len(known) == 1 else ", ".join(map(str, known)) or None
