"""Addresses of the portal and its viewers, both ways."""

from __future__ import annotations

import math
from typing import Any

import pytest

from IDCBrowserLib.catalog.about.links import portal_link, series_links, study_links
from IDCBrowserLib.logic.finding.search import is_link
from IDCBrowserLib.selection.portal_url import EXPLORE_URL, PortalAddress, PortalRequest, UnknownFilterError, format_url, is_portal_url, parse
from IDCBrowserLib.selection.portal_values import spell_out

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
        ("CancerType=Breast", {"cancer_types": ["Breast"]}),
        ("CancerType=Breast&tcia_cancerType=Lung&tcia_cancerType=Breast", {"cancer_types": ["Breast", "Lung"]}),
        # As the portal's slider writes it: the upper end is not in it.
        ("SliceThickness_ebtw=1&SliceThickness_ebtw=5", {"SliceThickness": {"min": 1, "max": math.nextafter(5, 0)}}),
        ("SliceThickness_ebtwe=0.5&SliceThickness_ebtwe=5", {"SliceThickness": {"min": 0.5, "max": 5}}),
        ("SliceThickness_btwe=1&SliceThickness_btwe=5", {"SliceThickness": {"min": math.nextafter(1, 2), "max": 5}}),
        ("SliceThickness_ebtw=1,5&SliceThickness_ebtw=None", {"SliceThickness": {"min": 1, "max": math.nextafter(5, 0), "any": [None]}}),
        ("SliceThickness=None&SliceThickness_lte=3", {"SliceThickness": {"max": 3, "any": [None]}}),
        ("SliceThickness=None", {"SliceThickness": [None]}),
        ("SliceThickness=2.5", {"SliceThickness": [2.5]}),
        ("SliceThickness_gte=3", {"SliceThickness": {"min": 3}}),
        ("SliceThickness_lt=3", {"SliceThickness": {"max": math.nextafter(3, 0)}}),
        # As its boxes of ranges write them, and as its own page reads them.
        ("min_PixelSpacing_ebtw=0,2&min_PixelSpacing_ebtw=2,4", {"SM_PixelSpacing": {"min": 0, "max": math.nextafter(4, 0)}}),
        (
            "min_PixelSpacing_ebtw=2,4&min_PixelSpacing_ebtw=0,9&min_PixelSpacing_ebtw=1,2",
            {"SM_PixelSpacing": {"min": 0, "max": math.nextafter(9, 0)}},
        ),
        ("min_PixelSpacing_ebtw=0%20To%202", {"SM_PixelSpacing": {"min": 0, "max": math.nextafter(2, 0)}}),
        ("max_TotalPixelMatrixColumns_ebtw=1,20001", {"TotalPixelMatrixColumns": {"min": 1, "max": 20000}}),
        ("max_TotalPixelMatrixRows_gt=20000", {"TotalPixelMatrixRows": {"min": 20001}}),
        ("max_TotalPixelMatrixRows_gte=99.5", {"TotalPixelMatrixRows": {"min": 100}}),
        ("max_TotalPixelMatrixRows_lt=99.5", {"TotalPixelMatrixRows": {"max": 99}}),
        ("ObjectiveLensPower=20&ObjectiveLensPower=40", {"ObjectiveLensPower": [20.0, 40.0]}),
        ("SegmentedPropertyTypeCodeSequence=27925004", {"SegmentedPropertyType": ["27925004"]}),
        ("primaryAnatomicStructure=SCT:39607008", {"primaryAnatomicStructure": ["SCT:39607008"]}),
        ("SegmentAlgorithmType=AUTOMATIC&SegmentAlgorithmName=BAMF,%20v2", {"AlgorithmType": ["AUTOMATIC"], "AlgorithmName": ["BAMF, v2"]}),
    ],
)
def test_filters_of_the_explorer(query: str, filters: dict[str, Any]) -> None:
    assert parse(PORTAL + query).filters == filters


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("something_new=1", "filter 'something_new'"),
        ("collection_id=nlst&age_at_diagnosis_ebtw=40&age_at_diagnosis_ebtw=60", "range of the filter 'age_at_diagnosis'"),
        ("Modality_ebtw=1&Modality_ebtw=3", "range of the filter 'Modality'"),
        ("SliceThickness_ebtw=1", "no two ends"),
        ("SliceThickness_ebtw=1&SliceThickness_ebtw=2&SliceThickness_ebtw=3", "no two ends"),
        ("SliceThickness_ebtw=3&SliceThickness_ebtw=1", "wrong way round"),
        ("SliceThickness_ebtw=1,2&SliceThickness_ebtw=5,6", "gaps"),
        ("SliceThickness_ebtw=thin&SliceThickness_ebtw=thick", "'thin' is not a number"),
        ("SliceThickness_gte=nan", "'nan' is not a number"),
        ("SliceThickness_gte=1&SliceThickness_gte=2", "one end"),
        ("SliceThickness_gte=1&SliceThickness_lte=2&SliceThickness_lt=9", "several ranges"),
        ("SliceThickness=thin", "'thin' is not a number"),
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


