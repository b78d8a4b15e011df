"""The files of a slide as its index of instances lists them: levels of its pyramid from the largest, then label, overview and thumbnail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.catalog import SlideLevel
from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, damage_ignored, rows_as_dicts
from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX

if TYPE_CHECKING:
    import duckdb

# What lies beside the levels (PS3.3 C.8.12.4.1.1), in the order in which it is told.
_BESIDE = ("LABEL", "OVERVIEW", "THUMBNAIL")


def levels_of(connection: duckdb.DuckDBPyConnection, series_uids: Iterable[str]) -> dict[str, list[SlideLevel]]:
    """By SeriesInstanceUID; slides of which the index lists nothing, or is not here, are left out."""
    return {uid: _levels(rows) for uid, rows in _rows(connection, "SeriesInstanceUID", series_uids).items()}


def sizes_of(connection: duckdb.DuckDBPyConnection, sop_uids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Rows and columns of the whole picture by SOPInstanceUID, where they are known."""
    found = (row for rows in _rows(connection, "SOPInstanceUID", sop_uids).values() for row in rows)
    sizes = {row["SOPInstanceUID"]: (row["TotalPixelMatrixRows"] or 0, row["TotalPixelMatrixColumns"] or 0) for row in found}
    return {uid: size for uid, size in sizes.items() if min(size) > 0}


def bytes_of(connection: duckdb.DuckDBPyConnection, uuids: Iterable[str]) -> dict[str, int]:
    """By the name of a file in the buckets, without its ending."""
    found = (row for rows in _rows(connection, "crdc_instance_uuid", uuids).values() for row in rows)
    return {row["crdc_instance_uuid"]: row["instance_size"] for row in found if row["instance_size"] is not None}


def _rows(connection: duckdb.DuckDBPyConnection, column: str, values: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Of instances whose series this release has, by that column."""
    bindings = Bindings()
    query = (
        f"WITH found AS MATERIALIZED (SELECT * FROM {INSTANCE_INDEX} WHERE {column} IN ({bindings.add_texts(values)})) "
        "SELECT found.*, aws_bucket, crdc_series_uuid FROM found JOIN series USING (SeriesInstanceUID) "
        "WHERE crdc_instance_uuid IS NOT NULL ORDER BY crdc_instance_uuid"
    )
    rows: list[dict[str, Any]] = []
    with damage_ignored(INSTANCE_INDEX):
        rows = rows_as_dicts(ask(connection, query, bindings.values))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _levels(rows: Sequence[Mapping[str, Any]]) -> list[SlideLevel]:
    """Files of one size show other focal planes or channels of the same level."""
    by_size: dict[tuple[str, int, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        kind = next((name for name in _BESIDE if name in (row["ImageType"] or ())), "LEVEL")
        by_size.setdefault((kind, row["TotalPixelMatrixRows"] or 0, row["TotalPixelMatrixColumns"] or 0), []).append(row)
    ordered = sorted(by_size, key=lambda key: (("LEVEL", *_BESIDE).index(key[0]), -key[1] * key[2]))
    return [_level(None if key[0] != "LEVEL" else number, key, by_size[key]) for number, key in enumerate(ordered)]


def _level(number: int | None, key: tuple[str, int, int], rows: Sequence[Mapping[str, Any]]) -> SlideLevel:
    kind, height, width = key
    sizes = [row["instance_size"] for row in rows]
    return {
        "number": number,
        "kind": kind.lower(),
        "rows": height,
        "columns": width,
        "spacing_mm": rows[0]["PixelSpacing_0"],
        "bytes": None if None in sizes else sum(sizes),
        "transfer_syntax": rows[0]["TransferSyntaxUID"] or "",
        "sop_instances": [row["SOPInstanceUID"] for row in rows],
        "instances": [row["crdc_instance_uuid"] for row in rows],
        "addresses": [f"s3://{row['aws_bucket']}/{row['crdc_series_uuid']}/{row['crdc_instance_uuid']}.dcm" for row in rows],
    }
