"""Instances of slide microscopy, which a side index lists, lead to their series; by SOPInstanceUID and by the name of their file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.side_files import VERSION, write_side_index

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources

UUID = "0a1b2c3d-0000-4000-8000-0123456789ab"
ROWS = [
    {"SOPInstanceUID": "1.2.1.1.7", "SeriesInstanceUID": "1.2.1.1", "crdc_instance_uuid": UUID},
    {"SOPInstanceUID": "1.2.1.1.8", "SeriesInstanceUID": "1.2.1.1", "crdc_instance_uuid": UUID.replace("0a", "0b", 1)},
    {"SOPInstanceUID": "9.9.9.9", "SeriesInstanceUID": "9.9.9", "crdc_instance_uuid": UUID.replace("0a", "0c", 1)},
]


@pytest.fixture(scope="module")
def with_instances(sources: Sources, cache_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    place = tmp_path_factory.mktemp("instances")
    folder = place / "indices" / VERSION
    write_side_index(folder, "sm_instance_index", ROWS)
    with Catalog(sources=replace(sources, side_folders=(folder,)), cache_folder=cache_folder) as it:
        yield it


@pytest.mark.parametrize("text", ["1.2.1.1.7", ' "1.2.1.1.8", ', UUID, UUID.upper()])
def test_an_instance_names_its_series(with_instances: Catalog, text: str) -> None:
    assert with_instances.identify(text) == [("series", "1.2.1.1")]


@pytest.mark.parametrize("text", ["1.2.1.1.8", UUID])
def test_the_search_box_finds_it(with_instances: Catalog, text: str) -> None:
    hits = with_instances.search(text)
    assert [(hit["level"], hit["id"], hit["label"]) for hit in hits] == [("series", "1.2.1.1", text)]
    assert hits[0]["description"].startswith("instance of a series of ")


@pytest.mark.parametrize("text", ["9.9.9.9", "1.2.1.1.9", UUID.replace("0a", "0c", 1), UUID.replace("0a", "0f", 1)])
def test_one_whose_series_this_release_does_not_have_names_nothing(with_instances: Catalog, text: str) -> None:
    assert with_instances.identify(text) == []
    assert with_instances.search(text) == []


def test_a_series_is_found_as_before(with_instances: Catalog) -> None:
    assert with_instances.identify_many(["1.2.1.1", "1.2.1.1.7"]) == {"1.2.1.1": [("series", "1.2.1.1")], "1.2.1.1.7": [("series", "1.2.1.1")]}


def test_without_the_index_nothing_is_found_and_it_is_named_as_missing(catalog: Catalog) -> None:
    assert catalog.identify("1.2.1.1.7") == []
    assert catalog.missing_indices(["sm_instance_index"]) == ["sm_instance_index"]


def test_an_index_damaged_inside_finds_nothing_and_the_search_goes_on(sources: Sources, tmp_path: Path) -> None:
    folder = tmp_path / "indices" / VERSION
    path = write_side_index(folder, "sm_instance_index", ROWS)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(len(content) // 3) + content[4 + len(content) // 3 :])
    with Catalog(sources=replace(sources, side_folders=(folder,)), cache_folder=tmp_path) as opened:
        assert opened.identify("1.2.1.1.7") == []
        assert opened.search("1.2.1.1.8") == []
        assert opened.identify("1.2.1.1") == [("series", "1.2.1.1")]
