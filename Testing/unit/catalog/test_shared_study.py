"""A study whose series name two cases, as one of NLST does."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.small_catalog import SERIES, series, write_series, write_sources

from IDCBrowserLib.catalog.cache import cache, cache_making
from IDCBrowserLib.catalog.catalog import Catalog


@pytest.mark.parametrize("is_cached", [False, True])
def test_the_details_of_a_study_of_two_cases_name_both_and_tell_all_of_it(is_cached: bool, tmp_path: Path) -> None:
    sources = write_sources(tmp_path / "index")
    shared = series(51, PatientID="P9", SeriesDescription="of another case", Modality="PT")
    write_series(tmp_path / "index" / "idc_index.parquet", [*SERIES, shared])
    if is_cached:
        cache_making.build(sources, cache.cache_file(sources, tmp_path))
    with Catalog(sources=sources, cache_folder=tmp_path) as catalog:
        assert catalog.info()["cached"] == is_cached
        assert [row["PatientID"] for row in catalog.list_rows("studies", limit=99)[0] if row["StudyInstanceUID"] == "1.2.1"] == ["P2", "P9"]
        details = catalog.details("studies", "1.2.1")
        assert details["text"] == (
            "This study is of 2 cases: lung_ct/P2 (3 series) and lung_ct/P9 (1 series). It is a row of each, and counts once in totals."
        )
        items = dict(details["items"])
        assert items["Case"] == "P2, P9" and items["Series"] == "4" and items["Instances"] == "31" and items["Collection"] == "lung_ct"
        assert items["Date"] == "2001-02-03"


def test_a_study_of_one_case_has_nothing_to_say_of_it(plain_catalog: Catalog) -> None:
    assert plain_catalog.details("studies", "1.2.1")["text"] == ""
