"""Downloads as the window asks for them: import while downloading, pause, cancelling one series, taking up after a crash."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import Fault, FaultProxy, is_object

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import CancelledError, NotFoundError
from IDCBrowserLib.store.contents import series_below
from IDCBrowserLib.store.database import Database


def _uids(world: World, *keys: str) -> list[str]:
    found = {series.key: series.series_instance_uid for series in world.series}
    return [found[key] for key in keys]


def _plan(engine: Any, world: World, *keys: str) -> dict[str, Any]:
    return engine.ask("selection.plan", sources=_uids(world, *keys))


def _slow(proxy: FaultProxy, seconds: float) -> None:
    proxy.rule = lambda method, path, count: Fault(stall_s=seconds) if is_object(path) else None


def test_each_series_enters_the_database_as_soon_as_it_is_verified(engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = _plan(engine, demo_world, "ct", "seg_binary", "rtstruct")
    database, to = tmp_path / "database", tmp_path / "to"
    asked = engine.begin(
        "transfer.download",
        plan=plan["plan"],
        to=str(to),
        options={"endpoint_url": demo_world.endpoint_url},
        import_to=str(database),
    )
    engine.wait(lambda: asked.ended)
    assert asked.error is None
    files = list(to.rglob("*.dcm"))
    assert asked.result["states"] == {"complete": 3, "failed": 0, "cancelled": 0}
    imported = asked.result["import"]
    assert (imported["series"], imported["instances"], imported["added"], imported["error"]) == (3, len(files), len(files), None)
    assert sorted(asked.details("imported")) == sorted(_uids(demo_world, "ct", "seg_binary", "rtstruct"))
    assert {row["SeriesInstanceUID"] for row in series_below(Database(database), [str(to)])} == set(asked.details("imported"))


def test_a_number_of_rows_below_zero_is_none_and_costs_no_answer(engine: Any, demo_world: World, tmp_path: Path) -> None:
    plan = _plan(engine, demo_world, "seg_binary")
    options = {"endpoint_url": demo_world.endpoint_url}
    for limit in (-1, 0):
        told = engine.ask("transfer.download", plan=plan["plan"], to=str(tmp_path / "to"), options=options, limit=limit)
        assert [one["state"] for one in told["series"]] == ["complete"]


def test_a_series_is_in_the_database_while_another_still_moves(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    plan = _plan(engine, demo_world, "ct", "rtstruct")
    ct = next(item for item in plan["series"] if item["Modality"] == "CT")
    proxy.rule = lambda method, path, count: Fault(stall_s=3.0) if is_object(path) and ct["crdc_series_uuid"] in path else None
    database = tmp_path / "database"
    asked = engine.begin(
        "transfer.download", plan=plan["plan"], to=str(tmp_path / "to"), options={"endpoint_url": proxy.url}, import_to=str(database), job="a"
    )
    engine.wait(lambda: asked.details("imported"))
    assert not asked.ended
    assert asked.details("imported") == _uids(demo_world, "rtstruct")
    status = engine.ask("store.series_status", database=str(database), folder=str(tmp_path / "to"), series=_uids(demo_world, "rtstruct"))
    assert list(status.values()) == ["in database"]
    asked.request.cancel(tell=True)
    engine.wait(lambda: asked.ended, 5.0)
    assert isinstance(asked.error, CancelledError)


def test_a_database_that_cannot_be_used_is_told_and_the_files_are_kept(engine: Any, demo_world: World, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    plan = _plan(engine, demo_world, "rtstruct")
    result = engine.ask(
        "transfer.download",
        plan=plan["plan"],
        to=str(tmp_path / "to"),
        options={"endpoint_url": demo_world.endpoint_url},
        import_to=str(tmp_path / "taken"),
    )
    assert result["states"]["complete"] == 1
    assert "taken" in result["import"]["error"]
    assert len(list((tmp_path / "to").rglob("*.dcm"))) == 1


def test_pause_and_resume_of_a_transfer_by_its_name(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    _slow(proxy, 0.3)
    plan = _plan(engine, demo_world, "ct", "mr")
    asked = engine.begin("transfer.download", plan=plan["plan"], to=str(tmp_path / "to"), options={"endpoint_url": proxy.url, "jobs": 2}, job="mine")
    engine.wait(lambda: any(entry["state"] == "transferring" for entry in asked.details("series")))
    with pytest.raises(NotFoundError, match="not running"):
        engine.ask("transfer.pause", job="another")
    assert engine.ask("transfer.pause", job="mine") == {"jobs": ["mine"]}
    engine.wait(lambda: asked.progress[-1][1].message == "Paused")
    moved = sum(proxy.asked.values())
    before = len(asked.progress)
    engine.wait(lambda: len(asked.progress) >= before + 3)
    assert sum(proxy.asked.values()) == moved
    proxy.rule = lambda method, path, count: None
    assert engine.ask("transfer.resume") == {"jobs": ["mine"]}
    engine.wait(lambda: asked.ended)
    assert asked.result["states"]["complete"] == 2
    assert asked.result["import"] is None


def test_progress_comes_at_least_twice_a_second(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    _slow(proxy, 2.5)
    plan = _plan(engine, demo_world, "rtstruct")
    asked = engine.begin("transfer.download", plan=plan["plan"], to=str(tmp_path / "to"), options={"endpoint_url": proxy.url})
    engine.wait(lambda: asked.ended)
    # Two seconds and a half in which nothing arrives; a busy computer may swallow one of the ten.
    assert len(asked.progress) >= 5


def test_one_series_of_a_transfer_is_cancelled(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    plan = _plan(engine, demo_world, "ct", "rtstruct")
    (ct,) = _uids(demo_world, "ct")
    uuid = next(item["crdc_series_uuid"] for item in plan["series"] if item["SeriesInstanceUID"] == ct)
    proxy.rule = lambda method, path, count: Fault(stall_s=20.0) if is_object(path) and uuid in path else None
    asked = engine.begin("transfer.download", plan=plan["plan"], to=str(tmp_path / "to"), options={"endpoint_url": proxy.url})
    engine.wait(lambda: any(entry["SeriesInstanceUID"] == ct and entry["state"] == "transferring" for entry in asked.details("series")))
    assert engine.ask("transfer.cancel_series", job=str(plan["plan"]), series=[ct]) == {"jobs": [str(plan["plan"])]}
    engine.wait(lambda: asked.ended, 10.0)
    assert {item["SeriesInstanceUID"]: item["state"] for item in asked.result["series"]} == {
        ct: "cancelled",
        _uids(demo_world, "rtstruct")[0]: "complete",
    }


def test_a_transfer_whose_engine_was_killed_is_offered_and_completed(engine_child: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    _slow(proxy, 0.3)
    plan = _plan(engine_child, demo_world, "ct")
    to = tmp_path / "to"
    asked = engine_child.begin("transfer.download", plan=plan["plan"], to=str(to), options={"endpoint_url": proxy.url, "jobs": 2})
    engine_child.wait(lambda: any(entry["state"] == "transferring" for entry in asked.details("series")))
    assert engine_child.ask("transfer.unfinished") == {"transfers": []}
    os.kill(engine_child.processes[0].pid, signal.SIGKILL)
    engine_child.wait(lambda: asked.ended)
    proxy.rule = lambda method, path, count: None
    left = engine_child.ask("transfer.unfinished")["transfers"]
    assert [(item["to"], item["series_count"]) for item in left] == [(str(to), 1)]
    result = engine_child.ask("transfer.download", job=left[0]["job"], import_to=str(tmp_path / "database"))
    assert result["states"]["complete"] == 1
    # The s5cmd of the killed engine may still be ending in its hidden folder; what is in its place is what counts.
    assert result["import"]["instances"] == len(list((to / "demo_phantom").rglob("*.dcm"))) > 1
    assert engine_child.ask("transfer.unfinished") == {"transfers": []}
    with pytest.raises(NotFoundError, match="has ended"):
        engine_child.ask("transfer.download", job=left[0]["job"])
