"""Filters with any, all, none and ranges; totals; what a series' study and side indices say."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.side_files import VERSION, write_side_index

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.engine.methods import catalog as methods
from IDCBrowserLib.errors import CatalogError, InputError
from IDCBrowserLib.task import Task

_SEG_STUDY = {"1.2.1.1", "1.2.1.2", "1.2.1.3"}
_ALL = {*_SEG_STUDY, "1.2.1.21", "1.2.1.31", "1.2.1.41"}


def found(catalog: Catalog, filters: dict) -> set[str]:
    rows, total = catalog.list_rows("series", filters=filters)
    # Totals and counts agree with the table.
    assert catalog.totals(filters)["series"] == total == len(rows)
    others = {name: wanted for name, wanted in filters.items() if name != "Modality"}
    assert sum(count for _, count in catalog.facets(others)["Modality"]) == len(catalog.list_rows("series", filters=others)[0])
    return {row["SeriesInstanceUID"] for row in rows}


@pytest.mark.parametrize(
    ("filters", "uids"),
    [
        ({"study_modality": ["SEG"]}, _SEG_STUDY),
        ({"study_modality": {"all": ["CT", "SEG"]}, "Modality": ["CT"]}, {"1.2.1.1", "1.2.1.2"}),
        ({"study_modality": {"all": ["MR", "SEG"]}}, set()),
        ({"study_modality": {"any": ["MR", "SEG"]}}, {*_SEG_STUDY, "1.2.1.31"}),
        ({"study_modality": {"none": ["SEG"]}}, _ALL - _SEG_STUDY),
        ({"Modality": {"none": ["CT"]}}, {"1.2.1.3", "1.2.1.31"}),
        ({"BodyPartExamined": {"none": [None]}}, {"1.2.1.21"}),
        ({"BodyPartExamined": {"none": ["CHEST"]}}, _ALL - {"1.2.1.21"}),
        ({"age_years": {"min": 50, "max": 50}}, {"1.2.1.21"}),
        ({"age_years": {"max": 49.5}}, set()),
        ({"age_years": [None]}, _ALL - {"1.2.1.21"}),
        ({"year": {"min": 2001}}, _ALL - {"1.2.1.41"}),
        ({"size_bytes": {"min": 1_500_001}}, set()),
        ({"instanceCount": {"max": 9}}, {"1.2.1.3"}),
        ({"instanceCount": {"min": 2}, "study_modality": ["SEG"], "species": ["Human"]}, {"1.2.1.1", "1.2.1.2"}),
        ({"cancer_types": {"none": ["Glioma"]}, "StudyDescription": ["Chest"], "year": [None]}, {"1.2.1.41"}),
        ({"Modality": {"any": [], "none": []}, "PatientSex": []}, _ALL),
    ],
)
def test_filters_mean_the_same_in_tables_counts_and_totals(catalog: Catalog, filters: dict, uids: set[str]) -> None:
    assert found(catalog, filters) == uids


def test_totals_are_those_of_the_summary(catalog: Catalog) -> None:
    assert catalog.totals() == {"series": 6, "studies": 4, "cases": 4, "bytes": 9_000_000}
    assert catalog.totals({"collection_id": ["lung_ct"]}) == {"series": 5, "studies": 3, "cases": 3, "bytes": 7_500_000}
    assert catalog.totals({"Modality": ["US"]}) == {"series": 0, "studies": 0, "cases": 0, "bytes": 0}


def test_the_modalities_of_studies_are_a_facet_that_ignores_itself(catalog: Catalog) -> None:
    assert catalog.facets({"study_modality": ["SEG"]})["study_modality"] == [("CT", 5), ("SEG", 3), ("MR", 1)]
    assert catalog.facets({"study_modality": ["SEG"]})["Modality"] == [("CT", 2), ("SEG", 1)]
    assert catalog.facets({"instanceCount": {"max": 9}})["study_modality"] == [("CT", 1), ("SEG", 1)]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"Modality": {"all": ["CT"]}}, "one Modality"),
        ({"Modality": {"min": 3}}, "contains text"),
        ({"study_modality": {"min": 3}}, "contains text"),
        ({"instanceCount": {"min": "few"}}, "'few' is not a number"),
        ({"instanceCount": {"max": float("nan")}}, "'nan' is not a number"),
        ({"instanceCount": [float("inf")]}, "'inf' is not a number"),
        ({"instanceCount": {"min": 10**400}}, "0' is not a number"),
        ({"Modality": {"like": ["C%"]}}, "neither a list of values nor an object"),
        ({"Modality": {"any": "CT"}}, "neither a list of values nor an object"),
        ({"age": ["3"]}, "no column 'age'"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_everywhere(catalog: Catalog, filters: dict, message: str) -> None:
    for ask in (lambda: catalog.list_rows("series", filters=filters), lambda: catalog.facets(filters), lambda: catalog.totals(filters)):
        with pytest.raises(InputError, match=message):
            ask()


_SEGS = [
    {
        "SeriesInstanceUID": "1.2.1.3",
        "segmented_SeriesInstanceUID": "1.2.1.1",
        "total_segments": 2,
        "AlgorithmType": "AUTOMATIC",
        "AlgorithmName": "NoduleNet",
        "SegmentedPropertyType_CodeMeanings": ["Nodule", "Lung"],
        "AnatomicRegion_CodeMeanings": None,
    },
    # Of a series that IDC does not have: it counts for nothing.
    {
        "SeriesInstanceUID": "1.2.2.9",
        "segmented_SeriesInstanceUID": "1.2.1.1",
        "total_segments": 1,
        "AlgorithmType": "MANUAL",
        "SegmentedPropertyType_CodeMeanings": ["Heart"],
        "AnatomicRegion_CodeMeanings": ["Chest"],
    },
]


@pytest.fixture(scope="module")
def with_segments(sources: Sources, cache_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    place = tmp_path_factory.mktemp("segments")
    folder = place / "indices" / VERSION
    write_side_index(folder, "seg_index", _SEGS)
    with Catalog(sources=replace(sources, side_folders=(folder,)), cache_folder=cache_folder) as it:
        yield it


@pytest.mark.parametrize(
    ("filters", "uids"),
    [
        ({"SegmentedPropertyType": ["Nodule"]}, {"1.2.1.3", "1.2.1.1"}),
        ({"SegmentedPropertyType": ["Nod%", "nodule"]}, set()),
        ({"SegmentedPropertyType": ["nothing", "Lung"], "Modality": ["CT"]}, {"1.2.1.1"}),
        ({"SegmentedPropertyType": {"none": ["Lung"]}}, set()),
        ({"AnatomicRegion": [None]}, {"1.2.1.3", "1.2.1.1"}),
        ({"total_segments": {"min": 3}}, set()),
        ({"AlgorithmType": ["AUTOMATIC"], "total_segments": {"min": 2}}, {"1.2.1.3", "1.2.1.1"}),
        ({"AlgorithmType": ["MANUAL"], "SegmentedPropertyType": ["Nodule"]}, set()),
    ],
)
def test_segmentations_and_their_images_are_found_by_what_is_in_them(with_segments: Catalog, filters: dict, uids: set[str]) -> None:
    assert found(with_segments, filters) == uids


def test_opened_rows_keep_their_meaning_however_many_filters_follow(with_segments: Catalog) -> None:
    view = with_segments.open_view("cases", filters={"SegmentedPropertyType": ["Nodule"], "Modality": ["CT"]})
    for number in range(70):
        with_segments.totals({"total_segments": {"min": 1, "max": number + 2}})
    assert with_segments.series_uids({"view": view["view"], "ranges": [[0, 0]]}) == ["1.2.1.1"]


def test_ids_with_filters_on_what_is_in_segmentations_mean_the_same(with_segments: Catalog) -> None:
    selection = {"level": "collections", "ids": ["lung_ct"], "filters": {"SegmentedPropertyType": ["Nodule"], "Modality": ["CT"]}}
    assert with_segments.series_uids(selection) == ["1.2.1.1"]
    with pytest.raises(CatalogError, match="needs the index file rtstruct_index"):
        with_segments.series_uids({**selection, "filters": {"ROIName": ["GTV"]}})


@pytest.mark.parametrize(
    ("column", "filters", "answer"),
    [
        ("age_years", None, {"bins": [[50, 50, 1]], "min": 50, "max": 50, "not_stated": 5}),
        ("age_years", {"age_years": {"max": 3}}, {"bins": [[50, 50, 1]], "min": 50, "max": 50, "not_stated": 5}),
        ("year", {"Modality": ["CT"]}, {"bins": [[2001, 2001, 3]], "min": 2001, "max": 2001, "not_stated": 1}),
        ("instanceCount", None, {"bins": [[1, 1, 1], [10, 19, 5]], "min": 1, "max": 10, "not_stated": 0}),
        ("size_bytes", {"instanceCount": {"max": 9}}, {"bins": [[1_000_000, 1_999_999, 1]], "min": 1_500_000, "max": 1_500_000, "not_stated": 0}),
        ("total_segments", {"AlgorithmType": ["AUTOMATIC"]}, {"bins": [[2, 4, 2]], "min": 2, "max": 2, "not_stated": 0}),
        ("total_segments", {"Modality": ["MR"]}, {"bins": [], "min": None, "max": None, "not_stated": 0}),
    ],
)
def test_numbers_are_distributed_in_bins_that_ignore_their_own_filter(with_segments: Catalog, column: str, filters: dict, answer: dict) -> None:
    assert with_segments.number_facet(column, filters) == answer


@pytest.mark.parametrize(
    ("filters", "uids"),
    [
        ({"age_years": {"any": [None], "min": 40, "max": 60}}, _ALL),
        ({"age_years": {"any": [None], "min": 60}}, _ALL - {"1.2.1.21"}),
        ({"instanceCount": {"any": [1], "min": 20}}, {"1.2.1.3"}),
    ],
)
def test_a_range_with_values_beside_it_means_either(catalog: Catalog, filters: dict, uids: set[str]) -> None:
    assert found(catalog, filters) == uids


def test_one_facet_is_counted_for_the_window(with_segments: Catalog) -> None:
    class State:
        def catalog(self) -> Catalog:
            return with_segments

    assert methods.facet_details(State(), {"column": "ROIName", "filters": {}}, Task()) == {"missing_index": "rtstruct_index"}
    assert methods.facet_details(State(), {"column": "SegmentedPropertyType", "filters": {"Modality": ["CT"]}}, Task()) == {
        "values": [("Lung", 1), ("Nodule", 1)]
    }
    assert methods.facet_details(State(), {"column": "year", "filters": {}}, Task())["bins"] == [[2001, 2001, 5]]


def test_what_is_in_segmentations_is_counted(with_segments: Catalog) -> None:
    content = with_segments.content_facets({"license_short_name": ["CC BY 3.0"]})
    assert content["SegmentedPropertyType"] == [("Lung", 1), ("Nodule", 1)]
    assert content["total_segments"] == [(2, 1)]
    assert content["ROIName"] == []
    assert with_segments.content_facets({"Modality": ["MR"]})["SegmentedPropertyType"] == []


def test_a_filter_on_a_missing_index_says_how_to_get_it(with_segments: Catalog) -> None:
    def view(filters: dict) -> None:
        with_segments.open_view("cases", None, filters=filters)

    for ask in (with_segments.totals, with_segments.facets, with_segments.content_facets, view):
        with pytest.raises(CatalogError, match=r"needs the index file rtstruct_index"):
            ask({"ROIName": ["GTV"]})


def test_the_answer_for_the_window_adds_totals_and_what_is_missing(with_segments: Catalog) -> None:
    class State:
        def catalog(self) -> Catalog:
            return with_segments

    answer = methods.facets(State(), {"filters": {"study_modality": ["SEG"]}}, Task())
    assert answer["totals"]["series"] == 3
    assert answer["missing_indices"] == ["rtstruct_index"]
    assert dict(answer["counts"]["Modality"]) == {"CT": 2, "SEG": 1}