VALUES: dict[str, list[Any]] = {
    "Modality": ["CT", "MR", "SEG", "SM"],
    "BodyPartExamined": ["CHEST", "BREAST", None],
    "tumor_locations": ["Breast", "Breast, Chest", "Head-Neck", "breast, leg", None],
    "SegmentedPropertyType": ["Liver", "Nodule", "Something of ours"],
}


def values_of(column: str) -> list[Any]:
    return VALUES.get(column, [])


@pytest.mark.parametrize(
    "filters",
    [
        {"collection_id": ["lidc_idri", "nlst"], "Modality": ["CT"]},
        {"study_modality": {"all": ["CT", "SEG"]}},
        {"BodyPartExamined": [None, "HEAD & NECK, +100 %"]},
        {"license_short_name": ["National Library of Medicine Terms and Conditions; May 21, 2019"], "analysis_result_id": ["nlstseg"]},
        {"SliceThickness": {"min": 1, "max": 5}},
        {"SliceThickness": {"min": 1, "max": math.nextafter(5, 0)}},
        {"SliceThickness": [None]},
        {"ObjectiveLensPower": [20.0]},
        {"AlgorithmType": ["MANUAL"], "AlgorithmName": ["a, b"]},
    ],
)
def test_filters_come_back_from_their_address(filters: dict[str, Any]) -> None:
    made = format_url(filters, values_of)
    assert made.left_out == ()
    assert parse(made.url).filters == filters


def test_words_of_segments_are_codes_in_an_address_and_words_again() -> None:
    made = format_url({"SegmentedPropertyType": ["Liver", "Nodule", None]}, values_of)
    assert made == PortalAddress(
        "".join([EXPLORE_URL, *(f"SegmentedPropertyTypeCodeSequence={code}" + "&" * (code != "None") for code in ("10200004", "27925004", "None"))])
    )
    assert spell_out(parse(made.url).filters, values_of) == {"SegmentedPropertyType": ["Liver", "Nodule", None]}
    # Without the index file the words are those of the dictionary.
    assert spell_out({"SegmentedPropertyType": ["27925004", "4711"]}, lambda _column: []) == {"SegmentedPropertyType": ["Nodule", "4711"]}
    assert spell_out({"primaryAnatomicStructure": ["SCT:39607008"]}, lambda _column: ["LUNG"]) == {"primaryAnatomicStructure": ["LUNG"]}
    assert format_url({"primaryAnatomicStructure": ["Lung"]}, values_of).url.endswith("primaryAnatomicStructure=SCT%3A39607008")
    assert format_url({"SegmentedPropertyType": ["Liver", "Something of ours"]}, values_of).left_out == ("SegmentedPropertyType",)


def test_what_is_excluded_is_written_as_all_the_others_and_said() -> None:
    made = format_url({"Modality": {"none": ["SEG", "SM"]}, "BodyPartExamined": {"any": ["CHEST", "LEG"], "none": ["LEG"]}}, values_of)
    assert parse(made.url).filters == {"Modality": ["CT", "MR"], "BodyPartExamined": ["CHEST"]}
    assert made.left_out == ()
    assert made.notes[0] == "Modality: the portal cannot exclude; the address names all the other values of this IDC release."
    stated = format_url({"BodyPartExamined": {"none": [None]}}, values_of)
    assert parse(stated.url).filters == {"BodyPartExamined": ["CHEST", "BREAST"]}


