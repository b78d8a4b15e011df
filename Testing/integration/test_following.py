"""The images of a segmentation come along because the segmentation's own file names them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.fault_proxy import Fault, fault_proxy

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.selection_scope import SelectionScope
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.engine.following import download_with_images
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.references import with_related
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.selection.slide_levels import LevelChoice
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


@pytest.fixture(scope="module")
def further(further_world: World) -> Iterator[Catalog]:
    with Catalog(extra_sources=further_world.catalog_sources) as opened:
        yield opened


@pytest.mark.parametrize("key", ["report", "dose", "plan"])
def test_reports_doses_and_plans_bring_along_the_image_that_they_lead_to(further_world: World, further: Catalog, tmp_path: Path, key: str) -> None:
    """A dose names a plan and structure set, these the image; what is between them is not downloaded."""
    plan = resolve(further, [uid_of(further_world, key)])
    whole, report = download_with_images(further, plan, tmp_path, TransferOptions(endpoint_url=further_world.endpoint_url), Task())
    assert [series.series_uid for series in whole.series] == [uid_of(further_world, key), uid_of(further_world, "ct")]
    assert ([item.state.value for item in report.items], whole.warnings) == (["complete"] * 2, ())
    assert list(with_related(further, plan, Task(), SelectionScope({}, True)).series) == list(whole.series), "and from now on that is known"


def test_what_names_no_image_brings_along_those_of_its_study_and_that_is_said(further_world: World, further: Catalog, tmp_path: Path) -> None:
    uid = uid_of(further_world, "surface")
    options = TransferOptions(endpoint_url=further_world.endpoint_url)
    whole, _report = download_with_images(further, resolve(further, [uid]), tmp_path, options, Task())
    assert uid_of(further_world, "ct") in {series.series_uid for series in whole.series}
    assert whole.warnings == (f"M3D {uid} does not name its image series, so all images of its study are added: it is one of them.",)


def test_where_what_is_between_cannot_be_asked_the_study_comes_and_that_is_said(further_world: World, further: Catalog, tmp_path: Path) -> None:
    dose, plan, structures = (uid_of(further_world, key) for key in ("dose", "plan", "rtstruct"))
    others = [series.crdc_series_uuid for series in Lookup(further).series([plan, structures]).values()]
    with fault_proxy(further_world.endpoint_url) as proxy:
        proxy.rule = lambda _method, path, _count: Fault(status=503) if any(uuid in path for uuid in others) else None
        whole, _report = download_with_images(
            further, resolve(further, [dose]), tmp_path, TransferOptions(endpoint_url=proxy.url, list_attempts=1, first_wait_s=0.01), Task()
        )
    assert uid_of(further_world, "ct") in {series.series_uid for series in whole.series}
    assert whole.warnings == (f"RTDOSE {dose} does not name its image series, so all images of its study are added: it is one of them.",)


@pytest.mark.parametrize(("key", "levels"), [("nuclei", ["label", "0.05MP"]), ("slide_segments", ["label", "0.05MP"]), ("nuclei", [])])
def test_what_is_drawn_on_a_slide_brings_along_only_what_is_shown_of_it(
    further_world: World, further: Catalog, tmp_path: Path, key: str, levels: list[str]
) -> None:
    plan = resolve(further, [uid_of(further_world, key)])
    options = TransferOptions(endpoint_url=further_world.endpoint_url)
    whole, report = download_with_images(further, plan, tmp_path, options, Task(), levels=LevelChoice.of(levels))
    *_own, slide = whole.series
    assert slide.series_uid == uid_of(further_world, "slide")
    files = next(series.files for series in further_world.series if series.key == "slide")
    expected = 2 if levels else len(files)
    assert report.items[-1].files_done == (len(slide.instances) if levels else expected) == expected < len(files) + (not levels)
