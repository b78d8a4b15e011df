from __future__ import annotations

from pathlib import Path

import pytest
from helpers.small_catalog import write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.engine.methods import sharing
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

EXPLORE = "https://portal.imaging.datacommons.cancer.gov/explore/filters/?"


class State:
    def __init__(self, folder: Path) -> None:
        self._catalog = Catalog(sources=write_sources(folder / "index"), cache_folder=folder / "cache")

    def catalog(self) -> Catalog:
        return self._catalog


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def test_filters_go_to_the_portal_and_back(state: State) -> None:
    filters = {"Modality": ["CT"], "study_modality": {"all": ["CT", "SEG"]}}
    made = sharing.link(state, {"filters": {"collection_id": ["lung_ct"], "year": {"min": 2000}}}, Task())
    assert made["left_out"] == ["year"]
    assert sharing.open_link(state, {"url": made["url"]}, Task()) == {"filters": {"collection_id": ["lung_ct"]}, "ids": [], "collections": []}
    del filters["Modality"]
    assert sharing.open_link(state, {"url": sharing.link(state, {"filters": filters}, Task())["url"]}, Task())["filters"] == filters


def test_places_of_the_portal_are_those_of_the_catalog(state: State) -> None:
    assert sharing.open_link(state, {"url": f"{EXPLORE}tcia_tumorLocation=chest"}, Task())["filters"] == {"tumor_locations": ["Chest"]}


def test_programs_are_their_collections_in_the_portal(state: State) -> None:
    programs = {value: count for value, count in state.catalog().facets({})["program_id"] if value}
    program = next(iter(programs))
    collections = [value for value, _count in state.catalog().facets({"program_id": [program]})["collection_id"]]
    made = sharing.link(state, {"filters": {"program_id": [program]}}, Task())
    assert made["left_out"] == []
    assert sharing.open_link(state, {"url": made["url"]}, Task())["filters"] == {"collection_id": collections}


def test_what_is_excluded_is_all_the_rest_in_the_portal_and_said(state: State) -> None:
    made = sharing.link(state, {"filters": {"Modality": {"none": ["SEG"]}}}, Task())
    others = {value for value, _count in state.catalog().facets({})["Modality"]} - {"SEG"}
    assert set(sharing.open_link(state, {"url": made["url"]}, Task())["filters"]["Modality"]) == others
    assert "cannot exclude" in made["notes"][0]


def test_a_filter_whose_index_file_is_missing_is_opened_so_that_the_window_offers_the_file(state: State) -> None:
    url = f"{EXPLORE}SegmentedPropertyTypeCodeSequence=10200004&SliceThickness_ebtwe=1&SliceThickness_ebtwe=3"
    expected = {"SegmentedPropertyType": ["Liver"], "SliceThickness": {"min": 1, "max": 3}}
    assert sharing.open_link(state, {"url": url}, Task())["filters"] == expected


def test_a_viewer_names_what_it_shows(state: State) -> None:
    url = "https://viewer.imaging.datacommons.cancer.gov/v3/viewer/?StudyInstanceUIDs=1.2.1"
    assert sharing.open_link(state, {"url": url}, Task()) == {"filters": {}, "ids": ["1.2.1"], "collections": []}


@pytest.mark.parametrize("name", ["lung_ct", "lung-ct", "LUNG_CT/"])
def test_the_page_of_a_collection_is_that_collection(state: State, name: str) -> None:
    url = f"https://portal.imaging.datacommons.cancer.gov/collections/{name}"
    assert sharing.open_link(state, {"url": url}, Task()) == {"filters": {}, "ids": [], "collections": ["lung_ct"]}


def test_a_page_of_an_unknown_collection_is_said(state: State) -> None:
    with pytest.raises(InputError, match="no collection 'moon_rocks'"):
        sharing.open_link(state, {"url": "https://portal.imaging.datacommons.cancer.gov/collections/moon_rocks"}, Task())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.org/?Modality=CT",
        EXPLORE,
        f"{EXPLORE}odd=1",
        "https://[::1",
        f"{EXPLORE}age_at_diagnosis_btw=1",
    ],
)
def test_what_cannot_be_applied_is_said(state: State, url: str) -> None:
    with pytest.raises(InputError):
        sharing.open_link(state, {"url": url}, Task())


def test_what_the_portal_cannot_say_or_take_is_said(state: State) -> None:
    with pytest.raises(InputError, match="any filter of this search"):
        sharing.link(state, {"filters": {"year": {"min": 2000}}}, Task())
    with pytest.raises(InputError, match="Copy the search as text"):
        sharing.link(state, {"filters": {"SeriesInstanceUID": [f"1.2.{number}" for number in range(500)]}}, Task())
