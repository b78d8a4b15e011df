"""What objects refer to, read from files that are here or from the beginning of objects in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import Fault, fault_proxy, is_object

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.told_relations import Told
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.preview.references import Where, told_about
from IDCBrowserLib.selection.lookup import Lookup
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.options import TransferOptions

ALONE = ("plan", "dose", "report", "rtstruct", "seg_binary", "seg_labelmap", "surface")


@pytest.fixture(scope="module")
def catalog(further_world: World) -> Iterator[Catalog]:
    with Catalog(extra_sources=further_world.catalog_sources) as opened:
        yield opened


def keys(world: World) -> dict[str, str]:
    return {one.series_instance_uid: one.key for one in world.series}


def uid_of(world: World, key: str) -> str:
    return next(one.series_instance_uid for one in world.series if one.key == key)


def relations(world: World, catalog: Catalog, key: str, told: dict[str, Told]) -> dict[str | None, str]:
    found: Any = catalog.related(uid_of(world, key), told)
    return {keys(world).get(row["SeriesInstanceUID"]): " ".join((row["relation"], *row["through"])) for row in found["series"]}


def test_every_kind_of_object_tells_its_references_from_its_first_bytes(further_world: World, catalog: Catalog) -> None:
    with fault_proxy(further_world.endpoint_url) as proxy:
        where, kept = Where("", "", TransferOptions(endpoint_url=proxy.url)), dict[str, Told]()
        told = told_about(catalog, uid_of(further_world, "ct"), where, Task(), kept)
        assert relations(further_world, catalog, "ct", told) == {
            "rtstruct": "refers to it",
            "seg_binary": "refers to it",
            "seg_labelmap": "refers to it",
            "report": "refers to it",
            "plan": "refers to it RTSTRUCT",
            "dose": "refers to it RTSTRUCT",
            "surface": "same study",
        }
        assert relations(further_world, catalog, "report", told) == {"ct": "it refers to this", "seg_binary": "it refers to this"}
        asked = proxy.asked.total()
        assert asked == 2 * len(ALONE), "a listing and the beginning of each"
        assert told_about(catalog, uid_of(further_world, "dose"), where, Task(), kept) == told and proxy.asked.total() == asked


def test_files_that_are_here_need_no_network(further_world: World, catalog: Catalog, tmp_path: Path) -> None:
    uids = [uid_of(further_world, key) for key in ("dose", "plan", "rtstruct")]
    planned = Lookup(catalog).series(uids)
    download(Plan(tuple(planned.values())), tmp_path, TransferOptions(endpoint_url=further_world.endpoint_url), Task())
    told = told_about(catalog, uids[0], Where("", str(tmp_path), None), Task(), {})
    assert set(told) == set(uids)
    assert relations(further_world, catalog, "dose", told)["ct"] == "it refers to this RTSTRUCT"
    # A damaged one tells nothing, and costs nothing of the others.
    (file,) = (tmp_path / series_directory(planned[uids[1]], str(tmp_path))).glob("*.dcm")
    file.write_bytes(file.read_bytes()[:700])
    assert set(told_about(catalog, uids[0], Where("", str(tmp_path), None), Task(), {})) == {uids[0], uids[2]}


def test_what_cannot_be_fetched_is_left_open_and_asked_again(further_world: World, catalog: Catalog) -> None:
    with fault_proxy(further_world.endpoint_url) as proxy:
        proxy.rule = lambda _method, path, _count: Fault(status=503) if is_object(path) else None
        kept: dict[str, Told] = {}
        assert told_about(catalog, uid_of(further_world, "dose"), Where("", "", TransferOptions(endpoint_url=proxy.url)), Task(), kept) == {} == kept
    assert relations(further_world, catalog, "dose", {})["ct"] == "same study"


def test_a_canceled_question_ends(further_world: World, catalog: Catalog) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        told_about(catalog, uid_of(further_world, "ct"), Where("", "", TransferOptions(endpoint_url=further_world.endpoint_url)), task, {})
