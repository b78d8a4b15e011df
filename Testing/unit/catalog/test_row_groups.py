"""The series in groups of rows: each value as the index has it, whatever shape the index has."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.small_catalog import write_many_series, write_sources

from IDCBrowserLib.catalog.cache.row_groups import ROWS, RowGroups, select_groups, write_groups
from IDCBrowserLib.catalog.columns import SERIES_COLUMNS
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.tables import create_tables

COLUMNS = ", ".join(("row_no", *SERIES_COLUMNS))


def grouped(sources: Sources, out: Path) -> duckdb.DuckDBPyConnection:
    """The file, and a connection to the index as ``series``."""
    connection = duckdb.connect()
    create_tables(connection, sources, [])
    write_groups(connection, sources.series, out)
    return connection


def rows(connection: duckdb.DuckDBPyConnection, relation: str, where: str = "true") -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT {COLUMNS} FROM {relation} WHERE {where} ORDER BY row_no").fetchall()


def with_addresses(path: Path) -> Path:
    """The index with addresses that follow from other columns, ones that do not, empty ones, and those of which a part is not stated."""
    table = pq.read_table(path)
    uuids = table.column("crdc_series_uuid").to_pylist()
    urls = [f"s3://idc-open-data/{uuid}/*" for uuid in uuids]
    buckets: list[str | None] = ["idc-open-data"] * len(urls)
    urls[1], urls[2], buckets[3], buckets[4] = "s3://elsewhere/x/*", "", None, None
    columns = {"series_aws_url": [*urls[:4], None, *urls[5:]], "aws_bucket": buckets}
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.string()))
    pq.write_table(table, path)
    return path


@pytest.fixture(params=["as IDC writes it", "large texts", "another type"])
def sources(request: pytest.FixtureRequest, tmp_path: Path) -> Sources:
    sources = write_sources(tmp_path / "index")
    path = with_addresses(sources.series[0])
    table = pq.read_table(path)
    if request.param == "large texts":
        table = table.cast(pa.schema([(field.name, pa.large_string() if field.type == pa.string() else field.type) for field in table.schema]))
    if request.param == "another type":
        place = table.schema.get_field_index("instanceCount")
        table = table.set_column(place, "instanceCount", table.column(place).cast(pa.int32()))
    pq.write_table(table, path)
    return sources


def test_every_value_is_that_of_the_index(sources: Sources, tmp_path: Path) -> None:
    connection = grouped(sources, tmp_path / "groups.parquet")
    expected = [(*row,) for row in rows(connection, "series")]
    url = 1 + SERIES_COLUMNS.index("series_aws_url")
    # No address and an empty one are the same.
    expected = [(*row[:url], row[url] or None, *row[url + 1 :]) for row in expected]
    assert rows(connection, f"({select_groups(tmp_path / 'groups.parquet')})") == expected
    few = RowGroups(tmp_path / "groups.parquet")
    for first, last in ((0, 5), (3, 3)):
        table = few.rows(first, last)
        assert table is not None
        connection.register("few", table)
        assert rows(connection, "few") == expected[first : last + 1]
    few.close()


def test_rows_of_several_groups_are_read_together_and_too_many_are_not(tmp_path: Path) -> None:
    sources = Sources(series=(write_many_series(tmp_path / "idc_index.parquet", 2 * ROWS + 50),))
    connection = grouped(sources, tmp_path / "groups.parquet")
    assert pq.read_metadata(tmp_path / "groups.parquet").num_row_groups == 3
    few = RowGroups(tmp_path / "groups.parquet")
    for first, last in ((ROWS - 2, ROWS + 1), (2 * ROWS - 1, 2 * ROWS + 49), (5, ROWS + 4)):
        table = few.rows(first, last)
        assert table is not None
        connection.register("few", table)
        assert rows(connection, "few") == rows(connection, "series", f"row_no BETWEEN {first} AND {last}")
    assert few.rows(0, 2 * ROWS) is None
    few.close()


def test_a_file_that_cannot_be_read_is_left_to_whoever_asks_it_next(tmp_path: Path) -> None:
    (tmp_path / "groups.parquet").write_bytes(b"PAR1 nothing")
    assert RowGroups(tmp_path / "groups.parquet").rows(0, 1) is None
    assert RowGroups(tmp_path / "none.parquet").rows(0, 1) is None


def test_an_index_without_series_has_a_file_without_groups(tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "index")
    pq.write_table(pq.read_table(sources.series[0]).slice(0, 0), sources.series[0])
    connection = grouped(sources, tmp_path / "groups.parquet")
    assert rows(connection, f"({select_groups(tmp_path / 'groups.parquet')})") == []
