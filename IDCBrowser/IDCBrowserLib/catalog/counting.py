"""Counts of series by the values of columns, for charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.conditions import Bindings, Filters
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.filters import filter_conditions
from IDCBrowserLib.catalog.series import series_condition
from IDCBrowserLib.catalog.views import Views

if TYPE_CHECKING:
    import duckdb

_AGE = "TRY_CAST(regexp_extract(PatientAge, '^0*([0-9]{1,3})Y$', 1) AS INTEGER)"
# Name of the count -> what is counted. Ages stand in decades of years; those below two years are mostly given in months or days.
COUNTED = {
    "collection_id": "collection_id",
    "Modality": "Modality",
    "BodyPartExamined": "BodyPartExamined",
    "Manufacturer": "Manufacturer",
    "license_short_name": "license_short_name",
    "analysis_result_id": "analysis_result_id",
    "PatientSex": "PatientSex",
    "age_decade": f"CASE WHEN PatientAge ~ '^[0-9]+[DWM]$' THEN '0-9' WHEN {_AGE} IS NULL THEN NULL "
    f"ELSE ({_AGE} // 10 * 10) || '-' || ({_AGE} // 10 * 10 + 9) END",
    "study_year": "left(StudyDate, 4)",
    "first_idc_version": "series_init_idc_version",
}
_TOTALS = (
    "count(*) AS series, count(DISTINCT collection_id) AS collections, count(DISTINCT (collection_id, PatientID)) AS cases, "
    "count(DISTINCT StudyInstanceUID) AS studies, coalesce(sum(instanceCount), 0)::BIGINT AS instances, "
    "coalesce(round(sum(series_size_MB) * 1e6), 0)::BIGINT AS total_bytes"
)


def count(connection: duckdb.DuckDBPyConnection, views: Views, filters: Filters | None, uids: Sequence[str] | None) -> dict[str, Any]:
    """See ``Catalog.counts``."""
    bindings = Bindings()
    parts = filter_conditions(filters, bindings)
    if uids is not None:
        parts.append(series_condition(connection, views, list(uids), bindings))
    where = f"WHERE {' AND '.join(parts)}" if parts else ""
    totals = ask(connection, f"SELECT {_TOTALS} FROM series {where}", bindings.values)
    names = [column[0] for column in totals.description or []]
    document: dict[str, Any] = dict(zip(names, totals.fetchone() or (), strict=True))
    document["by"] = {name: _counted(connection, expression, where, bindings.values) for name, expression in COUNTED.items()}
    return document


def _counted(connection: duckdb.DuckDBPyConnection, expression: str, where: str, values: Any) -> list[Mapping[str, Any]]:
    counted = "count(*) AS n, count(DISTINCT (collection_id, PatientID)) AS cases"
    query = f"SELECT {expression} AS value, {counted} FROM series {where} GROUP BY 1 ORDER BY 2 DESC, 1"
    rows = ask(connection, query, values).fetchall()
    return [{"value": None if value is None else str(value), "series": number, "cases": cases} for value, number, cases in rows]
