"""What to cite for a plan, from the index alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.planned import planned
from helpers.small_catalog import uuid, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.selection.citations import IDC_PAPER, cite
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.resolve import resolve


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(sources=write_sources(tmp_path_factory.mktemp("index"))) as opened:
        yield opened


def test_each_source_is_cited_once_with_the_licenses_of_its_series(catalog: Catalog) -> None:
    cited = cite(catalog, resolve(catalog, ["lung_ct"]))
    assert [(source.doi, source.series, source.licenses) for source in cited.sources] == [("10.7937/lung", 5, ("CC BY 4.0", "CC BY 3.0"))]
    assert cited.sources[0].describe() == "Doe, J. (2020). Lungs https://doi.org/10.7937/lung"


def test_the_text_names_release_size_licenses_and_all_references(catalog: Catalog) -> None:
    text = cite(catalog, resolve(catalog, ["lung_ct", "brain_mr"])).describe()
    assert "6 DICOM series (9.0 MB) of the collections brain_mr, lung_ct, from release 25" in text
    assert "Licenses: CC BY 3.0, CC BY 4.0, CC BY-NC 4.0." in text
    assert "must not be used commercially" in text
    assert f"1. {IDC_PAPER}" in text and "2. Doe, J. (2020). Lungs" in text
    assert "3. Data. https://doi.org/10.7937/brain" in text, "a source without a citation is named by its DOI"


def test_a_citation_that_ends_with_its_doi_in_other_letters_is_not_given_it_twice(catalog: Catalog) -> None:
    cited = cite(catalog, Plan((planned(uuid(1), 1, source_doi="10.7937/LUNG"),)))
    assert cited.sources[0].doi == "10.7937/lung"
    assert cited.sources[0].citation == "Doe, J. (2020). Lungs"


def test_series_without_a_doi_are_counted(catalog: Catalog) -> None:
    cited = cite(catalog, Plan((planned(uuid(1), 1, source_doi=None), planned(uuid(2), 2, source_doi="10.7937/lung"))))
    assert cited.undocumented == 1
    assert "The index states no DOI for 1 series." in cited.describe()


def test_the_document_is_json(catalog: Catalog) -> None:
    document = json.loads(json.dumps(cite(catalog, resolve(catalog, ["lung_ct"])).to_json()))
    assert document["sources"][0]["reference"].startswith("Doe, J.")
    assert document["series"] == 5


def test_an_empty_plan_has_nothing_but_idc_itself(catalog: Catalog, tmp_path: Path) -> None:
    cited = cite(catalog, Plan())
    assert (cited.sources, cited.series, cited.collections) == ((), 0, ())


def test_bibtex_has_an_entry_for_the_paper_and_each_source_with_keys_of_their_own(catalog: Catalog) -> None:
    text = cite(catalog, resolve(catalog, ["lung_ct", "brain_mr"])).bibtex()
    keys = [line.partition("{")[2] for line in text.splitlines() if line.startswith("@")]
    assert keys == ["idc_radiographics_2023,", "10_7937_lung,", "10_7937_brain,"]
    assert text.count("{") == text.count("}")
