"""Columns of the side indices in the series table, and tables as files."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.side_files import write_side_index

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import CancelledError, InputError, StorageError
from IDCBrowserLib.task import Task

STUDY = [{"level": "studies", "ids": ["1.2.1"]}]
FURTHER = ["regularly_spaced_3d_volume", "KVP", "ConvolutionKernel"]


@pytest.fixture
def side_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "indices"
    write_side_index(
        folder,
        "volume_geometry_index",
        [{"SeriesInstanceUID": "1.2.1.1", "regularly_spaced_3d_volume": True}, {"SeriesInstanceUID": "1.2.1.2", "regularly_spaced_3d_volume": False}],
    )
    return folder


@pytest.fixture
def catalog(sources: Sources, cache_folder: Path, side_folder: Path) -> Iterator[Catalog]:
    with Catalog(sources=replace(sources, side_folders=(side_folder,)), cache_folder=cache_folder) as opened:
        yield opened


def shown(view: dict, name: str) -> list:
    return [row[view["columns"].index(name)] for row in view["rows"]]


def test_a_column_is_there_when_its_side_index_is(catalog: Catalog, side_folder: Path) -> None:
    view = catalog.open_view("series", STUDY, further=FURTHER)
    assert shown(view, "SeriesInstanceUID") == ["1.2.1.1", "1.2.1.3", "1.2.1.2"]
    assert shown(view, "regularly_spaced_3d_volume") == [True, None, False]
    assert "KVP" not in view["columns"]
    write_side_index(side_folder, "ct_index", [{"SeriesInstanceUID": "1.2.1.2", "KVP": 120.0, "ConvolutionKernel": ["B30f", "B30f", None]}])
    catalog.fetch_side_index("ct_index", Task())
    view = catalog.open_view("series", STUDY, further=FURTHER)
    assert shown(view, "KVP") == [None, None, 120.0]
    assert shown(view, "ConvolutionKernel") == [None, None, ["B30f"]]


def test_series_are_sorted_by_a_further_column_with_empty_values_last(catalog: Catalog) -> None:
    for direction, order in (("asc", ["1.2.1.2", "1.2.1.1"]), ("desc", ["1.2.1.1", "1.2.1.2"])):
        view = catalog.open_view("series", STUDY, further=FURTHER, order_by=[["regularly_spaced_3d_volume", direction]])
        assert shown(view, "SeriesInstanceUID") == [*order, "1.2.1.3"]
    assert catalog.open_view("series", STUDY, further=FURTHER, order_by=[["KVP", "asc"]])["total"] == 3


def test_an_unknown_further_column_is_named(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="no additional column 'secret'"):
        catalog.open_view("series", further=["secret"])


def test_a_side_index_damaged_inside_is_as_if_missing(catalog: Catalog, side_folder: Path) -> None:
    path = side_folder / "volume_geometry_index.parquet"
    data = bytearray(path.read_bytes())
    data[4:200] = b"\xff" * 196
    path.write_bytes(data)
    assert catalog.open_view("series", STUDY, further=FURTHER)["total"] == 3


def test_rows_of_scattered_ranges_come_in_their_order(catalog: Catalog) -> None:
    view = catalog.open_view("series", STUDY)
    assert catalog.rows(view["view"], [[2, 2], [0, 0]], ["SeriesNumber", "Modality"]) == [["1", "CT"], ["10", "CT"]]
    assert catalog.rows(view["view"], []) == []
    with pytest.raises(InputError, match="no column 'Secret'"):
        catalog.rows(view["view"], [[0, 0]], ["Secret"])


def test_a_table_is_saved_with_every_column_and_row(catalog: Catalog, tmp_path: Path) -> None:
    view = catalog.open_view("series", order_by=[["SeriesDescription", "asc"]], further=FURTHER)
    path = tmp_path / "all.csv"
    assert catalog.save_table(view["view"], path, Task(), ["Modality", "SeriesInstanceUID"]) == view["total"] == 6
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:2] == ["Modality", "SeriesInstanceUID"]
    assert set(rows[0]) == set(view["columns"])
    assert [row["SeriesInstanceUID"] for row in rows] == shown(view, "SeriesInstanceUID")
    assert "T1 100% 'axial'" in {row["SeriesDescription"] for row in rows}
    assert "" in {row["SeriesDescription"] for row in rows} and "nan" not in path.read_text().lower()


def test_a_table_that_cannot_be_saved_leaves_nothing(catalog: Catalog, tmp_path: Path) -> None:
    view = catalog.open_view("cases")["view"]
    folder = tmp_path / "out"
    folder.mkdir()
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        catalog.save_table(view, folder / "a.csv", task)
    with pytest.raises(StorageError, match=r"gone.a\.csv .*choose another file"):
        catalog.save_table(view, tmp_path / "gone" / "a.csv", Task())
    with pytest.raises(InputError):
        catalog.save_table(view, folder / "a.csv", Task(), ["Secret"])
    assert list(folder.iterdir()) == []
