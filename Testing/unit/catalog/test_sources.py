"""Files that are missing, damaged, of another shape or added."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from helpers.made_parquet import write_rows
from helpers.small_catalog import SERIES, series, write_many_series, write_series, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources, find_sources
from IDCBrowserLib.errors import CatalogError

_COLLECTION_COLUMNS = {"collection_id": "VARCHAR", "collection_name": "VARCHAR", "program_id": "VARCHAR", "species": "VARCHAR"}


def test_a_further_file_adds_its_series_and_collection(sources: Sources, filled_cache_folder: Path, tmp_path: Path) -> None:
    rows = [series(91, collection_id="demo_phantom", PatientID="DEMO", StudyInstanceUID="2.1", SeriesInstanceUID="2.1.1", source_DOI=None)]
    extra = write_series(tmp_path / "it's extra.parquet", rows, without=("source_DOI", "StudyDate"))
    described = write_rows(
        tmp_path / "c.parquet",
        _COLLECTION_COLUMNS,
        [{"collection_id": "demo_phantom", "collection_name": "Demo phantom", "program_id": "demo", "species": "None"}],
    )
    for folder in (filled_cache_folder, tmp_path / "no-cache"):
        with Catalog([extra, described], sources, folder) as catalog:
            view = catalog.open_view("collections")
            assert [row[0] for row in view["rows"]] == ["brain_mr", "demo_phantom", "lung_ct"]
            assert catalog.open_view("cases", [{"level": "collections", "ids": ["demo_phantom"]}])["rows"][0][0] == "DEMO"
            assert catalog.series_rows(["2.1.1"], ("PatientID", "source_DOI")) == [{"PatientID": "DEMO", "source_DOI": None}]
            assert catalog.identify("DEMO") == [("cases", "demo_phantom/DEMO")]
            assert catalog.search("demo phant")[0]["id"] == "demo_phantom"
            assert dict(catalog.facets()["collection_id"])["demo_phantom"] == 1
            assert catalog.details("collections", "demo_phantom")["links"] == []
            assert catalog.info()["sources"][-2:] == [str(extra), str(described)]
            assert catalog.open_view("series")["total"] == len(SERIES) + 1


def test_a_further_file_may_add_to_a_known_collection(sources: Sources, filled_cache_folder: Path, tmp_path: Path) -> None:
    extra = write_series(tmp_path / "extra.parquet", [series(92, PatientID="P3", StudyInstanceUID="2.2", SeriesInstanceUID="2.2.1")])
    with Catalog([extra], sources, filled_cache_folder) as catalog:
        view = catalog.open_view("cases", [{"level": "collections", "ids": ["lung_ct"]}])
        assert [row[0] for row in view["rows"]] == ["P2", "P3", "P10", "SHARED"]
        assert catalog.open_view("collections")["rows"][1][view["columns"].index("studies") + 3] == 4


def test_collections_that_nobody_describes_are_listed(sources: Sources, tmp_path: Path) -> None:
    bare = Sources(series=sources.series, data_version="25.0.5")
    with Catalog(sources=bare, cache_folder=tmp_path) as catalog:
        assert [row[:3] for row in catalog.open_view("collections")["rows"]] == [["brain_mr", "brain_mr", None], ["lung_ct", "lung_ct", None]]
        assert catalog.info()["idc_version"] == "25"


def test_columns_of_another_type_or_missing_are_empty(tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "index")
    odd = tmp_path / "collections.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'lung_ct' AS collection_id, 'many' AS subjects, 'text' AS sources) TO '{odd}' (FORMAT parquet)")
    with Catalog(sources=replace(sources, collections=(odd,)), cache_folder=tmp_path) as catalog:
        assert catalog.details("collections", "lung_ct")["title"] == "lung_ct"


def test_a_missing_key_column_is_named(tmp_path: Path) -> None:
    path = write_series(tmp_path / "idc_index.parquet", SERIES, without=("StudyInstanceUID",))
    with pytest.raises(CatalogError, match=r"idc_index\.parquet lacks the column StudyInstanceUID"):
        Catalog(sources=Sources(series=(path,)), cache_folder=tmp_path)


@pytest.mark.parametrize("keep", [0, 3, 400])
def test_a_truncated_file_is_named_with_what_to_do(tmp_path: Path, keep: int) -> None:
    sources = write_sources(tmp_path / "idc_index_data")
    path = sources.series[0]
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CatalogError, match=r"idc_index\.parquet is damaged.*pip install --force-reinstall idc-index-data"):
        Catalog(sources=sources, cache_folder=tmp_path)


def test_a_file_damaged_inside_is_named_when_it_is_read(tmp_path: Path) -> None:
    path = write_many_series(tmp_path / "idc_index.parquet", 2000)
    content = bytearray(path.read_bytes())
    content[4:-3000] = b"\xff" * (len(content) - 3004)
    path.write_bytes(bytes(content))
    with (
        pytest.raises(CatalogError, match=r"idc_index\.parquet is damaged.*create it again"),
        Catalog(sources=Sources(series=(path,)), cache_folder=tmp_path) as catalog,
    ):
        catalog.open_view("series", text="abc", order_by=[["crdc_series_uuid", "asc"]])


def test_a_missing_main_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"idc_index\.parquet is missing"):
        find_sources(tmp_path)


def test_a_missing_further_file_is_named(sources: Sources, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"nowhere\.parquet does not exist"):
        Catalog([tmp_path / "nowhere.parquet"], sources, tmp_path)


def test_a_further_file_about_something_else_is_refused(sources: Sources, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "cars.parquet", {"wheels": "BIGINT"}, [{"wheels": 4}])
    with pytest.raises(CatalogError, match=r"cars\.parquet has neither SeriesInstanceUID nor collection_id"):
        Catalog([path], sources, tmp_path)


def test_a_damaged_side_index_leaves_the_catalog_usable(sources: Sources, tmp_path: Path) -> None:
    broken = tmp_path / "seg_index.parquet"
    broken.write_bytes(b"PAR1 not really")
    with Catalog(sources=replace(sources, references=(broken,)), cache_folder=tmp_path) as catalog:
        assert "seg_index" in catalog.related("1.2.1.3")["warnings"][0]


def test_the_catalog_reaches_no_other_file(plain_catalog: Catalog, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    connection = plain_catalog._database._connection
    for statement in (f"SELECT * FROM read_csv('{secret}')", f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'", "INSTALL httpfs", "SET threads = 9"):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)
    assert not (tmp_path / "out.csv").exists()


def test_importing_costs_nothing_and_asking_in_our_programs_leaves_pandas_alone(sources: Sources, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "import IDCBrowserLib.catalog.catalog as module\n"
        "assert not {'duckdb', 'numpy', 'pandas', 'pyarrow', 'idc_index', 'idc_index_data'} & set(sys.modules)\n"
        "from IDCBrowserLib.catalog.files.sources import find_sources\n"
        "from IDCBrowserLib.own_process import without_pandas\n"
        "programs = without_pandas()\n"
        "programs.__enter__()\n"
        f"catalog = module.Catalog(sources=find_sources(Path({str(sources.series[0].parent)!r})), cache_folder=Path({str(tmp_path)!r}))\n"
        "assert catalog.search('lung') and catalog.identify('P10')\n"
        "assert catalog.open_view('cases', [{'level': 'collections', 'ids': ['lung_ct']}])['total'] == 3\n"
        "assert 'pyarrow' not in sys.modules\n"
        "assert catalog.facets({'Modality': ['CT']})\n"
        "programs.__exit__(None, None, None)\n"
        "assert not {'pandas', 'idc_index', 'idc_index_data'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=60, env={"PYTHONPATH": ":".join(sys.path)})
