"""Identifiers, search, facets, relations and details."""

import pytest
from helpers.made_parquet import write_rows
from helpers.small_catalog import GONE_UID, GONE_UUID, SERIES, uuid

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import InputError, NotFoundError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lung_ct", [("collections", "lung_ct")]),
        ("LUNG-CT", [("collections", "lung_ct")]),
        ("P10", [("cases", "lung_ct/P10")]),
        ("p10", [("cases", "lung_ct/P10")]),
        ("lung_ct/P10", [("cases", "lung_ct/P10")]),
        ("1.2.1", [("studies", "1.2.1")]),
        (' "1.2.1.3", ', [("series", "1.2.1.3")]),
        (uuid(3).upper(), [("series", "1.2.1.3")]),
        (f"s3://idc-open-data/{uuid(3)}/*", [("series", "1.2.1.3")]),
        (f"gs://public-datasets-idc/{uuid(3)}/", [("series", "1.2.1.3")]),
        (f"S3://idc-open-data/{uuid(3)}", [("series", "1.2.1.3")]),
        (f"s3://idc-open-data/{uuid(3)}/{uuid(99)}.dcm", [("series", "1.2.1.3")]),
        (f"https://idc-open-data.s3.amazonaws.com/{uuid(3)}/{uuid(99)}.dcm", [("series", "1.2.1.3")]),
        (GONE_UUID, [("prior_series", GONE_UUID)]),
        (GONE_UID, [("prior_series", GONE_UUID)]),
        ("nodules_seg", [("analysis_results", "nodules_seg")]),
        ("P%", []),
        ("P1_", []),
        ("' OR 1=1 --", []),
        ("", []),
        ("a\x1fb", []),
    ],
)
def test_an_identifier_of_any_level_is_recognized(catalog: Catalog, text: str, found: list) -> None:
    assert catalog.identify(text) == found


def test_a_patient_id_of_two_collections_is_both(catalog: Catalog) -> None:
    assert sorted(catalog.identify("SHARED")) == [("cases", "brain_mr/SHARED"), ("cases", "lung_ct/SHARED")]


def test_many_identifiers_are_answered_under_the_texts_asked(catalog: Catalog) -> None:
    texts = [uuid(3), uuid(3).upper(), "1.2.2", "nothing"]
    assert catalog.identify_many(texts) == {
        texts[0]: [("series", "1.2.1.3")],
        texts[1]: [("series", "1.2.1.3")],
        "1.2.2": [("studies", "1.2.2")],
        "nothing": [],
    }


def test_rows_of_an_earlier_release_are_found_by_uuid(catalog: Catalog) -> None:
    rows = catalog.prior_series_rows([GONE_UUID, "no such"])
    assert [(row["SeriesInstanceUID"], row["max_idc_version"]) for row in rows] == [(GONE_UID, 3)]


@pytest.mark.parametrize(
    ("text", "level", "row_id"),
    [
        ("lung ct", "collections", "lung_ct"),
        ("lugn ct", "collections", "lung_ct"),
        ("glioma", "collections", "brain_mr"),
        ("nodules", "analysis_results", "nodules_seg"),
        ("p10", "cases", "lung_ct/P10"),
        ("1.2.4", "studies", "1.2.4"),
        ("1.2.1.31", "series", "1.2.1.31"),
        ("https://doi.org/10.7937/brain", "collections", "brain_mr"),
        ("doi:10.7937/brain", "collections", "brain_mr"),
        (" 'DOI: 10.7937/BRAIN' ", "collections", "brain_mr"),
        ("http://dx.doi.org/10.7937%2Fbrain", "collections", "brain_mr"),
        (f"s3://idc-open-data/{uuid(3)}/*", "series", "1.2.1.3"),
        (uuid(41)[:8], "series", "1.2.1.41"),
        ("segmentation of", "series", "1.2.1.3"),
        ("10.7937/brain", "collections", "brain_mr"),
        (GONE_UUID[:14], "prior_series", GONE_UUID),
        ("100% 'axial'", "series", "1.2.1.31"),
        ('"1.2.4"', "studies", "1.2.4"),
    ],
)
def test_the_best_hit_is_what_was_meant(catalog: Catalog, text: str, level: str, row_id: str) -> None:
    hits = catalog.search(text)
    assert (hits[0]["level"], hits[0]["id"]) == (level, row_id)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "zzzzzz", "%", "[", "(a+)+$", "x" * 100_000])
def test_a_search_that_fits_nothing_finds_nothing(catalog: Catalog, text: str) -> None:
    assert [hit for hit in catalog.search(text) if "%" not in hit["label"]] == []


def test_a_shared_case_id_is_listed_with_both_collections(catalog: Catalog) -> None:
    hits = catalog.search("shared", 2)
    assert {(hit["collection_id"], hit["description"]) for hit in hits} == {("brain_mr", "case of brain_mr"), ("lung_ct", "case of lung_ct")}


