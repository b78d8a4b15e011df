"""Series by one of their instances. IDC's index lists series; of instances it lists those of slide microscopy, in a side index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask, damage_ignored

if TYPE_CHECKING:
    import duckdb

INSTANCE_INDEX = "sm_instance_index"
INSTANCE_TYPES = {
    "SOPInstanceUID": "VARCHAR",
    "SeriesInstanceUID": "VARCHAR",
    "crdc_instance_uuid": "VARCHAR",
    "ImageType": "VARCHAR[]",
    "PixelSpacing_0": "DOUBLE",
    "TransferSyntaxUID": "VARCHAR",
    "instance_size": "BIGINT",
    "TotalPixelMatrixColumns": "BIGINT",
    "TotalPixelMatrixRows": "BIGINT",
}


def by_uid(connection: duckdb.DuckDBPyConnection, uids: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of SOPInstanceUID and SeriesInstanceUID; those that no index lists are left out."""
    return _pairs(connection, "SOPInstanceUID", uids)


def by_uuid(connection: duckdb.DuckDBPyConnection, uuids: Iterable[str]) -> list[tuple[str, str]]:
    """The same for the name of an instance's file in the buckets, in lower case."""
    return _pairs(connection, "crdc_instance_uuid", uuids)


def _pairs(connection: duckdb.DuckDBPyConnection, column: str, values: Iterable[str]) -> list[tuple[str, str]]:
    bindings = Bindings()
    query = (
        f"WITH found AS MATERIALIZED (SELECT {column} AS key, SeriesInstanceUID AS uid FROM {INSTANCE_INDEX} "
        f"WHERE {column} IN ({bindings.add_texts(values)})) "
        # The index may list series that were removed, or that another release has.
        "SELECT key, uid FROM found WHERE uid IN (SELECT SeriesInstanceUID FROM series WHERE SeriesInstanceUID IN (SELECT uid FROM found))"
    )
    with damage_ignored(INSTANCE_INDEX):
        return ask(connection, query, bindings.values).fetchall()
    return []
