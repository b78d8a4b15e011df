"""What the window tells the engine about the way to the world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import fault_proxy
from helpers.web_proxy import web_proxy

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import InputError, TransferError

NAME = "buckets.idc-browser.invalid"


def _plan(engine: Any, world: World, *keys: str) -> int:
    found = {series.key: series.series_instance_uid for series in world.series}
    return int(engine.ask("selection.plan", sources=[found[key] for key in keys])["plan"])


def test_everything_that_fetches_goes_through_the_proxy_that_was_set(engine: Any, demo_world: World, tmp_path: Path) -> None:
    with fault_proxy(demo_world.endpoint_url) as front, web_proxy({NAME: front.port}) as proxy:
        engine.ask("engine.set_network", proxy=proxy.url)
        result = engine.ask(
            "transfer.download",
            plan=_plan(engine, demo_world, "rtstruct"),
            to=str(tmp_path / "to"),
            options={"endpoint_url": f"http://{NAME}"},
            job="proxied",
        )
        assert result["states"]["complete"] == 1
        proxy.refuse = 407
        with pytest.raises(TransferError, match=f"The proxy {proxy.url} does not let us reach http://{NAME}"):
            engine.ask("catalog.fetch_side_index", name="seg_index", **{"from": f"http://{NAME}/indices"})
    engine.ask("engine.set_network")
    with pytest.raises(TransferError, match="its name is not known"):
        engine.ask("catalog.fetch_side_index", name="seg_index", **{"from": f"http://{NAME}/indices"})


def test_a_limit_is_for_the_download_under_way_and_the_next(engine: Any, demo_world: World, tmp_path: Path) -> None:
    engine.ask("engine.set_network", limit_rate=50_000)
    asked = engine.begin(
        "transfer.download",
        plan=_plan(engine, demo_world, "ct", "mr"),
        to=str(tmp_path / "to"),
        options={"endpoint_url": demo_world.endpoint_url},
        job="slow",
    )
    engine.wait(lambda: any(entry["state"] == "transferring" for entry in asked.details("series")))
    # At the limit these would take minutes.
    engine.ask("engine.set_network", limit_rate=0)
    engine.wait(lambda: asked.ended)
    assert asked.result["states"]["complete"] == 2


def test_what_is_no_value_is_said(engine: Any, tmp_path: Path) -> None:
    for wrong in ({"proxy": "proxy:8080"}, {"limit_rate": 1}, {"limit_rate": -5e6}):
        with pytest.raises(InputError):
            engine.ask("engine.set_network", **wrong)
    with pytest.raises(InputError, match="cannot be read"):
        engine.ask("engine.check_bundle", path=str(tmp_path / "none.pem"))
