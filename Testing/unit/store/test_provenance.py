"""Where files come from: what is certain is stated, nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.made_parquet import write_rows
from helpers.small_catalog import GONE_UID, GONE_UUID, PRIOR_TYPES, SERIES, uuid, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.idc_keys import idc_keys
from IDCBrowserLib.store.provenance import provenance_of
from IDCBrowserLib.transfer.folders.journal import Journal

OLD = "99999999-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Series 1 was revised once: IDC held the version ``OLD`` until release 9."""
    folder = tmp_path_factory.mktemp("index")
    sources = write_sources(folder)
    assert sources.prior_versions is not None
    row = {"collection_id": "lung_ct", "PatientID": "P2", "StudyInstanceUID": "1.2.1", "aws_bucket": "b", "min_idc_version": 1, "series_size_MB": 2.0}
    rows = [
        {**row, "SeriesInstanceUID": "1.2.1.1", "crdc_series_uuid": OLD, "max_idc_version": 9},
        {**row, "SeriesInstanceUID": GONE_UID, "crdc_series_uuid": GONE_UUID, "max_idc_version": 3},
    ]
    write_rows(sources.prior_versions, PRIOR_TYPES, rows)
    with Catalog(sources=sources) as opened:
        yield opened


def test_a_series_with_one_version_is_of_the_release_in_use(catalog: Catalog) -> None:
    assert provenance_of(catalog, [{"SeriesInstanceUID": "1.2.1.3", "folder": "/anywhere"}]) == [
        {
            "SeriesInstanceUID": "1.2.1.3",
            "collection_id": "lung_ct",
            "crdc_series_uuid": uuid(3),
            "idc_version": 25,
            "license_short_name": "CC BY 3.0",
            "source_DOI": "10.7937/lung",
        }
    ]


def test_files_from_elsewhere_of_a_revised_series_have_a_license_and_no_version(catalog: Catalog) -> None:
    (row,) = provenance_of(catalog, [{"SeriesInstanceUID": "1.2.1.1", "folder": ""}])
    assert (row["license_short_name"], row["crdc_series_uuid"], row["idc_version"]) == ("CC BY 4.0", None, None)
    assert idc_keys(row) == {
        "IDC.collection_id": "lung_ct",
        "IDC.SeriesInstanceUID": "1.2.1.1",
        "IDC.license": "CC BY 4.0",
        "IDC.source_doi": "10.7937/lung",
    }


@pytest.mark.parametrize(("version", "release"), [(uuid(1), 25), (OLD, 9)])
def test_the_journal_knows_which_version_was_downloaded(catalog: Catalog, tmp_path: Path, version: str, release: int) -> None:
    folder = tmp_path / "CT_1.2.1.1"
    folder.mkdir()
    journal = Journal(tmp_path / "transfers.sqlite")
    journal.complete(folder, version, [])
    journal.close()
    (row,) = provenance_of(catalog, [{"SeriesInstanceUID": "1.2.1.1", "folder": str(folder)}], tmp_path / "transfers.sqlite")
    assert (row["crdc_series_uuid"], row["idc_version"]) == (version, release)


def test_a_version_that_neither_index_nor_folder_explains_is_not_stated(catalog: Catalog, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "transfers.sqlite")
    journal.complete(tmp_path, "88888888-0000-4000-8000-000000000000", [])
    journal.close()
    (row,) = provenance_of(catalog, [{"SeriesInstanceUID": "1.2.1.3", "folder": str(tmp_path)}], tmp_path / "transfers.sqlite")
    assert (row["license_short_name"], row["crdc_series_uuid"], row["idc_version"]) == ("CC BY 3.0", None, None)


@pytest.mark.parametrize(("uid", "name", "release"), [("1.2.1.1", f"CT_1.2.1.1_v{OLD}", 9), (GONE_UID, f"CT_x_v{GONE_UUID}", 3)])
def test_the_folder_of_a_prior_version_names_it(catalog: Catalog, uid: str, name: str, release: int) -> None:
    (row,) = provenance_of(catalog, [{"SeriesInstanceUID": uid, "folder": f"/data/{name}"}])
    assert row["idc_version"] == release
    assert (row["license_short_name"], row["source_DOI"]) == (None, None)


def test_what_idc_does_not_have_is_left_out(catalog: Catalog) -> None:
    asked = [{"SeriesInstanceUID": uid, "folder": ""} for uid in ("9.9.9", SERIES[0]["SeriesInstanceUID"])]
    assert [row["SeriesInstanceUID"] for row in provenance_of(catalog, asked)] == [SERIES[0]["SeriesInstanceUID"]]  # type: ignore[arg-type]
    assert provenance_of(catalog, []) == []
