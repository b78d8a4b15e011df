"""A report in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from IDCBrowserLib.report.concepts import key_of
from IDCBrowserLib.report.measurement import Measurement
from IDCBrowserLib.report.measurements import Measured
from IDCBrowserLib.report.report import Report
from IDCBrowserLib.wording import human_count

# Anatomical structure as the category of a finding, organ as the finding itself.
_ANATOMY = {("SCT", "91723000"), ("SCT", "123037004"), ("SRT", "T-D0050"), ("SRT", "R-42019")}
_ORGAN = {("SCT", "113343008"), ("SCT", "91723000"), ("SRT", "T-D000A")}


class Counts(NamedTuple):
    """Of a report: different ``measurements`` and ``ratings``, and how many ``things`` of which kind (``words``: one, many) they are of."""

    measurements: int
    ratings: int
    things: int
    words: tuple[str, str]


def counts_of(measured: Measured) -> Counts | None:
    """None of a report without measurements."""
    if not measured.rows:
        return None
    numbers = [row for row in measured.rows if row.value_code is None and row.value_text is None]
    ratings = [row for row in measured.rows if not (row.value_code is None and row.value_text is None)]
    return Counts(_kinds(numbers), _kinds(ratings), _things(measured), _word(measured.rows))


def summary_of(report: Report, measured: Measured) -> str:
    """ "28 measurements of 104 organs": how many different ones, and of how many things; the title of a report without measurements."""
    counts = counts_of(measured)
    if counts is None:
        return report.title
    counted = ((counts.measurements, "measurement", "measurements"), (counts.ratings, "rating", "ratings"))
    parts = [human_count(*one) for one in counted if one[0]]
    return f"{' and '.join(parts)} of {human_count(counts.things, *counts.words)}"


def _kinds(rows: Sequence[Measurement]) -> int:
    return len({(key_of(row.quantity), key_of(row.derivation), key_of(row.method)) for row in rows})


def _things(measured: Measured) -> int:
    things = {(row.group, row.tracking_uid or row.tracking_id or str(row.segment_number)) for row in measured.rows}
    tracked = {row.tracking_uid or (row.group, row.tracking_id) for row in measured.rows}
    return len(tracked) if all(row.tracking_uid for row in measured.rows) and len(tracked) > 1 else len(things)


def _word(rows: tuple[Measurement, ...]) -> tuple[str, str]:
    first = rows[0]
    if key_of(first.finding_category) in _ANATOMY or key_of(first.finding) in _ORGAN:
        return "organ", "organs"
    if all(row.segment_number is not None for row in rows):
        return "segment", "segments"
    if all(row.region is not None for row in rows):
        return "region", "regions"
    return ("finding", "findings") if first.finding else ("group", "groups")
