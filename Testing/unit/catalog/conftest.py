"""A small catalog, once on parquet alone and once with its cache: both must answer the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from IDCBrowserLib.catalog.cache import cache, cache_making
from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources


@pytest.fixture(scope="session")
def filled_cache_folder(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    cache_making.build(sources, cache.cache_file(sources, folder))
    return folder


@pytest.fixture(scope="session", params=["parquet", "cache"])
def cache_folder(request: pytest.FixtureRequest, filled_cache_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With it every question is asked twice: without a cache, and with one."""
    return filled_cache_folder if request.param == "cache" else tmp_path_factory.mktemp("no-cache")


@pytest.fixture(scope="session")
def catalog(sources: Sources, cache_folder: Path, filled_cache_folder: Path) -> Iterator[Catalog]:
    """For questions: whoever changes it (working sets, other files) opens one of their own."""
    with Catalog(sources=sources, cache_folder=cache_folder) as opened:
        assert opened.info()["cached"] == (cache_folder == filled_cache_folder)
        yield opened


@pytest.fixture(scope="session")
def plain_catalog(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog(sources=sources, cache_folder=tmp_path_factory.mktemp("no-cache")) as opened:
        yield opened
