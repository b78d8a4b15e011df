"""Addresses of the portal and its viewers, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from IDCBrowserLib.catalog.about.links import portal_link, series_links, study_links
from IDCBrowserLib.logic.finding.search import is_link
from IDCBrowserLib.selection.portal_url import EXPLORE_URL, PortalRequest, UnknownFilterError, format_url, is_portal_url, parse, spell_out

PORTAL = EXPLORE_URL
VIEWER = "https://viewer.imaging.datacommons.cancer.gov/"


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("collection_id=lidc_idri", {"collection_id": ["lidc_idri"]}),
        ("collection_id=lidc_idri&collection_id=nlst", {"collection_id": ["lidc_idri", "nlst"]}),
        ("collection_id=lidc_idri,nlst", {"collection_id": ["lidc_idri", "nlst"]}),
        ("collection_id=NCI_Trials&collection_id=nlst", {"collection_id": ["nlst"]}),
        ("collection_id=TCGA", {"program_id": ["tcga"]}),
        ("Modality_op=OR&Modality=CT&Modality=SEG", {"Modality": ["CT", "SEG"]}),
        ("Modality_op=AND&Modality=CT&Modality=SEG", {"study_modality": {"all": ["CT", "SEG"]}}),
        ("Modality_op=AND&Modality=CT", {"Modality": ["CT"]}),
        ("BodyPartExamined=None&BodyPartExamined=CHEST", {"BodyPartExamined": [None, "CHEST"]}),
        (
            "license_short_name=National%20Library%20of%20Medicine%20Terms%20and%20Conditions;%20May%2021,%202019",
            {"license_short_name": ["National Library of Medicine Terms and Conditions; May 21, 2019"]},
        ),
        ("analysis_results_id=nlstseg&access=Public", {"analysis_result_id": ["nlstseg"]}),
        ("tcia_tumorLocation=Breast", {"tumor_locations": ["Breast"]}),
    ],
)
def test_filters_of_the_explorer(query: str, filters: dict[str, Any]) -> None:
    assert parse(PORTAL + query).filters == filters


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("something_new=1", "filter 'something_new'"),
        ("collection_id=nlst&SliceThickness_ebtw=1&SliceThickness_ebtw=3", "range 'SliceThickness_ebtw'"),
        ("", "all of IDC"),
        ("access=Public", "all of IDC"),
        ("BodyPartExamined_op=AND&BodyPartExamined=A&BodyPartExamined=B", "no series has several"),
        ("shared_cart=abc", "save its manifest"),
    ],
)
def test_what_cannot_be_honored_is_refused_as_a_whole(query: str, reason: str) -> None:
    with pytest.raises(UnknownFilterError, match=reason):
        parse(PORTAL + query)


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        (f"{VIEWER}v3/viewer/?StudyInstanceUIDs=1.2&initialSeriesInstanceUID=1.2.3", ("1.2.3",)),
        (f"{VIEWER}v3/viewer/?StudyInstanceUIDs=1.2&SeriesInstanceUIDs=1.2.3,1.2.4", ("1.2.3", "1.2.4")),
        (f"{VIEWER}v3/viewer/?StudyInstanceUIDs=1.2", ("1.2",)),
        (f"{VIEWER}viewer/1.2?SeriesInstanceUID=1.2.3", ("1.2.3",)),
        (f"{VIEWER}viewer/1.2", ("1.2",)),
        (f"{VIEWER}slim/studies/1.2", ("1.2",)),
        (f"{VIEWER}slim/studies/1.2/series/1.2.3", ("1.2.3",)),
        ("https://volview.kitware.app/?urls=[s3://idc-open-data/aa,s3://idc-open-data/bb]", ("s3://idc-open-data/aa", "s3://idc-open-data/bb")),
        ("https://portal.imaging.datacommons.cancer.gov/analysis_results/nlstseg/", ("nlstseg",)),
    ],
)
def test_addresses_of_viewers_name_studies_and_series(url: str, ids: tuple[str, ...]) -> None:
    assert is_portal_url(url)
    assert parse(url).ids == ids


def test_a_page_of_the_portal_names_its_collection() -> None:
    assert parse("https://portal.imaging.datacommons.cancer.gov/collections/lidc_idri/") == PortalRequest(collection="lidc_idri")


def details_links() -> list[str]:
    row = {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.3", "aws_bucket": "idc-open-data", "crdc_series_uuid": "aa", "source_DOI": ""}
    rows = [{**row, "Modality": modality} for modality in ("CT", "SM", "SEG")]
    made = [portal_link("lidc_idri"), *study_links("1.2", rows), *(link for one in rows for link in series_links(one, False))]
    return sorted({address for _label, address, _kind in made})


@pytest.mark.parametrize("url", details_links())
def test_what_the_details_link_to_is_understood_when_it_is_pasted(url: str) -> None:
    assert is_portal_url(url) and is_link(url)
    asked = parse(url)
    assert asked.filters == {"collection_id": ["lidc_idri"]} or asked.ids in (("1.2",), ("1.2.3",), ("s3://idc-open-data/aa",))


@pytest.mark.parametrize(
    "text", ["http://[", "lidc_idri", "https://evil.example/imaging.datacommons.cancer.gov", "ftp://imaging.datacommons.cancer.gov/"]
)
def test_other_texts_are_no_addresses_of_the_portal(text: str) -> None:
    assert not is_portal_url(text)


@pytest.mark.parametrize(
    "filters",
    [
        {"collection_id": ["lidc_idri", "nlst"], "Modality": ["CT"]},
        {"study_modality": {"all": ["CT", "SEG"]}},
        {"BodyPartExamined": [None, "HEAD & NECK, +100 %"]},
        {"license_short_name": ["National Library of Medicine Terms and Conditions; May 21, 2019"], "analysis_result_id": ["nlstseg"]},
    ],
)
def test_filters_come_back_from_their_address(filters: dict[str, Any]) -> None:
    url, left_out = format_url(filters)
    assert left_out == ()
    assert parse(url).filters == filters


def test_what_is_not_stated_has_one_name_in_an_address() -> None:
    assert format_url({"BodyPartExamined": [None]}) == format_url({"BodyPartExamined": [""]}) == (f"{EXPLORE_URL}BodyPartExamined=None", ())


def test_what_the_portal_cannot_filter_by_is_named() -> None:
    filters = {"Modality": {"any": ["CT"]}, "year": {"min": 2010}, "collection_id": {"none": ["nlst"]}, "ROIName": ["GTV"]}
    assert format_url(filters) == (f"{EXPLORE_URL}Modality=CT", ("year", "collection_id", "ROIName"))


def test_a_place_stands_for_every_text_that_lists_it() -> None:
    texts = {"tumor_locations": ["Breast", "Breast, Chest", "Head-Neck", "breast, leg", None], "species": ["Human"], "cancer_types": []}
    spelled = spell_out({"tumor_locations": ["Breast", None], "Modality": ["CT"]}, texts.__getitem__)
    assert spelled == {"tumor_locations": ["Breast", "Breast, Chest", "breast, leg", None], "Modality": ["CT"]}
    assert spell_out({"tumor_locations": ["Moon"]}, texts.__getitem__) == {"tumor_locations": ["Moon"]}
