"""The files of a slide by the index of instances: levels, label, thumbnail; and plans of single ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.declared import mismatches
from helpers.side_files import VERSION, write_side_index
from helpers.small_catalog import SERIES, series, uuid, write_sources

from IDCBrowserLib.api.catalog import Details
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.errors import CatalogError, InputError
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.plan_content import PlanContent, apply_content, plan_selections
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.selection.slide_levels import LevelChoice, only_levels
from IDCBrowserLib.task import Task

SLIDE, OTHER = "1.2.1.71", "1.2.1.72"


def name(number: int) -> str:
    return f"0a1b2c3d-0000-4000-8000-{number:012d}"


def instance(number: int, flavor: str, size: int, **values: Any) -> dict[str, Any]:
    return {
        "SOPInstanceUID": f"{SLIDE}.{number}",
        "SeriesInstanceUID": SLIDE,
        "PixelSpacing_0": 0.00025 * 40_000 / size,
        "ImageType": ["ORIGINAL", "PRIMARY", flavor, "NONE"],
        "TransferSyntaxUID": "1.2.840.10008.1.2.4.50",
        "instance_size": size * 100,
        "TotalPixelMatrixColumns": size,
        "TotalPixelMatrixRows": size // 2,
        "crdc_instance_uuid": name(number),
        **values,
    }


INSTANCES = [
    instance(1, "VOLUME", 2500),
    instance(2, "VOLUME", 40_000),
    instance(3, "LABEL", 300),
    instance(4, "VOLUME", 10_000),
    instance(5, "THUMBNAIL", 600),
    # Another channel of the middle level.
    instance(6, "VOLUME", 10_000),
    instance(9, "VOLUME", 10, SeriesInstanceUID="9.9.9"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slides")
    slides = [series(71, Modality="SM", instanceCount=6, series_size_MB=6.3), series(72, Modality="SM", instanceCount=2, series_size_MB=900.0)]
    write_sources(folder, [*SERIES, *slides])
    write_side_index(folder / VERSION, "sm_instance_index", INSTANCES)
    return folder


@pytest.fixture(scope="module")
def catalog(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    sources = write_sources_of(index)
    with Catalog(sources=replace(sources, side_folders=(index / VERSION,)), cache_folder=tmp_path_factory.mktemp("no-cache")) as opened:
        yield opened


def write_sources_of(folder: Path) -> Any:
    from IDCBrowserLib.catalog.files.sources import find_sources

    return replace(find_sources(folder), data_version="25.0.5")


def planned(plan: Plan) -> dict[str, tuple[set[str], int]]:
    return {item.series_uid: ({one[-1] for one in item.instances}, item.size_bytes) for item in plan.series}


def test_levels_come_from_the_largest_to_the_smallest_then_what_lies_beside_them(catalog: Catalog) -> None:
    levels = catalog.slide_levels([SLIDE, "1.2.1.1"])[SLIDE]
    assert [(level["number"], level["kind"], level["columns"], len(level["instances"])) for level in levels] == [
        (0, "level", 40_000, 1),
        (1, "level", 10_000, 2),
        (2, "level", 2500, 1),
        (None, "label", 300, 1),
        (None, "thumbnail", 600, 1),
    ]
    assert levels[1]["bytes"] == 2_000_000 and levels[0]["spacing_mm"] == 0.00025
    assert levels[2]["addresses"] == [f"s3://idc-open-data/{uuid(71)}/{name(1)}.dcm"]


def test_details_of_a_slide_have_them_and_those_of_other_series_do_not(catalog: Catalog) -> None:
    details = catalog.details("series", SLIDE)
    assert len(details["levels"]) == 5 and mismatches(details, Details, "details") == []
    assert catalog.details("series", "1.2.1.1")["levels"] == [] and catalog.details("series", OTHER)["levels"] == []


@pytest.mark.parametrize(
    ("asked", "files", "size"),
    [
        (["0"], {"2"}, 4_000_000),
        (["1"], {"4", "6"}, 2_000_000),
        (["2", "label"], {"1", "3"}, 280_000),
        (["3MB"], {"4", "6"}, 2_000_000),
        (["250kB"], {"1"}, 250_000),
        # All are larger: the smallest.
        (["10 kB"], {"1"}, 250_000),
        (["16MP", "thumbnail", "label"], {"1", "3", "5"}, 340_000),
        (["1GB"], {"2"}, 4_000_000),
    ],
)
def test_a_plan_has_only_the_files_that_were_chosen_with_their_size(catalog: Catalog, asked: list[str], files: set[str], size: int) -> None:
    plan = apply_content(catalog, resolve(catalog, [SLIDE, "1.2.1.1"]), PlanContent(levels=LevelChoice.of(asked)), Task())
    assert planned(plan) == {SLIDE: (files, size), "1.2.1.1": (set(), 1_500_000)} and plan.unresolved == ()


@pytest.mark.parametrize("asked", ["7", "overview"])
def test_a_level_that_a_slide_does_not_have_is_said_with_those_that_it_has(catalog: Catalog, asked: str) -> None:
    plan = apply_content(catalog, resolve(catalog, [SLIDE]), PlanContent(levels=LevelChoice.of([asked])), Task())
    assert not plan.series and plan.unresolved[0].reason == "the slide has no such level; it has: 0, 1, 2, label, thumbnail"


def test_a_slide_that_the_index_does_not_list_is_left_out_or_whole_on_request(catalog: Catalog) -> None:
    strict, lenient = (PlanContent(levels=LevelChoice.of(["0"]), or_whole=or_whole) for or_whole in (False, True))
    plan = apply_content(catalog, resolve(catalog, [OTHER]), strict, Task())
    assert not plan.series and "does not list the levels" in plan.unresolved[0].reason
    plan = plan_selections(catalog, [{"level": "series", "ids": [OTHER, SLIDE]}], lenient, Task())
    assert planned(plan) == {OTHER: (set(), 900_000_000), SLIDE: ({"2"}, 4_000_000)}
    assert any("1 slide is downloaded with all levels" in warning for warning in plan.warnings)
    assert any("saves 2.3 MB" in warning for warning in plan.warnings)


@pytest.mark.parametrize(("saved", "notes"), [(-1, 0), (0, 0), (1, 1)])
def test_what_a_level_saves_is_told_when_it_saves_something(catalog: Catalog, saved: int, notes: int) -> None:
    (slide,) = resolve(catalog, [SLIDE]).series
    plan = Plan((slide._replace(size_bytes=4_000_000 + saved),), ())
    assert len(only_levels(catalog, plan, LevelChoice.of(["0"]), or_whole=True).warnings) == notes
    assert only_levels(catalog, plan, LevelChoice.of(["0"])).warnings == ()


def test_one_file_that_was_named_stays_that_file_with_its_own_size(catalog: Catalog) -> None:
    address = f"s3://idc-open-data/{uuid(71)}/{name(1)}.dcm"
    plan = apply_content(catalog, resolve(catalog, [address]), PlanContent(levels=LevelChoice.of(["0"])), Task())
    assert planned(plan) == {SLIDE: ({"1"}, 250_000)}


def test_sizes_of_single_files_are_asked_for_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, ask = [], catalog.instance_bytes
    monkeypatch.setattr(catalog, "instance_bytes", lambda uuids: asked.append(sorted(uuids)) or ask(uuids))
    plan = resolve(catalog, [f"s3://idc-open-data/{uuid(71)}/{name(1)}.dcm", f"s3://idc-open-data/{uuid(72)}/{name(9)}.dcm"])
    assert planned(plan) == {SLIDE: ({"1"}, 250_000), OTHER: ({"9"}, 450_000_000)}, "one of two files"
    assert plan.warnings == ("The size of 1 single file is estimated from the whole series: the index states none.",)
    assert asked == [[name(1), name(9)]]
    resolve(catalog, [SLIDE])
    assert len(asked) == 1


def test_without_the_index_the_choice_of_a_level_says_how_to_get_it(index: Path, tmp_path: Path) -> None:
    with Catalog(sources=write_sources_of(index), cache_folder=tmp_path) as opened:
        with pytest.raises(CatalogError, match="the index file sm_instance_index"):
            apply_content(opened, resolve(opened, [SLIDE]), PlanContent(levels=LevelChoice.of(["0"])), Task())
        assert opened.details("series", SLIDE)["missing_indices"] == ["sm_index", "sm_instance_index"]


@pytest.mark.parametrize("text", ["largest", "-1", "5 TB", "9999", "", "1.5"])
def test_a_level_that_is_none_is_refused_with_what_can_be_given(text: str) -> None:
    with pytest.raises(InputError, match="0 is the largest"):
        LevelChoice.of([text])


def test_sizes_of_pictures_and_files_are_known_by_their_names(catalog: Catalog) -> None:
    assert catalog.slide_sizes([f"{SLIDE}.2", "9.9"]) == {f"{SLIDE}.2": (20_000, 40_000)}
    assert catalog.instance_bytes([name(1), name(9), "x"]) == {name(1): 250_000}