def test_an_exclusion_whose_others_are_too_many_is_left_out() -> None:
    many = {"collection_id": [f"collection_number_{number}" for number in range(200)]}
    made = format_url({"Modality": ["CT"], "collection_id": {"none": ["collection_number_7"]}}, lambda column: many.get(column, []))
    assert made == PortalAddress(f"{EXPLORE_URL}Modality=CT", ("collection_id",))


def test_the_ends_of_a_slider_are_whole_and_what_they_mean_is_said() -> None:
    made = format_url({"SliceThickness": {"min": 1, "max": 5}}, values_of)
    assert made.url.endswith("SliceThickness_ebtwe=1&SliceThickness_ebtwe=5")
    assert made.notes == ("SliceThickness: the portal's slider does not include its upper end, 5.",)
    assert format_url({"SliceThickness": {"min": 3}}, values_of) == PortalAddress(f"{EXPLORE_URL}SliceThickness_ebtw=3&SliceThickness_ebtw=1000000")
    assert format_url({"SliceThickness": {"max": math.nextafter(5, 0)}}, values_of).url.endswith("SliceThickness_ebtw=0&SliceThickness_ebtw=5")
    for wanted in ({"min": 0.6, "max": 1.2}, {"min": 1, "max": 5, "any": [None]}, {"none": [1.0]}):
        assert format_url({"SliceThickness": wanted}, values_of).left_out == ("SliceThickness",)


def test_texts_that_list_places_are_single_places_in_an_address_if_these_mean_the_same() -> None:
    every = ["Breast", "Breast, Chest", "breast, leg"]
    made = format_url({"tumor_locations": every}, values_of)
    assert set(spell_out(parse(made.url).filters, values_of)["tumor_locations"]) == set(every)
    assert format_url({"tumor_locations": ["Breast, Chest"]}, values_of).url.endswith("tcia_tumorLocation=Chest")
    assert format_url({"tumor_locations": ["Breast"]}, values_of).left_out == ("tumor_locations",), "it would be all three in the portal"


def test_what_is_not_stated_has_one_name_in_an_address() -> None:
    assert format_url({"BodyPartExamined": [None]}, values_of) == PortalAddress(f"{EXPLORE_URL}BodyPartExamined=None")
    assert format_url({"BodyPartExamined": [""]}, values_of) == PortalAddress(f"{EXPLORE_URL}BodyPartExamined=None")


def test_what_the_portal_cannot_filter_by_is_named() -> None:
    filters = {
        "Modality": {"any": ["CT"]},
        "year": {"min": 2010},
        "ROIName": ["GTV"],
        "SM_PixelSpacing": {"max": 1},
        "study_modality": {"none": ["SEG"]},
        "PatientSex": ["F"],
    }
    assert format_url(filters, values_of) == PortalAddress(
        f"{EXPLORE_URL}Modality=CT", ("year", "ROIName", "SM_PixelSpacing", "study_modality", "PatientSex")
    )


@pytest.mark.parametrize(
    ("wanted", "said", "left_out"),
    [
        ({"all": ["CT"]}, "Modality=CT", ()),
        ({"all": ["CT", "SEG"], "none": []}, "Modality_op=AND&Modality=CT&Modality=SEG", ()),
        ({"all": ["CT"], "none": ["SEG"]}, "", ("study_modality",)),
        ({"any": ["CT"]}, "", ("study_modality",)),
    ],
)
def test_modalities_of_a_study_are_said_where_all_are_wanted_and_nothing_else(
    wanted: dict[str, list[str]], said: str, left_out: tuple[str, ...]
) -> None:
    address = format_url({"study_modality": wanted}, values_of)
    assert (address.url.removeprefix(EXPLORE_URL), address.left_out) == (said, left_out)


def test_a_place_stands_for_every_text_that_lists_it() -> None:
    texts = {"tumor_locations": ["Breast", "Breast, Chest", "Head-Neck", "breast, leg", None], "species": ["Human"], "cancer_types": []}
    spelled = spell_out({"tumor_locations": ["Breast", None], "Modality": ["CT"]}, texts.__getitem__)
    assert spelled == {"tumor_locations": ["Breast", "Breast, Chest", "breast, leg", None], "Modality": ["CT"]}
    assert spell_out({"tumor_locations": ["Moon"]}, texts.__getitem__) == {"tumor_locations": ["Moon"]}
