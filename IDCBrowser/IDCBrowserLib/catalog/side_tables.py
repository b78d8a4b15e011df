"""The side indices as relations: one view of each name, empty where the file is missing, and what refers to what."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.connection import literal, reading
from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX, INSTANCE_TYPES
from IDCBrowserLib.errors import CatalogError

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger(__name__)

# The columns that questions name; a file that lacks one gives NULL for it. Those of the other indices are only shown.
SIDE_TYPES: dict[str, dict[str, str]] = {
    "seg_index": {
        "SeriesInstanceUID": "VARCHAR",
        "SegmentationType": "VARCHAR",
        "total_segments": "BIGINT",
        "AlgorithmType": "VARCHAR",
        "AlgorithmName": "VARCHAR",
        "segmented_SeriesInstanceUID": "VARCHAR",
        "SegmentedPropertyCategory_CodeMeanings": "VARCHAR[]",
        "SegmentedPropertyType_CodeMeanings": "VARCHAR[]",
        "AnatomicRegion_CodeMeanings": "VARCHAR[]",
    },
    "rtstruct_index": {
        "SeriesInstanceUID": "VARCHAR",
        "total_rois": "BIGINT",
        "ROINames": "VARCHAR[]",
        "ROIGenerationAlgorithms": "VARCHAR[]",
        "RTROIInterpretedTypes": "VARCHAR[]",
        "referenced_SeriesInstanceUID": "VARCHAR",
    },
}
# Of annotations on slides: what they are drawn on, and what a tree of series says of them.
ANNOTATION_TYPES: dict[str, dict[str, str]] = {
    "ann_index": {"SeriesInstanceUID": "VARCHAR", "referenced_SeriesInstanceUID": "VARCHAR"},
    "ann_group_index": {
        "SeriesInstanceUID": "VARCHAR",
        "NumberOfAnnotations": "BIGINT",
        "AnnotationGroupGenerationType": "VARCHAR",
        "AnnotationPropertyType_CodeMeaning": "VARCHAR",
        "AlgorithmName": "VARCHAR",
    },
}
# Further ones are shown in details, with the columns they have.
SHOWN_INDICES = ("ct_index", "mr_index", "pt_index", "contrast_index", "volume_geometry_index", "sm_index")
# The column that names the referenced series, and the modality the index speaks of.
REFERENCED = {"segmented_SeriesInstanceUID": "SEG", "referenced_SeriesInstanceUID": "RTSTRUCT"}
_BY_COLUMN = {"segmented_SeriesInstanceUID": "seg_index", "referenced_SeriesInstanceUID": "rtstruct_index"}
# Index, its column that names the referenced series, and the modality it speaks of.
_REFERRING = (*((name, column, REFERENCED[column]) for column, name in _BY_COLUMN.items()), ("ann_index", "referenced_SeriesInstanceUID", "ANN"))


def side_index_of(columns: set[str]) -> str:
    """The side index that a file with these columns adds to: those of what refers to what, or that of slides' instances; "" for another file."""
    return INSTANCE_INDEX if "crdc_instance_uuid" in columns else _BY_COLUMN.get(referenced_column(columns), "")


def referenced_column(columns: set[str]) -> str:
    """The column of seg_index or rtstruct_index that names the referenced series; "" for another file."""
    return next((name for name in REFERENCED if name in columns), "")


def create_side_tables(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Path], further: list[Path]) -> set[str]:
    """(Re)make the relations of ``SIDE_TYPES``, ``ANNOTATION_TYPES`` and ``SHOWN_INDICES``, ``sm_instance_index`` and ``series_references``
    (SeriesInstanceUID, referenced, kind). Returns the names of the indices that are here. A damaged one is as if missing: it only adds to what
    is known.

    ``further`` are files like seg_index, rtstruct_index or sm_instance_index that add to them.
    """
    files: dict[str, list[tuple[Path, set[str]]]] = {name: [] for name in (*SIDE_TYPES, *ANNOTATION_TYPES, *SHOWN_INDICES, INSTANCE_INDEX)}
    for name, path in [*found.items(), *(("", path) for path in further)]:
        columns = _columns(connection, path)
        known = name or side_index_of(columns)
        if known in files and "SeriesInstanceUID" in columns:
            files[known].append((path, columns))
    for name, types in {**SIDE_TYPES, **ANNOTATION_TYPES}.items():
        _create_view(connection, name, types, files[name])
    _create_view(connection, INSTANCE_INDEX, INSTANCE_TYPES, files[INSTANCE_INDEX])
    for name in SHOWN_INDICES:
        for path, _ in files[name][:1]:
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({literal(path)})")
    connection.execute("CREATE OR REPLACE TABLE series_references (SeriesInstanceUID VARCHAR, referenced VARCHAR, kind VARCHAR)")
    for name, column, kind in _REFERRING:
        if not _add_references(connection, name, column, kind, [path for path, _ in files[name]]):
            files[name] = []
            _create_view(connection, name, {**SIDE_TYPES, **ANNOTATION_TYPES}[name], [])
    return {name for name, pairs in files.items() if pairs}


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, types: dict[str, str], files: list[tuple[Path, set[str]]]) -> None:
    parts = [f"SELECT {_select(types, columns)} FROM read_parquet({literal(path)})" for path, columns in files]
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS {' UNION ALL '.join(parts) or f'SELECT {_select(types, set())} WHERE false'}")


def _add_references(connection: duckdb.DuckDBPyConnection, name: str, column: str, kind: str, files: list[Path]) -> bool:
    """Copy who refers to whom out of an index; False where the inside of its files cannot be read, and then nothing of it is copied."""
    try:
        with reading(*files):
            connection.execute(f"INSERT INTO series_references SELECT SeriesInstanceUID, {column}, '{kind}' FROM {name}")
    except CatalogError as error:
        logger.warning("%s", error)
        return False
    return True


def _columns(connection: duckdb.DuckDBPyConnection, path: Path) -> set[str]:
    try:
        with reading(path):
            return {str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(path)})").fetchall()}
    except CatalogError as error:
        logger.warning("%s", error)
        return set()


def _select(types: dict[str, str], present: set[str]) -> str:
    return ", ".join(f'TRY_CAST("{name}" AS {kind}) AS "{name}"' if name in present else f'NULL::{kind} AS "{name}"' for name, kind in types.items())
