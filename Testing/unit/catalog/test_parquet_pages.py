"""Rows out of the middle of a Parquet file: as reading the whole file gives them, however its pages are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.small_catalog import series, write_sources

from IDCBrowserLib.catalog.cache import thrift
from IDCBrowserLib.catalog.cache.parquet_pages import ParquetPages
from IDCBrowserLib.catalog.catalog import Catalog

_TYPES = {"kind": "VARCHAR", "uid": "VARCHAR", "count": "BIGINT", "size": "DOUBLE"}
_COUNT = 3000
_TABLE = pa.table(
    {
        "kind": pa.array([None if number % 7 == 0 else f"kind {number // 500}" for number in range(_COUNT)], pa.string()),
        "uid": pa.array([f"1.2.{number * 7919 % 100_003}.{'9' * (number % 40)}" for number in range(_COUNT)], pa.large_string()),
        "count": pa.array([None if number % 11 == 0 else number % 90 for number in range(_COUNT)], pa.int64()),
        "size": pa.array([number / 3 for number in range(_COUNT)], pa.float64()),
    }
)


def written(folder: Path, table: pa.Table = _TABLE, **options: Any) -> Path:
    path = folder / "index.parquet"
    pq.write_table(table, path, **{"data_page_size": 2000, "write_batch_size": 64, "dictionary_pagesize_limit": 4000, **options})
    return path


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zstd"},
        {"compression": "none", "data_page_version": "2.0"},
        {"compression": "zstd", "data_page_version": "2.0"},
        {"use_dictionary": False},
        {"compression": "gzip", "data_page_size": 10_000_000},
    ],
)
def test_they_are_those_of_the_whole_file(tmp_path: Path, options: dict[str, Any]) -> None:
    pages = ParquetPages(written(tmp_path, **options), _TYPES)
    for first, last in ((0, 0), (0, 9), (63, 64), (1234, 1900), (_COUNT - 1, _COUNT - 1), (0, _COUNT - 1), (1300, 1310)):
        found = pages.rows(first, last)
        assert found is not None
        assert found.column("row_no").to_pylist() == list(range(first, last + 1))
        for name in _TYPES:
            assert found.column(name).to_pylist() == _TABLE.column(name).slice(first, last - first + 1).to_pylist()


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (_TABLE, {"row_group_size": 1000}),
        (_TABLE.drop_columns(["size"]), {}),
        (_TABLE.set_column(2, "count", _TABLE.column("count").cast(pa.string())), {}),
        (_TABLE, {"compression": "lz4"}),
    ],
)
def test_a_file_of_another_shape_is_read_in_the_usual_way(tmp_path: Path, table: pa.Table, options: dict[str, Any]) -> None:
    assert ParquetPages(written(tmp_path, table, **options), _TYPES).rows(0, 5) is None


def test_damage_is_left_to_the_usual_way(tmp_path: Path) -> None:
    path = written(tmp_path)
    content = bytearray(path.read_bytes())
    for start in (4, 100, len(content) // 2):
        damaged = tmp_path / f"{start}.parquet"
        damaged.write_bytes(bytes(content[:start]) + b"\xff" * 40 + bytes(content[start + 40 :]))
        pages = ParquetPages(damaged, _TYPES)
        assert pages.rows(0, _COUNT - 1) is None and pages.rows(0, 5) is None
    assert ParquetPages(tmp_path / "missing.parquet", _TYPES).rows(0, 5) is None


def header(whole: int, rows: int = _COUNT) -> bytes:
    """That of a page of so many bytes behind it."""
    return thrift.write({1: 0, 2: 10, 3: thrift.Long(whole), 5: {1: rows, 2: 0, 3: 3, 4: 3}})


@pytest.mark.parametrize(
    "said",
    [header(-len(header(-1))), header(1 << 60), header(1 << 70), header(10, -_COUNT), b"\x1c" * 2000],
    ids=["0", "2^60", "2^70", "rows", "deep"],
)
def test_pages_that_cannot_be_are_left_to_the_usual_way(tmp_path: Path, said: bytes) -> None:
    path = written(tmp_path, use_dictionary=False)
    start = pq.ParquetFile(path).metadata.row_group(0).column(_TABLE.column_names.index("size")).data_page_offset
    with path.open("r+b") as file:
        file.seek(start)
        file.write(said)
    assert ParquetPages(path, {"size": "DOUBLE"}).rows(0, 5) is None


def test_columns_that_are_never_empty_are_read_as_others(tmp_path: Path) -> None:
    fields = [field.with_nullable(field.name not in ("uid", "size")) for field in _TABLE.schema]
    found = ParquetPages(written(tmp_path, _TABLE.cast(pa.schema(fields))), _TYPES).rows(63, 64)
    assert found is not None and found.select(["kind", "uid", "size"]).to_pylist() == _TABLE.select(["kind", "uid", "size"]).slice(63, 2).to_pylist()


def test_columns_behind_one_with_fields_are_told_apart(tmp_path: Path) -> None:
    parts = pa.array([{"low": number, "high": None} for number in range(_COUNT)], pa.struct({"low": pa.int64(), "high": pa.int64()}))
    found = ParquetPages(written(tmp_path, _TABLE.add_column(0, "parts", parts)), _TYPES).rows(63, 64)
    assert found is not None and found.column("uid").to_pylist() == _TABLE.column("uid").slice(63, 2).to_pylist()


def test_what_is_written_is_read_again() -> None:
    fields: thrift.Struct = {1: 5, 2: thrift.Long(-(1 << 40)), 3: b"name", 9: {4: -1}}
    assert thrift.read(thrift.write(fields) + b"more") == (fields, len(thrift.write(fields)))
    with pytest.raises((ValueError, IndexError)):
        thrift.read(b"\x19\xff\xff")


def test_a_study_in_the_middle_is_listed_from_its_pages(tmp_path: Path) -> None:
    rows = [series(number, PatientID=f"P{number // 6}", StudyInstanceUID=f"1.2.{number // 3}") for number in range(60)]
    with Catalog(sources=write_sources(tmp_path / "index", rows), cache_folder=tmp_path / "cache") as catalog:
        assert catalog._database._pages.rows(30, 35) is not None
        cases = catalog.open_view("cases")
        studies = catalog.open_view("studies", [{"view": cases["view"], "ranges": [[5, 5]]}])
        assert [row[0] for row in studies["rows"]] == ["1.2.10", "1.2.11"]
        shown = catalog.open_view("series", [{"view": studies["view"], "ranges": [[1, 1]]}])
        assert [row[0] for row in shown["rows"]] == ["1.2.1.33", "1.2.1.34", "1.2.1.35"]
        assert catalog.page(shown["view"], 1, 1) == shown["rows"][1:2]
        # What follows is about all series again.
        assert catalog.open_view("series")["total"] == 60


def test_a_filter_on_studies_looks_beyond_the_rows(tmp_path: Path) -> None:
    rows = [series(1), series(2, PatientID="P3", Modality="SEG"), series(3, PatientID="P4")]
    with Catalog(sources=write_sources(tmp_path / "index", rows), cache_folder=tmp_path / "cache") as catalog:
        filters = {"study_modality": ["SEG"]}
        cases = catalog.open_view("cases", filters=filters)
        assert cases["total"] == 3
        for number in range(3):
            below = [{"view": cases["view"], "ranges": [[number, number]]}]
            assert catalog.open_view("series", below, filters=filters)["total"] == 1
            assert catalog.open_view("studies", below)["total"] == 1
