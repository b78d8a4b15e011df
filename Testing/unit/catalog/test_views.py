"""Tables: what they show, in which order, and what a selection of them means."""

from pathlib import Path

import pytest
from helpers.small_catalog import series, write_series

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import InputError, NotFoundError


def column(view: dict, name: str) -> list:
    return [row[view["columns"].index(name)] for row in view["rows"]]


def test_collections_count_what_is_in_them(catalog: Catalog) -> None:
    view = catalog.open_view("collections")
    assert column(view, "collection_id") == ["brain_mr", "lung_ct"]
    assert [column(view, name)[1] for name in ("cases", "studies", "series", "size_bytes")] == [3, 3, 5, 7_500_000]
    assert column(view, "modalities") == ["MR", "CT, SEG"]
    assert column(view, "license_short_name")[1] == "CC BY 3.0, CC BY 4.0"
    assert column(view, "cancer_types") == ["Glioma", "Lung Cancer"]


def test_case_ids_sort_as_people_count(catalog: Catalog) -> None:
    view = catalog.open_view("cases", [{"level": "collections", "ids": ["lung_ct"]}])
    assert column(view, "PatientID") == ["P2", "P10", "SHARED"]


def test_a_selection_of_rows_opens_what_is_below_them(catalog: Catalog) -> None:
    cases = catalog.open_view("cases", [{"level": "collections", "ids": ["lung_ct"]}])
    studies = catalog.open_view("studies", [{"view": cases["view"], "ranges": [[0, 0]]}])
    assert column(studies, "StudyInstanceUID") == ["1.2.1"]
    assert column(studies, "modalities") == ["CT, SEG"]
    series = catalog.open_view("series", [{"view": studies["view"], "ranges": [[0, 0]]}])
    assert column(series, "SeriesNumber") == ["1", "9", "10"]
    assert column(series, "series_aws_url")[1] == "s3://elsewhere/3/*"


def test_several_selections_add_up(catalog: Catalog) -> None:
    cases = catalog.open_view("cases")
    first_and_last = {"view": cases["view"], "ranges": [[0, 0], [cases["total"] - 1, cases["total"] - 1]]}
    view = catalog.open_view("series", [first_and_last, {"level": "studies", "ids": ["1.2.2"]}])
    assert set(column(view, "SeriesInstanceUID")) == {"1.2.1.1", "1.2.1.2", "1.2.1.3", "1.2.1.41", "1.2.1.21"}


def test_a_case_id_that_is_in_two_collections_means_one_of_them(catalog: Catalog) -> None:
    assert catalog.series_uids({"level": "cases", "ids": ["brain_mr/SHARED"]}) == ["1.2.1.31"]


def test_nothing_selected_shows_nothing(catalog: Catalog) -> None:
    assert catalog.open_view("studies", [])["total"] == 0
    cases = catalog.open_view("cases")
    assert catalog.open_view("studies", [{"view": cases["view"], "ranges": []}])["total"] == 0


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_empty_values_come_last_either_way(catalog: Catalog, direction: str) -> None:
    view = catalog.open_view("series", [{"level": "studies", "ids": ["1.2.1"]}], order_by=[["SeriesDescription", direction]])
    names = column(view, "SeriesDescription")
    assert names[-1] is None
    assert names[:2] == sorted(names[:2], reverse=direction == "desc")


def test_pages_continue_the_first_rows(catalog: Catalog) -> None:
    view = catalog.open_view("series", order_by=[["SeriesInstanceUID", "desc"]])
    assert catalog.page(view["view"], 0, 100) == view["rows"]
    assert catalog.page(view["view"], 2, 2) == view["rows"][2:4]
    assert catalog.page(view["view"], 100, 10) == []
    assert catalog.page(view["view"], 0, 0) == []


@pytest.mark.parametrize(("level", "row_id"), [("collections", "lung_ct"), ("cases", "lung_ct/P10"), ("studies", "1.2.4"), ("series", "1.2.1.3")])
def test_a_row_is_found_by_its_id(catalog: Catalog, level: str, row_id: str) -> None:
    view = catalog.open_view(level)
    position = catalog.row_of(view["view"], row_id)
    row = dict(zip(view["columns"], view["rows"][position], strict=True))
    assert "/".join(row[name] for name in view["id_columns"]) == row_id
    assert catalog.row_of(view["view"], "lung_ct/nobody") is None


