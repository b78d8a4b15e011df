"""Defines the relations of the catalog in DuckDB: ``series`` (every series of every source) and the small tables around it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.cache.derived import STUDY_MODALITIES
from IDCBrowserLib.catalog.columns import COLLECTION_TYPES, KEY_COLUMNS, SERIES_TYPES
from IDCBrowserLib.catalog.connection import literal, reading
from IDCBrowserLib.catalog.side_tables import side_index_of
from IDCBrowserLib.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

    from IDCBrowserLib.catalog.files.sources import Sources

_SOURCES_TYPE = (
    "STRUCT(source_id VARCHAR, source_title VARCHAR, source_type VARCHAR, source_doi VARCHAR, source_url VARCHAR, "
    "license STRUCT(license_url VARCHAR, license_long_name VARCHAR, license_short_name VARCHAR), citation VARCHAR)[]"
)
_PRIOR_TYPES = {
    "collection_id": "VARCHAR",
    "PatientID": "VARCHAR",
    "SeriesInstanceUID": "VARCHAR",
    "StudyInstanceUID": "VARCHAR",
    "Modality": "VARCHAR",
    "gcs_bucket": "VARCHAR",
    "crdc_series_uuid": "VARCHAR",
    "series_size_MB": "DOUBLE",
    "series_aws_url": "VARCHAR",
    "aws_bucket": "VARCHAR",
    "min_idc_version": "BIGINT",
    "max_idc_version": "BIGINT",
}
_ANALYSIS_TYPES = {
    "analysis_result_id": "VARCHAR",
    "analysis_result_title": "VARCHAR",
    "source_DOI": "VARCHAR",
    "source_url": "VARCHAR",
    "subjects": "BIGINT",
    "collections": "VARCHAR",
    "modalities": "VARCHAR",
    "updated": "VARCHAR",
    "license_url": "VARCHAR",
    "license_short_name": "VARCHAR",
    "description": "VARCHAR",
    "citation": "VARCHAR",
}
_VERSION_TYPES = {"idc_version": "BIGINT", "version_timestamp": "VARCHAR"}


def create_tables(connection: duckdb.DuckDBPyConnection, sources: Sources, extra: list[Path]) -> str:
    """Make ``series`` (a view over parquet), ``collections``, ``prior_versions``, ``analysis_results`` and ``versions``.

    An extra file with ``SeriesInstanceUID`` adds series (unless it belongs to a side index: see ``side_tables``),
    one with ``collection_id`` alone describes collections.
    Columns that a file lacks are NULL. Returns the SELECT of the series that extra files add, "" when there are none.
    Raises ``CatalogError`` naming a damaged file or the key column it lacks.
    """
    series = [(path, _columns(connection, path)) for path in sources.series]
    collections = [(path, _columns(connection, path)) for path in sources.collections]
    for path in extra:
        columns = _columns(connection, path)
        if side_index_of(columns):
            # Among the side indices.
            continue
        if "SeriesInstanceUID" in columns:
            series.append((path, columns))
        elif "collection_id" in columns:
            collections.append((path, columns))
        else:
            raise CatalogError(f"The additional index file {path} has neither SeriesInstanceUID nor collection_id; it is not an index of series.")
    parts = _series_parts(connection, series)
    connection.execute(f"CREATE VIEW parquet_series AS {' UNION ALL '.join(parts)}")
    connection.execute("CREATE VIEW series AS SELECT * FROM parquet_series")
    connection.execute(f"CREATE VIEW study_modalities AS {STUDY_MODALITIES}")
    _create_small(connection, "listed_collections", collections, COLLECTION_TYPES | {"sources": _SOURCES_TYPE})
    # A collection that nobody describes is still one.
    with reading(series[0][0]):
        connection.execute(
            "CREATE TABLE collections AS SELECT * REPLACE (coalesce(collection_name, collection_id) AS collection_name) FROM listed_collections "
            "RIGHT JOIN (SELECT DISTINCT collection_id FROM series) USING (collection_id)"
        )
    _create_small(connection, "analysis_results", _with_columns(connection, sources.analysis_results), _ANALYSIS_TYPES)
    _create_small(connection, "versions", _with_columns(connection, sources.versions), _VERSION_TYPES)
    _create_view(connection, "prior_versions", _with_columns(connection, sources.prior_versions), _PRIOR_TYPES)
    return " UNION ALL ".join(parts[len(sources.series) :])


def _series_parts(connection: duckdb.DuckDBPyConnection, files: list[tuple[Path, set[str]]]) -> list[str]:
    parts, first_row = [], 0
    for path, columns in files:
        missing = [name for name in KEY_COLUMNS if name not in columns]
        if missing:
            raise CatalogError(f"The index file {path} lacks the column {missing[0]}; it has an unknown structure. Update idc-index and IDC Browser.")
        # row_no counts through all files, so that a row can be named by a number.
        parts.append(
            f"SELECT {first_row} + file_row_number AS row_no, {_select(SERIES_TYPES, columns)} "
            f"FROM read_parquet({literal(path)}, file_row_number = true)"
        )
        first_row += _row_count(connection, path)
    return parts


def _create_small(connection: duckdb.DuckDBPyConnection, name: str, files: list[tuple[Path, set[str]]], types: dict[str, str]) -> None:
    with reading(*(path for path, _ in files)):
        connection.execute(f"CREATE TABLE {name} AS {_union(files, types)}")


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, files: list[tuple[Path, set[str]]], types: dict[str, str]) -> None:
    connection.execute(f"CREATE VIEW {name} AS {_union(files, types)}")


def _union(files: list[tuple[Path, set[str]]], types: dict[str, str]) -> str:
    if not files:
        return f"SELECT {_select(types, set())} WHERE false"
    return " UNION ALL ".join(f"SELECT {_select(types, columns)} FROM read_parquet({literal(path)})" for path, columns in files)


def _select(types: dict[str, str], present: set[str]) -> str:
    # TRY_CAST: a column of another type is treated like empty values rather than making the whole file unusable.
    return ", ".join(f'TRY_CAST("{name}" AS {kind}) AS "{name}"' if name in present else f'NULL::{kind} AS "{name}"' for name, kind in types.items())


def _with_columns(connection: duckdb.DuckDBPyConnection, path: Path | None) -> list[tuple[Path, set[str]]]:
    return [] if path is None else [(path, _columns(connection, path))]


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> set[str]:
    with reading(path):
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(path)})").fetchall()
    return {str(row[0]) for row in described}


def _row_count(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    with reading(path):
        row = connection.execute(f"SELECT count(*) FROM read_parquet({literal(path)})").fetchone()
    return int(row[0]) if row else 0
