"""The search box on the real catalog: each kind of text that people paste or type, as the engine answers it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from IDCBrowserLib.catalog.catalog import Catalog

SERIES = "1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192"
STUDY = "1.3.6.1.4.1.14519.5.2.1.6279.6001.298806137288633453246975630178"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(cache_folder=Path(tmp_path_factory.mktemp("none"))) as catalog:
        yield catalog


@pytest.mark.parametrize(
    ("text", "level", "row_id"),
    [
        ("lidc", "collections", "lidc_idri"),
        ("LIDC-IDRI", "collections", "lidc_idri"),
        ("lidc_irdi", "collections", "lidc_idri"),
        ("NSCLC Radiomics", "collections", "nsclc_radiomics"),
        ("lidc-idri-0001", "cases", "lidc_idri/LIDC-IDRI-0001"),
        (f"  '{SERIES}' ", "series", SERIES),
        (SERIES[:-9], "series", SERIES),
        (SERIES[-20:], "series", SERIES),
        (STUDY, "studies", STUDY),
        ("10.7937/K9/TCIA.2015.LO9QL9SX", "collections", "lidc_idri"),
        ("totalsegmentator", "analysis_results", "totalsegmentator_ct_segmentations"),
    ],
)
def test_what_people_type_finds_what_they_mean(real: Catalog, text: str, level: str, row_id: str) -> None:
    assert (level, row_id) in [(hit["level"], hit["id"]) for hit in real.search(text, 20)]


def test_all_case_ids_that_two_collections_share_are_found_in_both(real: Catalog) -> None:
    rows = real.list_rows("cases")[0]
    by_name: dict[str, list[str]] = {}
    for row in rows:
        by_name.setdefault(row["PatientID"], []).append(row["collection_id"])
    shared = {name: collections for name, collections in by_name.items() if len(collections) > 1}
    assert len(shared) == 89
    found = real.identify_many(shared)
    for name, collections in shared.items():
        assert sorted(row_id for level, row_id in found[name] if level == "cases") == sorted(f"{item}/{name}" for item in collections)
    name = next(iter(shared))
    hits = [hit for hit in real.search(name, 20) if hit["label"] == name]
    assert {hit["collection_id"] for hit in hits} == set(shared[name])


def test_a_description_stands_for_all_its_series(real: Catalog) -> None:
    hit = next(hit for hit in real.search("totalsegmentator firstorder", 50) if hit["filters"])
    rows, total = real.list_rows("series", filters=hit["filters"], limit=1)
    assert total > 1 and rows[0]["collection_id"] == hit["collection_id"]


@pytest.mark.parametrize("text", ["(a+)+$" * 2000, "%", "_", "' OR 1=1 --", "\\", "x" * 1_000_000, "\u202e", "[[[[", "𝔘𝔫𝔦"])
def test_wildcards_quotes_and_bombs_are_letters(real: Catalog, text: str) -> None:
    assert len(real.search(text, 20)) <= 20
