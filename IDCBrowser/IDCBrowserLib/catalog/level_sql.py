"""The rows of each level as SQL over ``series``, and their order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from IDCBrowserLib.catalog.columns import DEFAULT_ORDER, GROUP_COLUMNS, LEVEL_COLUMNS, NATURAL_COLUMNS
from IDCBrowserLib.errors import InputError

# Whole numbers: a sum of fractions depends on the order in which two threads happen to add them.
TOTAL_BYTES = "sum(round(series_size_MB * 1e6)::BIGINT)::BIGINT"
# One value per row of a level. min() rather than any_value(): the same answer at each run.
_AGGREGATES = {
    "cases": "count(DISTINCT PatientID)",
    "studies": "count(DISTINCT StudyInstanceUID)",
    "series": "count(*)",
    "instanceCount": "sum(instanceCount)::BIGINT",
    "size_bytes": TOTAL_BYTES,
    "StudyDate": "min(StudyDate)",
    "StudyDescription": "min(StudyDescription)",
    "PatientSex": "min(PatientSex)",
    "PatientAge": "min(PatientAge)",
    "BodyPartExamined": "min(BodyPartExamined)",
}
# All distinct values of a row, joined; the name in the level, and the column of a series. Sorting a list is faster than string_agg(DISTINCT ...).
_AGGREGATES |= {
    name: f"nullif(array_to_string(list_sort(list(DISTINCT {column})), ', '), '')"
    for name, column in (("modalities", "Modality"), ("license_short_name", "license_short_name"), ("collections", "collection_id"))
}
_NUMBER = re.compile("[0-9]+")
_SHOWN = {
    "series_size_MB": "size_bytes / 1e6 AS series_size_MB",
    # One that nobody describes is still one.
    "analysis_result_title": "coalesce(analysis_result_title, analysis_result_id) AS analysis_result_title",
}
# What is told of a row elsewhere than in its series.
_DESCRIBED = {
    "collections": "LEFT JOIN collections USING (collection_id)",
    "analysis_results": (
        "LEFT JOIN (SELECT analysis_result_id AS id, analysis_result_title, source_DOI, subjects, updated FROM analysis_results) "
        "ON id = analysis_result_id"
    ),
}


def level_query(level: str, conditions: Sequence[str]) -> str:
    """A SELECT that gives the columns of ``level`` for the series that meet all ``conditions``.

    Besides them ``row_no`` of a series, or ``first_row`` and ``last_row``: where the series of the row lie.
    """
    if level == "analysis_results":
        conditions = [*conditions, "analysis_result_id IS NOT NULL"]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    if level == "series":
        return f"SELECT row_no, {', '.join(LEVEL_COLUMNS['series'])} FROM series {where}"
    keys = ", ".join(GROUP_COLUMNS[level])
    sums = ", ".join(f"{_AGGREGATES[name]} AS {name}" for name in summed_columns(level))
    return shown_query(level, f"SELECT {keys}, {sums}, min(row_no) AS first_row, max(row_no) AS last_row FROM series {where} GROUP BY {keys}")


def summed_columns(level: str) -> list[str]:
    """The columns of a level that are computed of the series of a row."""
    return [name for name in LEVEL_COLUMNS[level] if name in _AGGREGATES]


def shown_query(level: str, totals: str) -> str:
    """The columns of ``level``, ``first_row`` and ``last_row`` from a SELECT of its ``GROUP_COLUMNS``, ``summed_columns`` and these two."""
    shown = [_SHOWN.get(name, name) for name in LEVEL_COLUMNS[level]]
    return f"SELECT {', '.join(shown)}, first_row, last_row FROM ({totals}) {_DESCRIBED.get(level, '')}"


def order_clause(level: str, order_by: Sequence[Sequence[str]] | None, further: Sequence[str] = ()) -> str:
    """ORDER BY with empty values last in both directions, numbers in ids as people count them, and no ties left to chance.

    Raises ``InputError`` for a column the level does not have or a direction other than asc and desc.
    """
    terms: list[tuple[str, str]] = []
    for column, direction in _pairs(order_by):
        if column not in (*LEVEL_COLUMNS[level], *further):
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


def as_counted(text: str) -> str:
    """What a text in small letters is sorted by where numbers in it are to be sorted by value: each has twenty digits."""
    return _NUMBER.sub(lambda found: found[0].lstrip("0").rjust(20, "0"), text)


def _order_terms(column: str, direction: str) -> list[str]:
    if column == "SeriesNumber":
        # DICOM IS: a number, though some are something else.
        return [f"TRY_CAST(SeriesNumber AS BIGINT) {direction} NULLS LAST", f"SeriesNumber {direction} NULLS LAST"]
    if column in NATURAL_COLUMNS:
        # As ``as_counted``; then plainly, so that "01" and "1" keep an order. The cast spares
        # ids of digits alone (all of NLST's) the two regular expressions.
        padded = (
            f"CASE WHEN TRY_CAST({column} AS UBIGINT) IS NOT NULL THEN lpad({column}, 20, '0') ELSE "
            f"regexp_replace(regexp_replace(lower({column}), '([0-9]+)', '0000000000000000000\\1', 'g'), '0*([0-9]{{20,}})', '\\1', 'g') END"
        )
        return [f"{padded} {direction} NULLS LAST", f"{column} {direction} NULLS LAST"]
    return [f"{column} {direction} NULLS LAST"]