def test_filters_narrow_by_column_and_add_up_within_one(catalog: Catalog) -> None:
    view = catalog.open_view("series", filters={"Modality": ["SEG", "MR"]})
    assert set(column(view, "Modality")) == {"SEG", "MR"}
    view = catalog.open_view("cases", filters={"Modality": ["CT"], "cancer_types": ["Lung Cancer"]})
    assert column(view, "PatientID") == ["P2", "P10", "SHARED"]
    assert column(view, "series") == [2, 1, 1]


def test_not_stated_is_a_value_to_filter_by(catalog: Catalog) -> None:
    assert catalog.open_view("series", filters={"PatientSex": [""]})["total"] == 5
    assert catalog.open_view("series", filters={"PatientSex": ["F", None]})["total"] == 6


def test_numbers_filter_numeric_columns_and_words_do_not(catalog: Catalog) -> None:
    assert catalog.open_view("series", filters={"instanceCount": ["1"]})["total"] == 1
    with pytest.raises(InputError, match="instanceCount contains numbers; 'few' is not a number"):
        catalog.open_view("series", filters={"instanceCount": ["few"]})


def test_an_unknown_column_is_answered_with_the_valid_ones(catalog: Catalog) -> None:
    with pytest.raises(InputError, match=r"no column 'modality' to filter by.*Modality"):
        catalog.open_view("series", filters={"modality": ["CT"]})
    with pytest.raises(InputError, match=r"no column 'x; DROP TABLE collections' to sort cases by"):
        catalog.open_view("cases", order_by=[["x; DROP TABLE collections", "asc"]])
    with pytest.raises(InputError, match="neither asc nor desc"):
        catalog.open_view("cases", order_by=[["PatientID", "up"]])
    with pytest.raises(InputError, match="no level 'images'"):
        catalog.open_view("images")


@pytest.mark.parametrize(
    ("text", "total"), [("100%", 1), ("'axial'", 1), ("AXIAL", 4), ("axial 21", 1), ("1_0", 0), ("[a-z]", 0), (".*", 0), ("  ", 6)]
)
def test_text_is_literal_and_ignores_letter_case(catalog: Catalog, text: str, total: int) -> None:
    assert catalog.open_view("series", text=text)["total"] == total


def test_an_underscore_is_no_wildcard(catalog: Catalog) -> None:
    assert catalog.open_view("studies", text="head_1")["total"] == 1
    assert catalog.open_view("studies", text="hea__1")["total"] == 0


def test_a_closed_view_says_what_to_do(catalog: Catalog) -> None:
    view = catalog.open_view("cases")["view"]
    catalog.close_view(view)
    catalog.close_view(view)
    with pytest.raises(NotFoundError, match="Show it again"):
        catalog.page(view, 0, 10)


def test_ids_with_quotes_and_slashes_are_only_ids(catalog: Catalog) -> None:
    assert catalog.series_uids({"level": "cases", "ids": ["lung_ct/P2' OR '1'='1"]}) == []
    assert catalog.series_uids({"level": "collections", "ids": ["lung%", "x\x1flung_ct"]}) == []
    with pytest.raises(InputError, match="not a case id"):
        catalog.series_uids({"level": "cases", "ids": ["P2"]})


def test_a_summary_counts_each_series_once(catalog: Catalog) -> None:
    cases = catalog.open_view("cases", [{"level": "collections", "ids": ["lung_ct"]}])
    summary = catalog.summary([{"view": cases["view"], "ranges": [[0, 2]]}, {"level": "studies", "ids": ["1.2.1"]}])
    assert summary == {
        "collections": 1,
        "cases": 3,
        "studies": 3,
        "series": 5,
        "bytes": 7_500_000,
        "licenses": {"CC BY 4.0": 4, "CC BY 3.0": 1},
        "modalities": {"CT": 4, "SEG": 1},
        "added_series": 0,
        "added_bytes": 0,
        "guessed_images": 0,
        "guessed_derived": 0,
    }
    assert catalog.summary([])["series"] == 0


