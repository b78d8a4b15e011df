"""A report in a few words."""

from __future__ import annotations

from IDCBrowserLib.report.concepts import key_of
from IDCBrowserLib.report.measurement import Measurement
from IDCBrowserLib.report.measurements import Measured
from IDCBrowserLib.report.report import Report
from IDCBrowserLib.wording import human_count

# Anatomical structure as the category of a finding, organ as the finding itself.
_ANATOMY = {("SCT", "91723000"), ("SCT", "123037004"), ("SRT", "T-D0050"), ("SRT", "R-42019")}
_ORGAN = {("SCT", "113343008"), ("SCT", "91723000"), ("SRT", "T-D000A")}


def summary_of(report: Report, measured: Measured) -> str:
    """ "28 measurements of 104 organs": how many different ones, and of how many things; the title of a report without measurements."""
    if not measured.rows:
        return report.title
    parts = []
    numbers = [row for row in measured.rows if row.value_code is None and row.value_text is None]
    ratings = [row for row in measured.rows if not (row.value_code is None and row.value_text is None)]
    for rows, one, many in ((numbers, "measurement", "measurements"), (ratings, "rating", "ratings")):
        if rows:
            kinds = len({(key_of(row.quantity), key_of(row.derivation), key_of(row.method)) for row in rows})
            parts.append(human_count(kinds, one, many))
    return f"{' and '.join(parts)} of {_things(measured)}"


def _things(measured: Measured) -> str:
    things = {(row.group, row.tracking_uid or row.tracking_id or str(row.segment_number)) for row in measured.rows}
    tracked = {row.tracking_uid or (row.group, row.tracking_id) for row in measured.rows}
    count = len(tracked) if all(row.tracking_uid for row in measured.rows) and len(tracked) > 1 else len(things)
    return human_count(count, *_word(measured.rows))


def _word(rows: tuple[Measurement, ...]) -> tuple[str, str]:
    first = rows[0]
    if key_of(first.finding_category) in _ANATOMY or key_of(first.finding) in _ORGAN:
        return "organ", "organs"
    if all(row.segment_number is not None for row in rows):
        return "segment", "segments"
    if all(row.region is not None for row in rows):
        return "region", "regions"
    return ("finding", "findings") if first.finding else ("group", "groups")
