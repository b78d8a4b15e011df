"""Series as rows: what a selection means, and the columns that plans and transfers need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import SERIES_TYPES
from IDCBrowserLib.catalog.conditions import Bindings, Selection, ids_condition
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.level_sql import TOTAL_BYTES
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import duckdb

# What a plan needs to know of a series.
PLAN_COLUMNS = (
    "SeriesInstanceUID", "crdc_series_uuid", "aws_bucket", "series_aws_url", "collection_id", "PatientID", "StudyInstanceUID", "Modality",
    "SOPClassUID", "SeriesDescription", "series_size_MB", "instanceCount", "license_short_name", "source_DOI",
)


def series_condition(connection: duckdb.DuckDBPyConnection, views: Views, which: Selection | Sequence[Any], bindings: Bindings) -> str:
    """The condition of a selection, of several selections (any of them), or of a list of SeriesInstanceUIDs."""
    if isinstance(which, Mapping):
        return views.any_of(connection, [which], bindings)
    items = list(which)
    if items and all(isinstance(item, Mapping) for item in items):
        return views.any_of(connection, items, bindings)
    return ids_condition("series", items, bindings)


def series_rows(
    connection: duckdb.DuckDBPyConnection, views: Views, which: Selection | Sequence[Any], columns: Sequence[str] = PLAN_COLUMNS
) -> list[dict[str, Any]]:
    """See ``Catalog.series_rows``."""
    names = ", ".join(_check_columns(columns))
    bindings = Bindings()
    condition = series_condition(connection, views, which, bindings)
    return rows_as_dicts(ask(connection, f"SELECT {names} FROM series WHERE {condition} ORDER BY row_no", bindings.values))


def summary(connection: duckdb.DuckDBPyConnection, views: Views, selections: Sequence[Selection]) -> dict[str, Any]:
    """See ``Catalog.summary``."""
    bindings = Bindings()
    condition = views.any_of(connection, selections, bindings)
    query = (
        "WITH picked AS MATERIALIZED (SELECT collection_id, PatientID, StudyInstanceUID, Modality, license_short_name, series_size_MB "
        f"FROM series WHERE {condition}), "
        "totals AS (SELECT count(DISTINCT collection_id) AS collections, count(DISTINCT (collection_id, PatientID)) AS cases, "
        "count(DISTINCT StudyInstanceUID) AS studies, count(*) AS series, "
        f"coalesce({TOTAL_BYTES}, 0) AS bytes FROM picked) "
        "SELECT totals.*, "
        "(SELECT list((license_short_name, n)) FROM (SELECT license_short_name, count(*) AS n FROM picked GROUP BY 1 ORDER BY n DESC)), "
        "(SELECT list((Modality, n)) FROM (SELECT Modality, count(*) AS n FROM picked GROUP BY 1 ORDER BY n DESC)) FROM totals"
    )
    row = ask(connection, query, bindings.values).fetchone()
    assert row is not None
    return {
        "collections": row[0], "cases": row[1], "studies": row[2], "series": row[3], "bytes": row[4],
        "licenses": _named(row[5]), "modalities": _named(row[6]),
    }


def _named(pairs: Iterable[Any] | None) -> dict[str, int]:
    values = [tuple(pair.values()) if isinstance(pair, Mapping) else tuple(pair) for pair in pairs or []]
    return {name if name is not None else "not stated": int(count) for name, count in values}


def _check_columns(columns: Sequence[str]) -> list[str]:
    for name in columns:
        if name not in SERIES_TYPES:
            raise InputError(f"There is no column {name!r}; use some of: {', '.join(SERIES_TYPES)}.")
    return list(columns)


def prior_versions_of(connection: duckdb.DuckDBPyConnection, series_uids: Sequence[str]) -> list[dict[str, Any]]:
    """See ``Catalog.prior_versions_of``."""
    bindings = Bindings()
    asked = bindings.add_texts(series_uids)
    return rows_as_dicts(ask(
        connection,
        f"SELECT * FROM prior_versions WHERE SeriesInstanceUID IN ({asked}) "
        "QUALIFY row_number() OVER (PARTITION BY crdc_series_uuid ORDER BY max_idc_version DESC) = 1 ORDER BY max_idc_version DESC",
        bindings.values,
    ))


def prior_rows(connection: duckdb.DuckDBPyConnection, uuids: Sequence[str]) -> list[dict[str, Any]]:
    """See ``Catalog.prior_series_rows``."""
    bindings = Bindings()
    uuids_asked = bindings.add_texts(uuid.lower() for uuid in uuids)
    return rows_as_dicts(ask(
        connection,
        f"SELECT * FROM prior_versions WHERE lower(crdc_series_uuid) IN ({uuids_asked}) "
        "QUALIFY row_number() OVER (PARTITION BY crdc_series_uuid ORDER BY max_idc_version DESC) = 1 ORDER BY max_idc_version DESC",
        bindings.values,
    ))
