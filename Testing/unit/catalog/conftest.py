"""A small catalog, once on parquet alone and once with its cache: both must answer the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.small_catalog import write_sources

from IDCBrowserLib.catalog import cache, cache_making
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return write_sources(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="session")
def filled_cache_folder(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    cache_making.build(sources, cache.cache_file(sources, folder))
    return folder


@pytest.fixture(scope="session", params=["parquet", "cache"])
def catalog(
    request: pytest.FixtureRequest, sources: Sources, filled_cache_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalog]:
    """For questions: whoever changes it (working sets, other files) opens one of their own."""
    folder = filled_cache_folder if request.param == "cache" else tmp_path_factory.mktemp("no-cache")
    with Catalog(sources=sources, cache_folder=folder) as opened:
        assert opened.info()["cached"] == (request.param == "cache")
        yield opened


@pytest.fixture(scope="session")
def plain_catalog(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(sources=sources, cache_folder=tmp_path_factory.mktemp("no-cache")) as opened:
        yield opened
