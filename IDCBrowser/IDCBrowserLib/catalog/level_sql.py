"""The rows of each level as SQL over ``series``, and their order."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.catalog.columns import DEFAULT_ORDER, GROUP_COLUMNS, LEVEL_COLUMNS, NATURAL_COLUMNS
from IDCBrowserLib.errors import InputError

# One value per row of a level. min() rather than any_value(): the same answer at each run.
_AGGREGATES = {
    "cases": "count(DISTINCT PatientID)",
    "studies": "count(DISTINCT StudyInstanceUID)",
    "series": "count(*)",
    "instanceCount": "sum(instanceCount)::BIGINT",
    "series_size_MB": "sum(series_size_MB)",
    "size_bytes": "round(sum(series_size_MB) * 1e6)::BIGINT",
    "StudyDate": "min(StudyDate)",
    "StudyDescription": "min(StudyDescription)",
    "PatientSex": "min(PatientSex)",
    "PatientAge": "min(PatientAge)",
    "BodyPartExamined": "min(BodyPartExamined)",
}
# All distinct values of a row, joined; first column: the name in the level, second: the column of a series.
_JOINED = {"modalities": "Modality", "license_short_name": "license_short_name"}
_LEVELS_WITH_OTHER_TABLE = ("collections",)


def level_query(level: str, conditions: Sequence[str]) -> str:
    """A SELECT that gives the columns of ``level`` for the series that meet all ``conditions``.

    Besides them ``row_no`` of a series, or ``first_row`` and ``last_row``: where the series of the row lie.
    """
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    if level == "series":
        return f"SELECT row_no, {', '.join(LEVEL_COLUMNS['series'])} FROM series {where}"
    group = GROUP_COLUMNS[level]
    keys = ", ".join(group)
    wanted = LEVEL_COLUMNS[level]
    sums = ", ".join(f"{_AGGREGATES[name]} AS {name}" for name in wanted if name in _AGGREGATES)
    parts = [f"totals AS (SELECT {keys}, {sums}, min(row_no) AS first_row, max(row_no) AS last_row FROM series {where} GROUP BY {keys})"]
    tables = ["totals"]
    for name, column in _JOINED.items():
        # Distinct first, then joined: several times faster than string_agg(DISTINCT ...).
        distinct = f"SELECT DISTINCT {keys}, {column} FROM series {where}"
        parts.append(f"all_{name} AS (SELECT {keys}, string_agg({column}, ', ' ORDER BY {column}) AS {name} FROM ({distinct}) GROUP BY {keys})")
        tables.append(f"LEFT JOIN all_{name} USING ({keys})")
    if level in _LEVELS_WITH_OTHER_TABLE:
        tables.append("LEFT JOIN collections USING (collection_id)")
    return f"WITH {', '.join(parts)} SELECT {', '.join(wanted)}, first_row, last_row FROM {' '.join(tables)}"


def order_clause(level: str, order_by: Sequence[Sequence[str]] | None) -> str:
    """ORDER BY with empty values last in both directions, numbers in ids as people count them, and no ties left to chance.

    Raises ``InputError`` for a column the level does not have or a direction other than asc and desc.
    """
    terms: list[tuple[str, str]] = []
    for column, direction in _pairs(order_by):
        if column not in LEVEL_COLUMNS[level]:
            raise InputError(f"There is no column {column!r} to sort {level} by; use one of: {', '.join(LEVEL_COLUMNS[level])}.")
        if direction.lower() not in ("asc", "desc"):
            raise InputError(f"The direction {direction!r} is neither asc nor desc.")
        terms.append((column, direction.upper()))
    sorted_already = {column for column, _ in terms}
    terms += [(column, direction.upper()) for column, direction in DEFAULT_ORDER[level] if column not in sorted_already]
    return "ORDER BY " + ", ".join(part for column, direction in terms for part in _order_terms(column, direction))


def _pairs(order_by: Sequence[Sequence[str]] | None) -> list[tuple[str, str]]:
    try:
        return [(str(column), str(direction)) for column, direction in order_by or []]
    except (TypeError, ValueError) as error:
        raise InputError("The order is a list of pairs: column, and asc or desc.") from error


def _order_terms(column: str, direction: str) -> list[str]:
    if column == "SeriesNumber":
        # DICOM IS: a number, though some are something else.
        return [f"TRY_CAST(SeriesNumber AS BIGINT) {direction} NULLS LAST", f"SeriesNumber {direction} NULLS LAST"]
    if column in NATURAL_COLUMNS:
        # Each number padded to twenty digits sorts by value; then plainly, so that "01" and "1" keep an order.
        padded = f"regexp_replace(regexp_replace(lower({column}), '([0-9]+)', '0000000000000000000\\1', 'g'), '0*([0-9]{{20,}})', '\\1', 'g')"
        return [f"{padded} {direction} NULLS LAST", f"{column} {direction} NULLS LAST"]
    return [f"{column} {direction} NULLS LAST"]
