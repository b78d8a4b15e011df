from pathlib import Path
from typing import Any

import duckdb
import pytest

from IDCBrowserLib.catalog.files.sources import find_sources
from IDCBrowserLib.demo import catalog_rows
from IDCBrowserLib.demo.made_folder import PhantomSeries


def columns(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect() as connection:
        return [row[:2] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, series: dict[str, PhantomSeries]) -> Path:
    return catalog_rows.write(tmp_path_factory.mktemp("o'rows") / "rows of it.parquet", list(series.values()))


def rows(path: Path) -> dict[str, dict[str, Any]]:
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in found.description]
        return {row["SeriesInstanceUID"]: row for row in (dict(zip(names, values, strict=True)) for values in found.fetchall())}


def test_the_columns_are_those_of_the_real_index(written: Path) -> None:
    [index] = find_sources().series
    assert columns(written) == columns(index)


def test_each_series_is_a_row_with_its_true_size_and_count(written: Path, series: dict[str, PhantomSeries]) -> None:
    found = rows(written)
    for one in series.values():
        row = found[one.series_instance_uid]
        assert row["instanceCount"] == len(one.files)
        assert round(row["series_size_MB"] * 1e6) == one.size_bytes
        assert row["series_aws_url"] == f"s3://idc-open-data/{one.crdc_series_uuid}/*"
        assert (row["collection_id"], row["PatientID"], row["license_short_name"]) == ("demo_phantom", "DEMO-001", "CC BY 4.0")
    assert found[series["seg_labelmap"].series_instance_uid]["sop_class_name"] == "Label Map Segmentation Storage"
    assert found[series["ct"].series_instance_uid]["StudyDate"] == "2024-04-12"


def test_the_collection_says_that_it_is_a_demo(tmp_path: Path) -> None:
    path = catalog_rows.write_collection(tmp_path / "collections.parquet")
    [index] = find_sources().collections
    assert set(columns(path)) <= set(columns(index))
    with duckdb.connect() as connection:
        [(name, text)] = connection.execute("SELECT collection_id, description FROM read_parquet(?)", [str(path)]).fetchall()
    assert name == "demo_phantom"
    assert text.startswith("DEMO, not part of IDC")


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path, series: dict[str, PhantomSeries]) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="taken"):
        catalog_rows.write(tmp_path / "taken" / "rows.parquet", list(series.values()))
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
