"""What comes along with a selection, and what somebody put aside; by SQL, as the slow way gives it series by series."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from helpers.side_files import write_side_index
from helpers.small_catalog import SERIES, series, write_series, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.catalog.selection_scope import SelectionScope

IMAGES = SelectionScope(references=True)
DERIVED = SelectionScope(derived=True)
# Study 1.2.1 has the images 1 and 2, the SEG 3 (of 1), the SEG 4 (of nothing in IDC), the RTSTRUCT 5 (no index), the SR 6; study 1.2.4 the image 41.
MORE = (
    series(4, Modality="SEG", SeriesDescription="Other SEG"),
    series(5, Modality="RTSTRUCT"),
    series(6, Modality="SR"),
    series(7, Modality=None),
)


@pytest.fixture(scope="module", params=["with seg_index", "without"])
def catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("index")
    sources = write_sources(folder)
    write_series(folder / "idc_index.parquet", sorted([*SERIES, *MORE], key=lambda row: (row["collection_id"], row["SeriesInstanceUID"])))
    extra = []
    if request.param == "with seg_index":
        extra.append(
            write_side_index(
                folder / "side",
                "seg_index",
                [
                    {"SeriesInstanceUID": "1.2.1.3", "segmented_SeriesInstanceUID": "1.2.1.1"},
                    {"SeriesInstanceUID": "1.2.1.4"},
                ],
            )
        )
    with Catalog(extra_sources=extra, sources=Sources(**{**vars(sources), "side_folders": ()}), cache_folder=folder / "none") as opened:
        yield opened


def one_by_one(catalog: Catalog, uids: list[str], relations: dict[str, set[str]]) -> set[str]:
    """The relations of ``Catalog.related`` that count, by whether the series is derived."""
    found: set[str] = set()
    for uid in uids:
        row = catalog.series_rows([uid])[0]
        kind = "derived" if row["Modality"] in ("SEG", "RTSTRUCT", "SR") else "image"
        found |= {other["SeriesInstanceUID"] for other in catalog.related(uid)["series"] if other["relation"] in relations[kind]}
    return found - set(uids)


@pytest.mark.parametrize("uids", [["1.2.1.3"], ["1.2.1.4"], ["1.2.1.5", "1.2.1.6"], ["1.2.1.1"], ["1.2.1.1", "1.2.1.3", "1.2.1.41"], ["1.2.1.7"], []])
def test_images_and_derived_series_are_those_that_each_series_relates_to(catalog: Catalog, uids: list[str]) -> None:
    images, _ = catalog.related_uids(uids, IMAGES)
    assert set(images) == one_by_one(catalog, uids, {"derived": {"it refers to this", "same study"}, "image": set()})
    derived, _ = catalog.related_uids(uids, DERIVED)
    assert set(derived) == one_by_one(catalog, uids, {"derived": {"refers to it"}, "image": {"refers to it", "same study"}})


def test_a_selection_gives_the_same_as_its_series(catalog: Catalog) -> None:
    selections = [{"level": "studies", "ids": ["1.2.1"]}]
    segs = SelectionScope({"Modality": ["SEG"]}, references=True)
    batches, guesses = catalog.scoped_series(selections, segs, "SeriesInstanceUID, is_own", list)
    rows = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    assert {uid for uid, is_own in rows if is_own} == {"1.2.1.3", "1.2.1.4"}
    expected, expected_guesses = catalog.related_uids(["1.2.1.3", "1.2.1.4"], IMAGES)
    assert {uid for uid, is_own in rows if not is_own} == set(expected)
    assert guesses == expected_guesses
    summary = catalog.scoped_summary(selections, segs)
    assert (summary["series"], summary["added_series"]) == (len(rows), len(expected))
    assert summary["added_bytes"] == len(expected) * 1_500_000


def test_guesses_are_counted(catalog: Catalog) -> None:
    known = "seg_index" not in catalog.missing_indices()
    assert catalog.related_uids(["1.2.1.3", "1.2.1.4", "1.2.1.5"], IMAGES)[1].images == (2 if known else 3)
    assert catalog.related_uids(["1.2.1.1"], DERIVED)[1].derived == (2 if known else 4)


def test_what_was_put_aside_by_collection_and_row_by_row(catalog: Catalog) -> None:
    parts = [
        {"level": "cases", "ids": ["lung_ct/P2", "lung_ct/SHARED", "lung_ct/gone"]},
        {"level": "series", "ids": ["1.2.1.3", "1.2.1.31"]},
        {"level": "studies", "ids": ["1.2.1"], "filters": {"Modality": ["SEG"]}},
    ]
    groups, found = catalog.picked_groups(parts)
    assert found == 5
    assert [(group["collection_id"], group["entries"], group["series"]) for group in groups] == [("brain_mr", 1, 1), ("lung_ct", 4, 8)]
    assert groups[0]["licenses"] == "CC BY-NC 4.0" and groups[0]["collection_name"] == "Brain MR"
    rows = catalog.picked_rows(parts, "lung_ct", 0, 10)
    assert [(row["part"], row["id"], row["series"]) for row in rows] == [
        (0, "lung_ct/P2", 7),
        (2, "1.2.1", 2),
        (1, "1.2.1.3", 1),
        (0, "lung_ct/SHARED", 1),
    ]
    assert catalog.picked_rows(parts, "lung_ct", 3, 10) == rows[3:]
    assert catalog.picked_unknown(parts) == [["lung_ct/gone"], [], []]
    assert catalog.picked_in(parts[1], "lung_ct") == ["1.2.1.3"]
    assert catalog.picked_groups([]) == ([], 0) and catalog.picked_rows([], "lung_ct", 0, 10) == []


def test_an_analysis_result_is_put_aside_as_one(catalog: Catalog) -> None:
    (row,) = catalog.picked_rows([{"level": "analysis_results", "ids": ["nodules_seg", "gone"]}], None, 0, 10)
    assert (row["id"], row["title"], row["series"]) == ("nodules_seg", "Nodules, segmented", 1)
    assert catalog.said_shorter("analysis_results", ["nodules_seg"], {}) == [("analysis_results", ["nodules_seg"])]


def test_a_filtered_view_and_its_ids_with_filters_mean_the_same(catalog: Catalog) -> None:
    view = catalog.open_view("cases", filters={"Modality": ["SEG"]})
    everything = {"view": view["view"], "ranges": [[0, view["total"] - 1]]}
    level, ids, filters = catalog.selected_ids(everything)
    assert (level, ids, filters) == ("cases", ["lung_ct/P2"], {"Modality": ["SEG"]})
    assert catalog.series_uids({"level": level, "ids": ids, "filters": filters}) == catalog.series_uids(everything)


def test_rows_that_are_all_there_is_are_said_by_the_row_above(catalog: Catalog) -> None:
    study = [f"1.2.1.{number}" for number in range(1, 8)]
    assert catalog.said_shorter("series", study, {}) == [("cases", ["lung_ct/P2"])]
    assert catalog.said_shorter("series", study[1:], {}) == [("series", study[1:])]
    assert catalog.said_shorter("series", ["1.2.1.3", "1.2.1.4", "1.2.1.41"], {"Modality": ["SEG"]}) == [
        ("series", ["1.2.1.41"]),
        ("collections", ["lung_ct"]),
    ]
    assert catalog.said_shorter("cases", ["lung_ct/P2", "lung_ct/P10", "lung_ct/SHARED", "brain_mr/SHARED"], {}) == [
        ("collections", ["brain_mr", "lung_ct"]),
    ]


@pytest.mark.parametrize("number", [64, 65])
def test_what_series_refer_to_is_read_of_some_but_not_of_many(number: int, tmp_path: Path) -> None:
    """The reports of a study name image 1 of two, as far as they are read."""
    reports = [series(100 + place, Modality="SR", SeriesInstanceUID=f"1.2.1.{100 + place}", StudyInstanceUID="1.2.1") for place in range(number)]
    asked: list[list[str]] = []

    def read(uids: Sequence[str]) -> dict[str, list[str]]:
        asked.append(sorted(uids))
        return {uid: ["1.2.1.1"] for uid in uids}

    uids = [str(row["SeriesInstanceUID"]) for row in reports]
    with Catalog(sources=write_sources(tmp_path, [series(1), series(2), *reports])) as catalog:
        scope = SelectionScope(references=True, read=read)
        for _ in range(2):
            images, guesses = catalog.related_uids(uids, scope)
            counts = catalog.scoped_summary([{"level": "series", "ids": uids}], scope)
            assert (images, guesses.images, counts["guessed_images"]) == ((["1.2.1.1"], 0, 0) if number == 64 else (["1.2.1.1", "1.2.1.2"], 65, 65))
        assert asked == ([sorted(uids)] if number == 64 else [])


def test_what_series_say_themselves_is_taken_instead_of_their_study(catalog: Catalog) -> None:
    catalog.learn_images({"1.2.1.6": ["1.2.1.2"]})
    images, guesses = catalog.related_uids(["1.2.1.6"], IMAGES)
    assert (images, guesses.images) == (["1.2.1.2"], 0)
    images, guesses = catalog.related_uids(["1.2.1.5", "1.2.1.6"], IMAGES)
    assert set(images) == {"1.2.1.1", "1.2.1.2", "1.2.1.7"} and (guesses.images, guesses.named) == (1, ("RTSTRUCT 1.2.1.5",))
    catalog.learn_images({f"1.9.{number}": ["1.2.1.1"] for number in range(5000)})
    assert catalog.related_uids(["1.2.1.6"], IMAGES)[1].images == 1, "of too many the former are forgotten"
