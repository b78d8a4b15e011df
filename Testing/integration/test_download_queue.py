"""Downloads that wait: they survive the end of the program, lose single series, are fetched again in part, and say what they need."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from helpers.fault_proxy import Fault, FaultProxy, is_object
from helpers.planned import planned

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.transfer.jobs import job_store_beside
from IDCBrowserLib.transfer.options import TransferOptions


def _uid(world: World, key: str) -> str:
    return next(series.series_instance_uid for series in world.series if series.key == key)


def _enqueue(engine: Any, world: World, to: Path, *keys: str, **parameters: Any) -> dict[str, Any]:
    plan = engine.ask("selection.plan", sources=[_uid(world, key) for key in keys])
    parameters.setdefault("options", {"endpoint_url": world.endpoint_url})
    return engine.ask("transfer.enqueue", plan=plan["plan"], to=str(to), **parameters)


def _states(engine: Any, job: str, **parameters: Any) -> dict[str, str]:
    rows = engine.ask("transfer.series", job=job, **{"offset": 0, "limit": 100, "failed_first": False, **parameters})["rows"]
    return {row[1]: row[5] for row in rows}


def test_a_queued_download_says_what_it_is_and_what_room_it_needs(engine: Any, demo_world: World, tmp_path: Path) -> None:
    queued = _enqueue(engine, demo_world, tmp_path / "to", "ct", "rtstruct")
    assert (queued["series"], queued["collection"], queued["cases"]) == (2, "demo_phantom", 1)
    assert queued["missing_bytes"] == queued["bytes"] > 0 < queued["free_bytes"]
    assert queued["folder"].startswith(str(tmp_path / "to" / "demo_phantom" / queued["case"]))
    result = engine.ask("transfer.download", job=queued["job"], limit=1)
    assert result["states"]["complete"] == 2
    assert [(entry["state"], bool(entry["Modality"])) for entry in result["series"]] == [("complete", True)]
    plan = engine.ask("selection.plan", sources=[_uid(demo_world, "ct")])
    assert engine.ask("transfer.room", plan=plan["plan"], to=str(tmp_path / "to"))["missing_bytes"] == 0
    assert engine.ask("transfer.room", plan=plan["plan"], to=str(tmp_path / "to"), keep_free=10**18)["free_bytes"] == 0


def test_a_series_in_folders_of_the_users_is_known_to_be_there_and_can_be_removed(engine: Any, demo_world: World, tmp_path: Path) -> None:
    to, layout = tmp_path / "to", "%Modality/%SeriesInstanceUID"
    options = {"endpoint_url": demo_world.endpoint_url, "layout": layout}
    queued = _enqueue(engine, demo_world, to, "rtstruct", options=options)
    assert queued["folder"].startswith(str(to / "RTSTRUCT"))
    engine.ask("transfer.download", job=queued["job"], limit=1)
    uid = _uid(demo_world, "rtstruct")
    place = {"folder": str(to), "database": str(tmp_path / "database")}
    assert engine.ask("store.folder", series=[uid], **place)["folder"] == str(to / "RTSTRUCT" / uid)
    plan = engine.ask("selection.plan", sources=[uid])
    assert engine.ask("transfer.room", plan=plan["plan"], to=str(to), layout=layout)["missing_bytes"] == 0
    assert engine.ask("store.remove", series=[uid], **place)["files"] == 1
    assert not (to / "RTSTRUCT").exists()


def test_a_download_whose_layout_is_not_possible_is_not_written_down(engine: Any, demo_world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="add %SeriesInstanceUID"):
        _enqueue(engine, demo_world, tmp_path / "to", "ct", "rtstruct", options={"layout": "%PatientID"})
    engine.client.close()
    assert engine.ask("transfer.unfinished") == {"transfers": []}


def test_what_waits_at_the_end_of_the_program_is_offered_in_its_order_by_the_next(engine: Any, demo_world: World, tmp_path: Path) -> None:
    first = _enqueue(engine, demo_world, tmp_path / "a", "rtstruct", about={"load": True})
    second = _enqueue(engine, demo_world, tmp_path / "b", "seg_binary")
    engine.ask("transfer.arrange", jobs=[second["job"], first["job"]])
    assert engine.ask("transfer.unfinished") == {"transfers": []}, "they belong to this program"
    engine.client.close()
    left = engine.ask("transfer.unfinished")["transfers"]
    assert [(item["job"], item["begun"]) for item in left] == [(second["job"], 0.0), (first["job"], 0.0)]
    assert left[1]["about"]["load"] is True and left[1]["about"]["collection"] == "demo_phantom"
    assert _states(engine, first["job"]) == {_uid(demo_world, "rtstruct"): "queued"}
    assert engine.ask("transfer.download", job=first["job"])["states"]["complete"] == 1
    engine.ask("transfer.forget", job=second["job"])
    assert engine.ask("transfer.unfinished") == {"transfers": []}


def test_a_download_under_way_at_a_normal_quit_is_offered_again(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.rule = lambda method, path, count: Fault(stall_s=5.0) if is_object(path) else None
    queued = _enqueue(engine, demo_world, tmp_path / "to", "ct", options={"endpoint_url": proxy.url})
    asked = engine.begin("transfer.download", job=queued["job"])
    engine.wait(lambda: any(entry["state"] == "transferring" for entry in asked.details("series")))
    with pytest.raises(InputError, match="running"):
        engine.ask("transfer.forget", job=queued["job"])
    engine.client.close()
    (left,) = engine.ask("transfer.unfinished")["transfers"]
    assert (left["job"], left["begun"] > 0) == (queued["job"], True)


def test_a_canceled_download_is_not_offered_again_and_goes_on_when_asked_for(
    engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path
) -> None:
    ct = _uid(demo_world, "ct")
    proxy.rule = lambda method, path, count: Fault(stall_s=5.0) if is_object(path) else None
    queued = _enqueue(engine, demo_world, tmp_path / "to", "ct", options={"endpoint_url": proxy.url})
    asked = engine.begin("transfer.download", job=queued["job"])
    engine.wait(lambda: any(entry["state"] == "transferring" for entry in asked.details("series")))
    asked.request.cancel(tell=True)
    engine.wait(lambda: asked.ended)
    assert _states(engine, queued["job"]) == {ct: "cancelled"}
    with pytest.raises(NotFoundError, match="has ended"):
        engine.ask("transfer.download", job=queued["job"])
    proxy.rule = lambda method, path, count: None
    again = engine.ask("transfer.enqueue", again=queued["job"])
    assert (again["job"], again["series"]) == (queued["job"], 1)
    assert engine.ask("transfer.download", job=queued["job"])["states"] == {"complete": 1, "failed": 0, "cancelled": 0}
    assert _states(engine, queued["job"]) == {ct: "complete"}


def test_only_what_failed_is_fetched_again(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    ct, rtstruct = _uid(demo_world, "ct"), _uid(demo_world, "rtstruct")
    plan = engine.ask("selection.plan", sources=[ct, rtstruct])
    uuid = {item["SeriesInstanceUID"]: item["crdc_series_uuid"] for item in plan["series"]}
    proxy.rule = lambda method, path, count: Fault(status=404) if is_object(path) and uuid[rtstruct] in path else None
    queued = engine.ask("transfer.enqueue", plan=plan["plan"], to=str(tmp_path / "to"), options={"endpoint_url": proxy.url})
    assert engine.ask("transfer.download", job=queued["job"])["states"] == {"complete": 1, "failed": 1, "cancelled": 0}
    assert list(_states(engine, queued["job"], failed_first=True).items()) == [(rtstruct, "failed"), (ct, "complete")]
    engine.ask("transfer.export", job=queued["job"], file=str(tmp_path / "failed.s5cmd"))
    text = (tmp_path / "failed.s5cmd").read_text()
    assert uuid[rtstruct] in text and uuid[ct] not in text
    proxy.rule = lambda method, path, count: None
    asked_before = sum(proxy.asked.values())
    engine.ask("transfer.enqueue", again=queued["job"])
    result = engine.ask("transfer.download", job=queued["job"], limit=10)
    assert result["states"] == {"complete": 2, "failed": 0, "cancelled": 0}
    assert not any(uuid[ct] in path for path in list(proxy.asked)[asked_before:])


def test_a_series_is_taken_out_of_a_download_that_waits(engine: Any, demo_world: World, tmp_path: Path) -> None:
    ct, rtstruct = _uid(demo_world, "ct"), _uid(demo_world, "rtstruct")
    queued = _enqueue(engine, demo_world, tmp_path / "to", "ct", "rtstruct")
    engine.ask("transfer.cancel_series", job=queued["job"], series=[ct])
    assert _states(engine, queued["job"]) == {ct: "cancelled", rtstruct: "queued"}
    result = engine.ask("transfer.download", job=queued["job"])
    assert {entry["SeriesInstanceUID"]: entry["state"] for entry in result["series"]} == {ct: "cancelled", rtstruct: "complete"}


def test_a_paused_download_lets_another_one_pass(engine: Any, demo_world: World, proxy: FaultProxy, tmp_path: Path) -> None:
    proxy.rule = lambda method, path, count: Fault(stall_s=1.0) if is_object(path) else None
    first = _enqueue(engine, demo_world, tmp_path / "a", "ct", options={"endpoint_url": proxy.url})
    asked = engine.begin("transfer.download", job=first["job"])
    engine.wait(lambda: any(entry["state"] == "transferring" for entry in asked.details("series")))
    engine.ask("transfer.pause", job=first["job"])
    engine.wait(lambda: asked.progress[-1][1].details["held"] == "paused")
    second = _enqueue(engine, demo_world, tmp_path / "b", "rtstruct")
    assert engine.ask("transfer.download", job=second["job"])["states"]["complete"] == 1
    assert not asked.ended
    proxy.rule = lambda method, path, count: None
    engine.ask("transfer.resume", job=first["job"])
    engine.wait(lambda: asked.ended)
    assert asked.result["states"]["complete"] == 1


def test_a_file_of_an_earlier_version_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "transfers-jobs.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE jobs (id INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT NOT NULL, options TEXT NOT NULL, begun REAL NOT NULL);"
        "CREATE TABLE job_series (job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, position INTEGER NOT NULL, "
        "crdc_series_uuid TEXT NOT NULL, instances TEXT NOT NULL, PRIMARY KEY (job, position)) WITHOUT ROWID;"
        "INSERT INTO jobs VALUES (7, '/to', '{\"jobs\": 3}', 5.0); INSERT INTO job_series VALUES (7, 0, 'some-uuid', '');"
    )
    connection.close()
    (left,) = job_store_beside(tmp_path / "transfers.sqlite").leftover()
    assert (left.number, left.begun, left.about, left.options) == (7, 5.0, {}, TransferOptions(jobs=3))


def test_a_job_belongs_to_one_program_at_a_time(tmp_path: Path) -> None:
    store = job_store_beside(tmp_path / "transfers.sqlite")
    number = store.add([planned("some-uuid")], tmp_path, TransferOptions(), waiting=True)
    first, second = store.hold(number), store.hold(number)
    assert (first.is_ours, second.is_ours) == (True, False)
    second.release()
    assert store.leftover() == [], "who has not got it cannot give it away"
    first.release()
    assert [job.number for job in store.leftover()] == [number]
