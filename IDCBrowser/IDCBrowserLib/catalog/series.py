"""Series as rows: what a selection means, and the columns that plans and transfers need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.columns import SERIES_TYPES
from IDCBrowserLib.catalog.conditions import Bindings, Selection
from IDCBrowserLib.catalog.connection import ask, rows_as_dicts
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import duckdb

# What a plan needs to know of a series.
PLAN_COLUMNS = (
    "SeriesInstanceUID",
    "crdc_series_uuid",
    "aws_bucket",
    "series_aws_url",
    "collection_id",
    "PatientID",
    "StudyInstanceUID",
    "Modality",
    "SOPClassUID",
    "SeriesDescription",
    "series_size_MB",
    "instanceCount",
    "license_short_name",
    "source_DOI",
)


def series_condition(connection: duckdb.DuckDBPyConnection, views: Views, which: Selection | Sequence[Any], bindings: Bindings) -> str:
    """The condition of a selection, of several selections (any of them), or of a list of SeriesInstanceUIDs."""
    if isinstance(which, Mapping):
        return views.selections.any_of(connection, [which], bindings)
    items = list(which)
    if items and all(isinstance(item, Mapping) for item in items):
        return views.selections.any_of(connection, items, bindings)
    return views.selections.any_of(connection, [{"level": "series", "ids": items}], bindings)


def series_rows(
    connection: duckdb.DuckDBPyConnection, views: Views, which: Selection | Sequence[Any], columns: Sequence[str] = PLAN_COLUMNS
) -> list[dict[str, Any]]:
    """See ``Catalog.series_rows``."""
    names = ", ".join(_check_columns(columns))
    bindings = Bindings()
    condition = series_condition(connection, views, which, bindings)
    return rows_as_dicts(ask(connection, f"SELECT {names} FROM series WHERE {condition} ORDER BY row_no", bindings.values))


def _check_columns(columns: Sequence[str]) -> list[str]:
    for name in columns:
        if name not in SERIES_TYPES:
            raise InputError(f"There is no column {name!r}; use some of: {', '.join(SERIES_TYPES)}.")
    return list(columns)


def prior_versions_of(connection: duckdb.DuckDBPyConnection, series_uids: Sequence[str]) -> list[dict[str, Any]]:
    """See ``Catalog.prior_versions_of``."""
    bindings = Bindings()
    asked = bindings.add_texts(series_uids)
    return rows_as_dicts(
        ask(
            connection,
            f"SELECT * FROM prior_versions WHERE SeriesInstanceUID IN ({asked}) "
            "QUALIFY row_number() OVER (PARTITION BY crdc_series_uuid ORDER BY max_idc_version DESC) = 1 ORDER BY max_idc_version DESC",
            bindings.values,
        )
    )


def prior_rows(connection: duckdb.DuckDBPyConnection, uuids: Sequence[str]) -> list[dict[str, Any]]:
    """See ``Catalog.prior_series_rows``."""
    bindings = Bindings()
    uuids_asked = bindings.add_texts(uuid.lower() for uuid in uuids)
    return rows_as_dicts(
        ask(
            connection,
            f"SELECT * FROM prior_versions WHERE lower(crdc_series_uuid) IN ({uuids_asked}) "
            "QUALIFY row_number() OVER (PARTITION BY crdc_series_uuid ORDER BY max_idc_version DESC) = 1 ORDER BY max_idc_version DESC",
            bindings.values,
        )
    )


def removed_since(connection: duckdb.DuckDBPyConnection, release: int, collection_ids: Sequence[str]) -> list[dict[str, Any]]:
    """See ``Catalog.removed_since``."""
    bindings = Bindings()
    first, last, collections = bindings.add(release), bindings.add(release), bindings.add_texts(collection_ids)
    gone = (
        "SELECT collection_id, PatientID, SeriesInstanceUID, crdc_series_uuid, Modality, max_idc_version FROM prior_versions "
        f"WHERE min_idc_version <= {first} AND max_idc_version >= {last} AND collection_id IN ({collections}) "
        "AND SeriesInstanceUID NOT IN (SELECT SeriesInstanceUID FROM series WHERE SeriesInstanceUID IS NOT NULL) "
        "QUALIFY row_number() OVER (PARTITION BY SeriesInstanceUID ORDER BY max_idc_version DESC) = 1 ORDER BY SeriesInstanceUID"
    )
    return rows_as_dicts(ask(connection, gone, bindings.values))


def versions_in(connection: duckdb.DuckDBPyConnection, release: int, series_uids: Sequence[str]) -> dict[str, str]:
    """See ``Catalog.versions_in``."""
    bindings = Bindings()
    asked = bindings.add_texts(series_uids)
    first, last = bindings.add(release), bindings.add(release)
    query = (
        f"SELECT SeriesInstanceUID, crdc_series_uuid FROM prior_versions WHERE SeriesInstanceUID IN ({asked}) "
        f"AND min_idc_version <= {first} AND max_idc_version >= {last}"
    )
    return dict(ask(connection, query, bindings.values).fetchall())
