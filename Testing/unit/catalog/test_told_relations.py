"""Relations that objects tell: directly, through others, and what is not sure about the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.side_files import VERSION, write_side_index
from helpers.small_catalog import series, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.told_relations import Told, placed, reached, turned

CT, OTHER_CT, PLAN, DOSE, STRUCTURES, REPORT, NOTE = (f"1.2.1.{number}" for number in range(1, 8))
STUDY = (
    series(1),
    series(2),
    series(3, Modality="RTPLAN"),
    series(4, Modality="RTDOSE"),
    series(5, Modality="RTSTRUCT"),
    series(6, Modality="SR"),
    series(7, Modality="KO"),
)
TOLD = {
    PLAN: Told(objects=("s",), own=("p",)),
    DOSE: Told(objects=("p",), own=("d",)),
    STRUCTURES: Told(series=(CT,), own=("s",)),
    REPORT: Told(series=(OTHER_CT,), own=("r",)),
    NOTE: Told(own=("n",)),
}


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with Catalog(sources=write_sources(tmp_path / "index", STUDY), cache_folder=tmp_path / "none") as opened:
        yield opened


def relations(answer: Mapping[str, Any]) -> dict[str, str]:
    return {row["SeriesInstanceUID"]: " ".join((row["relation"], *row["through"])) for row in answer["series"]}


def test_objects_named_without_their_series_are_looked_for_among_those_read() -> None:
    assert placed({"a": Told(series=("b",), objects=("2", "9"), own=("1",)), "c": Told(own=("2",))}) == {"a": ["b", "c"], "c": []}
    assert placed({"a": Told(series=("a",), objects=("1",), own=("1",))}) == {"a": []}, "none belongs to itself"


def test_what_is_reached_through_others_is_named_with_them_and_circles_end() -> None:
    chain = {"dose": ["plan"], "plan": ["structures"], "structures": ["image", "dose"]}
    assert reached("dose", chain, chain) == {"plan": (), "structures": ("plan",), "image": ("plan", "structures")}
    assert reached("image", turned(chain), chain) == {"structures": (), "plan": ("structures",), "dose": ("structures", "plan")}
    assert reached("dose", chain, ()) == {"plan": ()}


def test_before_objects_were_read_the_study_is_all_that_is_known(catalog: Catalog) -> None:
    found = catalog.related(CT)
    assert set(relations(found).values()) == {"same study"} and len(found["series"]) == 5
    assert found["unread"] == 5 and catalog.untold(REPORT)[0] == REPORT
    assert any("only after the download" in warning for warning in found["warnings"])


def test_an_image_has_what_refers_to_it_and_not_what_refers_to_another(catalog: Catalog) -> None:
    found = catalog.related(CT, TOLD)
    assert relations(found) == {
        STRUCTURES: "refers to it",
        PLAN: "refers to it RTSTRUCT",
        DOSE: "refers to it RTSTRUCT RTPLAN",
        NOTE: "same study",
    }
    assert (found["unread"], found["elsewhere"]) == (0, 1)
    assert found["warnings"][-2:] == [
        "1 series of the study names no others and may belong to any.",
        "1 more series of the study refer to other series.",
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (DOSE, {PLAN: "it refers to this", STRUCTURES: "it refers to this RTPLAN", CT: "it refers to this RTPLAN RTSTRUCT"}),
        (STRUCTURES, {CT: "it refers to this", PLAN: "refers to it", DOSE: "refers to it RTPLAN"}),
        (REPORT, {OTHER_CT: "it refers to this"}),
        (NOTE, {CT: "same study", OTHER_CT: "same study"}),
    ],
)
def test_an_object_has_what_it_refers_to(catalog: Catalog, asked: str, expected: dict[str, str]) -> None:
    assert relations(catalog.related(asked, TOLD)) == expected


def test_what_was_not_read_or_not_found_stays_possible(catalog: Catalog) -> None:
    partly = {**TOLD, REPORT: Told(series=(OTHER_CT,), is_whole=False), PLAN: Told(objects=("elsewhere",), own=("p",))}
    del partly[NOTE]
    found = catalog.related(CT, partly)
    assert relations(found) == {STRUCTURES: "refers to it", **dict.fromkeys((REPORT, PLAN, NOTE), "same study")}
    assert found["unread"] == 1 and found["elsewhere"] == 1, "the dose is of that plan alone"
    assert relations(catalog.related(DOSE, {DOSE: TOLD[DOSE]})) == dict.fromkeys((CT, OTHER_CT), "same study")


def test_images_that_this_release_lacks_are_counted(catalog: Catalog) -> None:
    found = catalog.related(REPORT, {REPORT: Told(series=("9.9",), own=("r",))})
    assert found["series"] == [] and found["warnings"][-1] == "1 series that it refers to are not in this release of IDC."


def test_of_what_an_index_says_nothing_is_read_and_both_add_up(tmp_path: Path) -> None:
    sources, folder = write_sources(tmp_path / "index", STUDY), tmp_path / "side"
    write_side_index(folder, "rtstruct_index", [{"SeriesInstanceUID": STRUCTURES, "referenced_SeriesInstanceUID": CT}])
    write_side_index(folder, "seg_index")
    with Catalog(sources=replace(sources, side_folders=(folder,), data_version=VERSION), cache_folder=tmp_path / "none") as catalog:
        assert STRUCTURES not in catalog.untold(CT) and catalog.related(STRUCTURES)["unread"] == 4
        told = {**TOLD, STRUCTURES: Told(own=("s",))}
        assert relations(catalog.related(STRUCTURES, told)) == {CT: "it refers to this", PLAN: "refers to it", DOSE: "refers to it RTPLAN"}
        assert relations(catalog.related(STRUCTURES)) == {CT: "it refers to this"}


def test_annotations_are_of_the_slide_that_the_index_names(tmp_path: Path) -> None:
    slides = (series(1, Modality="SM"), series(2, Modality="SM"), series(3, Modality="ANN"))
    sources, folder = write_sources(tmp_path / "index", slides), tmp_path / "side"
    write_side_index(folder, "ann_index", [{"SeriesInstanceUID": "1.2.1.3", "referenced_SeriesInstanceUID": "1.2.1.2"}])
    with Catalog(sources=replace(sources, side_folders=(folder,), data_version=VERSION), cache_folder=tmp_path / "none") as catalog:
        assert relations(catalog.related("1.2.1.3")) == {"1.2.1.2": "it refers to this"}
        assert relations(catalog.related("1.2.1.1")) == {}
        assert "ann_index" not in catalog.related("1.2.1.1")["missing_indices"]
