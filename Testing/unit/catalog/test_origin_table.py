"""The small table of origins answers as the catalog does, and only for the index that it was made from."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers.made_parquet import write_rows
from helpers.small_catalog import GONE_UID, GONE_UUID, PRIOR_TYPES, SERIES, series, write_series, write_sources
from hypothesis import given
from hypothesis import strategies as st

from IDCBrowserLib.catalog import origin_table
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.origin_table import open_table
from IDCBrowserLib.errors import CatalogError
from IDCBrowserLib.store.provenance import provenance_of

OLD = "99999999-0000-4000-8000-000000000000"
UIDS = [row["SeriesInstanceUID"] for row in SERIES]


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Series 1 was revised; its former version is listed in two rows."""
    made = write_sources(tmp_path / "index")
    assert made.prior_versions is not None
    row = {"collection_id": "lung_ct", "PatientID": "P2", "StudyInstanceUID": "1.2.1", "aws_bucket": "b", "min_idc_version": 1, "series_size_MB": 2.0}
    rows = [
        {**row, "SeriesInstanceUID": "1.2.1.1", "crdc_series_uuid": OLD, "max_idc_version": 9},
        {**row, "SeriesInstanceUID": "1.2.1.1", "crdc_series_uuid": OLD, "max_idc_version": 12},
        {**row, "SeriesInstanceUID": GONE_UID, "crdc_series_uuid": GONE_UUID, "max_idc_version": 3},
    ]
    write_rows(made.prior_versions, PRIOR_TYPES, rows)
    return made


@pytest.fixture
def catalog(sources: Sources, home: Path) -> Iterator[Catalog]:
    with Catalog(sources=sources) as opened:
        yield opened


def test_it_says_the_same_as_the_catalog_of_every_series(catalog: Catalog, sources: Sources) -> None:
    catalog.write_origins()
    table = open_table(sources)
    assert table is not None
    asked = [
        {"SeriesInstanceUID": uid, "folder": folder} for uid in [*UIDS, GONE_UID, "9.9"] for folder in ("", f"/data/CT_v{OLD}", f"/x_v{GONE_UUID}")
    ]
    found = provenance_of(table, asked)  # type: ignore[arg-type]
    assert found == provenance_of(catalog, asked)  # type: ignore[arg-type]
    assert 12 in {row["idc_version"] for row in found} and {row["SeriesInstanceUID"] for row in found} == {*UIDS, GONE_UID}


def test_without_the_file_or_with_a_damaged_one_there_is_no_table(catalog: Catalog, sources: Sources, home: Path) -> None:
    assert open_table(sources) is None
    catalog.write_origins()
    (path,) = home.rglob("origins.bin")
    whole = path.read_bytes()
    for damaged in (b"", b"{", whole[:-1], whole + b"x", whole[:40], b"[]\n", b'{"facts": 1}\n'):
        path.write_bytes(damaged)
        assert open_table(sources) is None


def test_another_index_has_no_table_yet(catalog: Catalog, sources: Sources) -> None:
    catalog.write_origins()
    before = sources.series[0].stat()
    os.utime(sources.series[0], ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert open_table(sources) is None


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([series(1), series(1)], "twice"),
        ([series(1, crdc_series_uuid="no uuid at all, of 36 characters....")], "something else than a UUID"),
        ([series(1, SeriesInstanceUID="1." * 33)], "more than 64 characters"),
    ],
)
def test_an_index_that_does_not_fit_is_left_to_the_catalog(tmp_path: Path, home: Path, rows: list[dict[str, object]], why: str) -> None:
    sources = Sources(series=(write_series(tmp_path / "odd.parquet", rows),))
    with Catalog(sources=sources) as opened, pytest.raises(CatalogError, match=why):
        opened.write_origins()
    assert not list(home.rglob("origins.bin"))


@given(st.lists(st.text("0123456789.", min_size=1, max_size=64), min_size=2, max_size=50, unique=True))
def test_other_uids_have_other_keys(uids: list[str]) -> None:
    assert len(np.unique(origin_table._keys(uids))) == len(uids)
