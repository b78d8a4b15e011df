"""The images of a segmentation come along because the segmentation's own file names them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.following import download_with_images
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.options import TransferOptions


@pytest.fixture
def catalog(world: World, home: Path) -> Iterator[Catalog]:
    catalog = Catalog(extra_sources=world.catalog_sources)
    yield catalog
    catalog.close()


def uid_of(world: World, key: str) -> str:
    return next(series.series_instance_uid for series in world.series if series.key == key)


@pytest.mark.parametrize(("key", "image"), [("seg_binary", "ct"), ("seg_labelmap", "ct"), ("rtstruct", "ct"), ("mr_seg", "mr")])
def test_exactly_the_image_that_was_drawn_on_is_added(world: World, catalog: Catalog, tmp_path: Path, key: str, image: str) -> None:
    plan = resolve(catalog, [uid_of(world, key)])
    whole, report = download_with_images(catalog, plan, tmp_path, TransferOptions(endpoint_url=world.endpoint_url), Task())
    assert [series.series_uid for series in whole.series] == [uid_of(world, key), uid_of(world, image)]
    assert [item.state.value for item in report.items] == ["complete", "complete"]


def test_nothing_is_added_when_the_image_is_planned_already(world: World, catalog: Catalog, tmp_path: Path) -> None:
    plan = resolve(catalog, [uid_of(world, "mr_seg"), uid_of(world, "mr")])
    whole, report = download_with_images(catalog, plan, tmp_path, TransferOptions(endpoint_url=world.endpoint_url), Task())
    assert len(whole.series) == len(report.items) == 2
    assert whole.warnings == ()