def test_series_rows_have_the_columns_asked_for(catalog: Catalog) -> None:
    assert catalog.series_rows(["1.2.1.3", "9.9"], ("SeriesInstanceUID", "series_aws_url")) == [
        {"SeriesInstanceUID": "1.2.1.3", "series_aws_url": "s3://elsewhere/3/*"}
    ]
    assert catalog.series_rows([]) == []
    with pytest.raises(InputError, match="no column 'nothing'"):
        catalog.series_rows(["1.2.1.3"], ("nothing",))


def test_a_selection_of_another_shape_is_refused(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="a view and ranges, or a level and ids"):
        catalog.series_uids({"rows": [1]})
    view = catalog.open_view("cases")["view"]
    with pytest.raises(InputError, match="pairs of row numbers"):
        catalog.series_uids({"view": view, "ranges": [1]})


def test_a_row_of_a_filtered_view_stands_for_the_series_it_counts(catalog: Catalog) -> None:
    filters = {"Modality": ["SEG"]}
    collections = catalog.open_view("collections", filters=filters)
    assert column(collections, "collection_id") == ["lung_ct"]
    chosen = [{"view": collections["view"], "ranges": [[0, 0]]}]
    assert catalog.summary(chosen)["series"] == column(collections, "series")[0]
    assert catalog.summary(chosen)["modalities"] == {"SEG": column(collections, "series")[0]}
    assert {row["Modality"] for row in catalog.series_rows(chosen, ("Modality",))} == {"SEG"}
    cases = catalog.open_view("cases", chosen)
    assert sum(column(cases, "series")) == column(collections, "series")[0]


def test_analysis_results_are_rows_of_their_own(catalog: Catalog) -> None:
    view = catalog.open_view("analysis_results")
    assert column(view, "analysis_result_id") == ["nodules_seg"]
    assert column(view, "analysis_result_title") == ["Nodules, segmented"]
    assert [column(view, name)[0] for name in ("modalities", "collections", "cases", "series")] == ["SEG", "lung_ct", 1, 1]
    chosen = {"view": view["view"], "ranges": [[0, 0]]}
    assert catalog.series_uids(chosen) == catalog.series_uids({"level": "analysis_results", "ids": ["nodules_seg"]}) == ["1.2.1.3"]
    assert catalog.open_view("cases", [chosen])["total"] == 1
    assert catalog.row_of(view["view"], "nodules_seg") == 0


def test_filters_hold_for_analysis_results_too(catalog: Catalog) -> None:
    assert catalog.open_view("analysis_results", filters={"Modality": ["CT"]})["total"] == 0
    assert catalog.open_view("analysis_results", filters={"Modality": ["SEG"]}, text="NODULES segm")["total"] == 1


def test_a_further_file_with_an_analysis_result_of_its_own_is_counted(sources: Sources, filled_cache_folder: Path, tmp_path: Path) -> None:
    own = write_series(tmp_path / "own.parquet", [series(77, collection_id="own", PatientID="O1", analysis_result_id="own_seg")])
    shared = write_series(tmp_path / "shared.parquet", [series(78, collection_id="other", PatientID="O2", analysis_result_id="nodules_seg")])
    for further, count in ((own, [1, 1]), (shared, [2])):
        with Catalog([further], sources, filled_cache_folder) as catalog:
            assert column(catalog.open_view("analysis_results"), "series") == count


def test_the_details_of_an_analysis_result(catalog: Catalog) -> None:
    shown = catalog.details("analysis_results", "nodules_seg")
    assert shown["title"] == "Nodules, segmented"
    assert ["Series", "1"] in shown["items"]
    assert shown["links"] == [["DOI 10.5281/nodules", "https://doi.org/10.5281/nodules", "doi"]]
    with pytest.raises(NotFoundError, match="no analysis result 'nothing'"):
        catalog.details("analysis_results", "nothing")