def test_facets_count_series_and_ignore_their_own_filter(catalog: Catalog) -> None:
    assert catalog.facets()["Modality"] == [("CT", 4), ("MR", 1), ("SEG", 1)]
    facets = catalog.facets({"Modality": ["SEG"], "species": ["Human"]})
    assert facets["Modality"] == [("CT", 4), ("MR", 1), ("SEG", 1)]
    assert facets["license_short_name"] == [("CC BY 3.0", 1)]
    assert facets["cancer_types"] == [("Lung Cancer", 1)]
    assert facets["PatientSex"] == [(None, 1)]


def test_facets_follow_filters_on_any_column(catalog: Catalog) -> None:
    assert catalog.facets({"StudyDescription": ["Head_1"]})["collection_id"] == [("brain_mr", 1)]
    with pytest.raises(InputError, match="no column 'Color'"):
        catalog.facets({"Color": ["red"]})


def test_without_a_side_index_relations_are_called_what_they_are(catalog: Catalog) -> None:
    answer = catalog.related("1.2.1.3")
    assert [(row["SeriesInstanceUID"], row["relation"]) for row in answer["series"]] == [("1.2.1.1", "same study"), ("1.2.1.2", "same study")]
    assert "seg_index and rtstruct_index" in answer["warnings"][0]
    assert [row["SeriesInstanceUID"] for row in catalog.related("1.2.1.1")["series"]] == ["1.2.1.3"]
    assert catalog.related("1.2.1.31")["series"] == []


def test_a_seg_index_settles_what_refers_to_what(sources: Sources, tmp_path) -> None:
    index = write_rows(
        tmp_path / "seg_index.parquet",
        {"SeriesInstanceUID": "VARCHAR", "segmented_SeriesInstanceUID": "VARCHAR"},
        [{"SeriesInstanceUID": "1.2.1.3", "segmented_SeriesInstanceUID": "1.2.1.1"}],
    )
    with Catalog([index], sources, tmp_path / "cache") as catalog:
        answer = catalog.related("1.2.1.3")
        assert [(row["SeriesInstanceUID"], row["relation"]) for row in answer["series"]] == [("1.2.1.1", "it refers to this")]
        answer = catalog.related("1.2.1.1")
        assert [(row["SeriesInstanceUID"], row["relation"]) for row in answer["series"]] == [("1.2.1.3", "refers to it")]
        assert catalog.related("1.2.1.2")["series"] == []


def test_an_unknown_series_has_no_relations(catalog: Catalog) -> None:
    with pytest.raises(NotFoundError, match=r"no series '9\.9'"):
        catalog.related("9.9")


def test_the_collection_card_is_text_with_links(catalog: Catalog) -> None:
    card = catalog.details("collections", "lung_ct")
    assert card["title"] == "Lung-CT"
    assert ["Cancer type", "Lung Cancer"] in card["items"]
    assert ["Size", "7.5 MB"] in card["items"]
    assert card["text"].startswith("CT of lungs & nodules.\n\nSee the page.")
    source, idc = card["sections"]
    assert source["heading"] == "Data of lungs"
    assert source["items"] == [["DOI", "10.7937/lung"], ["License", "Attribution 4.0"], ["Cite as", "Doe, J. (2020). Lungs"]]
    assert "cite" in idc["heading"] and "10.1148/rg.230180" in idc["text"]
    assert ["DOI 10.7937/lung", "https://doi.org/10.7937/lung", "doi"] in card["links"]


def test_text_that_is_no_html_stays_as_it_is(catalog: Catalog) -> None:
    assert catalog.details("collections", "brain_mr")["text"] == "Plain < text"


@pytest.mark.parametrize(
    ("level", "row_id", "item"),
    [("cases", "lung_ct/P2", ["Series", "3"]), ("studies", "1.2.1", ["Modalities", "CT, SEG"]), ("series", "1.2.1.3", ["Size", "1.5 MB"])],
)
def test_details_of_every_level_leave_out_what_is_empty(catalog: Catalog, level: str, row_id: str, item: list) -> None:
    details = catalog.details(level, row_id)
    assert item in details["items"]
    assert all(value not in ("", "None", "nan") for _, value in details["items"])


def test_details_of_an_unknown_id_name_it(catalog: Catalog) -> None:
    for level, row_id in (("collections", "nope"), ("cases", "lung_ct/nope"), ("studies", "9.9"), ("series", "9.9")):
        with pytest.raises(NotFoundError, match=row_id):
            catalog.details(level, row_id)


def test_info_counts_every_level(catalog: Catalog) -> None:
    info = catalog.info()
    assert (info["idc_version"], info["collections"], info["cases"], info["studies"], info["series"]) == ("25", 2, 4, 4, len(SERIES))
    assert info["bytes"] == 9_000_000
