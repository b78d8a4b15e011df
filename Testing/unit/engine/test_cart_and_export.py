"""The cart and the files for others, as the window asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import InputError


def _uids(world: World, *keys: str) -> list[str]:
    found = {series.key: series.series_instance_uid for series in world.series}
    return [found[key] for key in keys]


def test_the_cart_survives_the_engine(engine: Any, demo_world: World) -> None:
    held = engine.ask("cart.add", level="collections", ids=[demo_world.collection_id])
    assert held["entries"] == {"collections": 1, "cases": 0, "studies": 0, "series": 0}
    assert held["summary"]["series"] == len(demo_world.series)
    engine.client.close()
    assert engine.ask("cart.list")["ids"]["collections"] == [demo_world.collection_id]
    assert engine.ask("cart.remove", level="collections", ids=[demo_world.collection_id, "unknown"])["summary"]["series"] == 0
    engine.ask("cart.add", level="series", ids=_uids(demo_world, "ct"))
    assert engine.ask("cart.clear")["entries"]["series"] == 0


def test_rows_of_a_filtered_view_put_in_what_they_show(engine: Any, demo_world: World) -> None:
    view = engine.ask("catalog.view", level="collections", filters={"collection_id": [demo_world.collection_id], "Modality": ["RTSTRUCT"]})
    assert view["total"] == 1
    held = engine.ask("cart.add", selections=[{"view": view["view"], "ranges": [[0, 0]]}])
    assert held["ids"]["series"] == _uids(demo_world, "rtstruct")


def test_a_level_that_does_not_exist_is_refused(engine: Any) -> None:
    with pytest.raises(InputError, match="'shelves' is no level"):
        engine.ask("cart.add", level="shelves", ids=["a"])


def test_the_cart_is_planned_with_a_preset_and_references_both_ways(engine: Any, demo_world: World) -> None:
    engine.ask("cart.add", level="series", ids=_uids(demo_world, "ct", "rtstruct"))
    assert {preset["name"] for preset in engine.ask("cart.presets")["presets"]} == {"originals", "annotations", "no-slides", "commercial"}
    originals = engine.ask("selection.plan", cart=True, preset="originals")
    assert [item["SeriesInstanceUID"] for item in originals["series"]] == _uids(demo_world, "ct")
    with_derived = engine.ask("selection.plan", cart=True, preset="originals", with_derived=True)
    assert {*_uids(demo_world, "ct", "seg_binary", "rtstruct")} <= {item["SeriesInstanceUID"] for item in with_derived["series"]}
    with pytest.raises(InputError, match="no preset 'nothing'"):
        engine.ask("selection.plan", cart=True, preset="nothing")


@pytest.mark.parametrize("name", ["cart.s5cmd", "cart.csv", "cart.json", "cart.lock.json"])
def test_a_plan_is_written_and_read_back(name: str, engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = engine.ask("selection.plan", sources=_uids(demo_world, "ct", "seg_binary"))
    path = tmp_path / name
    assert engine.ask("selection.export", plan=plan["plan"], file=str(path)) == {"file": str(path), "series_count": 2}
    again = engine.ask("selection.plan", sources=[str(path)])
    assert [item["crdc_series_uuid"] for item in again["series"]] == [item["crdc_series_uuid"] for item in plan["series"]]
    assert again["unresolved"] == []


def test_a_lock_file_names_the_release(engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = engine.ask("selection.plan", sources=_uids(demo_world, "ct"))
    engine.ask("selection.export", plan=plan["plan"], file=str(tmp_path / "a.lock.json"))
    assert json.loads((tmp_path / "a.lock.json").read_text())["idc_version"] == engine.ask("catalog.info")["idc_version"]
    with pytest.raises(InputError, match="No file"):
        engine.ask("selection.export", plan=plan["plan"])
