"""The tree of series, and search by codes, algorithms and with mistakes, on indices of which SQL knows the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers.side_files import VERSION, write_side_index
from helpers.small_catalog import series, write_sources

from IDCBrowserLib.api import tree as api
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.tree import FileTold, unsaid, with_told
from IDCBrowserLib.errors import InputError

STUDY = (
    series(1, SeriesNumber="1"),
    series(2, SeriesNumber="2", SeriesDescription="Thin"),
    series(3, Modality="SEG", SeriesNumber="3"),
    series(4, Modality="RTSTRUCT", SeriesNumber="4"),
    series(5, Modality="SR", SeriesNumber="5"),
    series(6, Modality="SEG", SeriesNumber="6"),
)


@pytest.fixture
def catalog(tmp_path: Path):
    from dataclasses import replace

    sources = write_sources(tmp_path / "index", STUDY)
    folder = tmp_path / "side"
    write_side_index(
        folder,
        "seg_index",
        [
            {
                "SeriesInstanceUID": "1.2.1.3",
                "total_segments": 5,
                "AlgorithmType": "AUTOMATIC",
                "AlgorithmName": "TotalSegmentator v2",
                "segmented_SeriesInstanceUID": "1.2.1.2",
                "SegmentedPropertyType_CodeMeanings": ["Heart", "Aorta", "Lung"],
            },
            {"SeriesInstanceUID": "1.2.1.6", "AlgorithmType": "MANUAL", "segmented_SeriesInstanceUID": "9.9", "total_segments": 1},
        ],
    )
    write_side_index(
        folder,
        "rtstruct_index",
        [{"SeriesInstanceUID": "1.2.1.4", "total_rois": 2, "ROINames": ["GTV-1", "Spinal cord"], "referenced_SeriesInstanceUID": "1.2.1.1"}],
    )
    write_side_index(folder, "ct_index", [{"SeriesInstanceUID": "1.2.1.2", "SliceThickness": 1.25}])
    with Catalog(sources=replace(sources, side_folders=(folder,), data_version=VERSION), cache_folder=tmp_path / "none") as opened:
        assert opened.missing_indices() == []
        yield opened


def rows_by_number(catalog, referenced=lambda _uids: {}):
    view = catalog.open_view("series")
    place = view["columns"].index("SeriesNumber")
    told = catalog.tree(view["view"], referenced)
    return {int(view["rows"][row["row"]][place]): row for row in told["rows"]}, told


def test_what_an_index_says_is_below_its_image_with_contents_maker_and_thickness(catalog) -> None:
    rows, told = rows_by_number(catalog)
    assert rows[3]["of"] == rows[2]["row"] and rows[4]["of"] == rows[1]["row"]
    assert rows[3]["contents"] == ["Heart", "Aorta", "Lung"] and rows[3]["parts"] == 5
    assert (rows[3]["maker"], rows[3]["algorithm"]) == ("algorithm", "TotalSegmentator v2")
    assert (rows[6]["maker"], rows[6]["of"]) == ("person", None), "its image is not in the view"
    assert rows[2]["slice_thickness"] == 1.25 and rows[1]["slice_thickness"] is None
    assert told["missing_indices"] == []


def test_what_only_the_file_says_is_asked_for_once_and_believed(catalog) -> None:
    asked = []

    def referenced(uids):
        asked.append(sorted(uids))
        return {"1.2.1.5": FileTold(["7.7", "1.2.1.2"], {"measurements": 28, "organs": 104})}

    rows, _told = rows_by_number(catalog, referenced)
    assert asked == [["1.2.1.5", "1.2.1.6"]]
    assert rows[5]["of"] == rows[2]["row"] and rows[6]["of"] is None
    assert rows[5]["counted"] == {"measurements": 28, "organs": 104} and rows[6]["counted"] == {}


@pytest.fixture
def slides_and_pet(tmp_path: Path):
    from dataclasses import replace

    study = (
        series(1, Modality="SM"),
        series(2, Modality="ANN"),
        *(series(number, Modality="PT") for number in range(3, 8)),
        series(8, Modality="ANN"),
    )
    sources = write_sources(tmp_path / "index", tuple({**row, "SeriesNumber": str(number)} for number, row in enumerate(study, 1)))
    folder = tmp_path / "side"
    images = [["DERIVED", "PRIMARY", "VOLUME", "NONE"], ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"], ["DERIVED", "PRIMARY", "LABEL", "NONE"]]
    write_side_index(
        folder,
        "sm_instance_index",
        [{"SOPInstanceUID": f"9.{number}", "SeriesInstanceUID": "1.2.1.1", "ImageType": kind} for number, kind in enumerate(images)],
    )
    write_side_index(folder, "ann_index", [{"SeriesInstanceUID": "1.2.1.2", "referenced_SeriesInstanceUID": "1.2.1.1"}])
    group = {"SeriesInstanceUID": "1.2.1.2", "AnnotationGroupGenerationType": "AUTOMATIC", "AlgorithmName": "Cells 1"}
    write_side_index(
        folder,
        "ann_group_index",
        [{**group, "NumberOfAnnotations": 1200, "AnnotationPropertyType_CodeMeaning": "Nucleus"}, {**group, "NumberOfAnnotations": 34}],
    )
    good = {"Units": "BQML", "CorrectedImage": ["ATTN", "DECY", "SCAT"], "DecayCorrection": "START", "RadionuclideTotalDose": 3.7e8}
    others = (
        {},
        {"CorrectedImage": ["DECY"]},
        {"DecayCorrection": "NONE"},
        {"RadionuclideTotalDose": 370.0},
        {"Units": "GML", "RadionuclideTotalDose": None},
    )
    write_side_index(folder, "pt_index", [{"SeriesInstanceUID": f"1.2.1.{number}", **good, **other} for number, other in enumerate(others, 3)])
    with Catalog(sources=replace(sources, side_folders=(folder,), data_version=VERSION), cache_folder=tmp_path / "none") as opened:
        yield opened


def test_annotations_are_below_their_slide_with_what_and_how_many_they_are(slides_and_pet) -> None:
    rows, told = rows_by_number(slides_and_pet)
    assert rows[2]["of"] == rows[1]["row"] and rows[8]["of"] is None
    assert (rows[2]["contents"], rows[2]["counted"], rows[2]["maker"]) == (["Nucleus"], {"annotations": 1234}, "algorithm")
    assert rows[2]["algorithm"] == "Cells 1" and rows[8]["counted"] == {}
    assert told["missing_indices"] == []


def test_labels_and_overviews_are_no_levels_of_a_slide(slides_and_pet) -> None:
    assert rows_by_number(slides_and_pet)[0][1]["counted"] == {"levels": 2}


def test_a_pet_is_probably_suv_when_units_corrections_and_dose_are_there(slides_and_pet) -> None:
    rows, _told = rows_by_number(slides_and_pet)
    assert [rows[number]["suv"] for number in range(3, 8)] == [True, False, False, False, True]
    assert rows[1]["suv"] is None


@pytest.mark.parametrize("name", ["sm_instance_index", "ann_index", "ann_group_index", "pt_index"])
def test_an_index_damaged_inside_costs_only_what_it_says(slides_and_pet, tmp_path, name: str) -> None:
    path = tmp_path / "side" / f"{name}.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(len(content) // 3) + content[4 + len(content) // 3 :])
    rows, _told = rows_by_number(slides_and_pet)
    assert (rows[1]["counted"] == {}) == (name == "sm_instance_index")
    assert rows[2]["of"] == 0, "what refers to what was copied when the catalog was opened"
    assert (rows[2]["counted"] == {}) == (name == "ann_group_index")
    assert (rows[3]["suv"] is None) == (name == "pt_index")


def test_without_their_indices_slides_annotations_and_pet_are_what_their_rows_say(tmp_path) -> None:
    sources = write_sources(
        tmp_path / "index",
        (series(1, Modality="SM", SeriesNumber="1"), series(2, Modality="ANN", SeriesNumber="2"), series(3, Modality="PT", SeriesNumber="3")),
    )
    with Catalog(sources=sources, cache_folder=tmp_path / "none") as opened:
        rows, told = rows_by_number(opened)
    assert [rows[number]["counted"] for number in (1, 2, 3)] == [{}, {}, {}] and rows[3]["suv"] is None
    assert set(told["missing_indices"]) == {"ann_group_index", "sm_instance_index", "pt_index"}


def test_other_tables_and_very_long_ones_are_no_tree(catalog, monkeypatch) -> None:
    with pytest.raises(InputError, match="at most"):
        catalog.tree(catalog.open_view("cases")["view"])
    monkeypatch.setattr("IDCBrowserLib.catalog.tree.MOST_ROWS", 2)
    with pytest.raises(InputError, match="at most 2 series"):
        catalog.tree(catalog.open_view("series")["view"])


@pytest.mark.parametrize("text", ["39607008", "SCT 39607008", "T-28000", "srt: t-28000", "Lung", "(T-28000, SRT)".strip("()").split(",")[0]])
def test_a_segment_is_found_by_its_name_and_by_its_codes_old_and_new(catalog, text) -> None:
    hits = [hit for hit in catalog.search(text) if hit["kind"] == "segment"]
    assert [hit["label"] for hit in hits] == ["Lung"]


def test_a_code_that_means_nothing_here_finds_nothing(catalog) -> None:
    assert [hit for hit in catalog.search("T-99999") if hit["kind"]] == []
    assert [hit for hit in catalog.search("10200004") if hit["kind"]] == [], "the liver, which nobody segmented here"


def test_algorithms_are_found_by_a_part_of_their_name(catalog) -> None:
    (hit,) = [hit for hit in catalog.search("segmentator") if hit["kind"] == "algorithm"]
    assert hit["label"] == "TotalSegmentator v2"


@pytest.mark.parametrize(
    ("typed", "meant"), [("hart", "Heart"), ("arota", "Aorta"), ("spinl cord", "Spinal cord"), ("totalsegmantator", "TotalSegmentator v2")]
)
def test_a_letter_or_two_may_be_wrong_in_a_name(catalog, typed, meant) -> None:
    assert meant in [hit["label"] for hit in catalog.search(typed)]


def test_the_right_name_comes_before_nearly_right_ones(catalog) -> None:
    assert catalog.search("heart")[0]["label"] == "Heart"
    assert all(hit["label"] != "Heart" for hit in catalog.search("chest"))


def tree_row(number: int, of: int | None = None, parts: int | None = None, contents: Sequence[str] = ()) -> api.TreeRow:
    known: api.TreeRow = {"row": number, "of": of, "contents": contents, "parts": parts, "maker": "", "algorithm": "", "slice_thickness": None}
    return {**known, "counted": {}, "suv": None}


def test_segments_that_no_index_names_are_read_from_a_file_that_is_here() -> None:
    rows = [{"SeriesInstanceUID": uid, "Modality": kind} for uid, kind in (("1", "CT"), ("2", "SEG"), ("3", "SEG"), ("4", "RTSTRUCT"), ("5", "SR"))]
    made: api.Tree = {
        "rows": [tree_row(0), tree_row(1, 0), tree_row(2, 0, 2, ["Liver"]), tree_row(3, parts=1, contents=["GTV"]), tree_row(4, 0)],
        "missing_indices": [],
    }
    assert unsaid(made, rows) == [1, 3], "what indices say of a series is not looked for in its file"
    told = with_told(
        made, rows, {"2": FileTold([], {}, ["Heart", "Aorta"], 2, "algorithm", "A v1"), "4": FileTold(["1"], {}, ["Other"], 9, "person")}
    )
    found = told["rows"]
    assert (found[1]["contents"], found[1]["parts"], found[1]["maker"], found[1]["algorithm"]) == (["Heart", "Aorta"], 2, "algorithm", "A v1")
    assert (found[3]["of"], found[3]["contents"], found[3]["parts"], found[3]["maker"]) == (0, ["GTV"], 1, "")
    assert [found[number] for number in (0, 2, 4)] == [made["rows"][number] for number in (0, 2, 4)]
