"""The driver on a pool that does as it is told: what is written down when items end, die, need space, or the disk is full."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers.planned import planned

from IDCBrowserLib.batch.driver import Driver
from IDCBrowserLib.batch.item import Item, ItemSeries
from IDCBrowserLib.batch.ledger import DONE, FAILED, Ledger, ledger_path
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.batch.steps import Wanted
from IDCBrowserLib.errors import CancelledError, InputError, StorageError
from IDCBrowserLib.task import Task

WANTED = Wanted(("volumes",))
GOOD: dict[str, Any] = {"outputs": [], "kind": "", "reason": "", "full": False, "needs": 0, "seconds": 0.1}


def items(count: int, size: int = 10) -> list[Item]:
    return [
        Item((ItemSeries(planned(f"{number:08}-0000-4000-8000-000000000000", number, modality="SEG", size_bytes=size), f"p/{number}"),))
        for number in range(1, count + 1)
    ]


class FakePool:
    """``answer`` gives what becomes of the item with a number; items end in the order in which they began, one at a time."""

    def __init__(self, answer: Any, jobs: int = 2) -> None:
        self._answer, self._jobs = answer, jobs
        self._running: list[Mapping[str, Any]] = []
        self.begun: list[int] = []
        self.most = 0
        self.closed = False

    def free(self) -> int:
        return self._jobs - len(self._running)

    def submit(self, request: Mapping[str, Any]) -> None:
        self.begun.append(request["number"])
        self._running.append(request)
        self.most = max(self.most, sum(one.get("granted", 0) for one in self._running))

    def results(self, timeout_s: float) -> list[tuple[int, dict[str, Any] | None, str]]:
        request = self._running.pop(0)
        answer = self._answer(request)
        if isinstance(answer, str):
            return [(request["number"], None, answer)]
        return [(request["number"], {**GOOD, **answer}, "")]

    def watch(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, WANTED, "none")


def run(settings: Settings, pool: FakePool, planned_items: list[Item], task: Task | None = None, scratch: int | None = None) -> dict[str, int]:
    with Ledger(ledger_path(settings.folder)) as ledger:
        ledger.plan(planned_items, WANTED)
        Driver(ledger, settings, pool, task or Task(), scratch).run()
        return ledger.counts()


def failures(settings: Settings) -> list[str]:
    with Ledger(ledger_path(settings.folder), writing=False) as ledger:
        return [row.reason for row in ledger.rows(FAILED)]


def test_what_is_done_is_not_begun_again(settings: Settings) -> None:
    first, second = FakePool(lambda request: {}), FakePool(lambda request: {})
    assert run(settings, first, items(5))["done"] == 5
    assert run(settings, second, items(6)) == {"waiting": 0, "running": 0, "done": 6, "failed": 0}
    assert (len(first.begun), len(second.begun)) == (5, 1)


def test_what_is_done_and_was_deleted_is_made_again(settings: Settings) -> None:
    made = settings.folder / "volumes" / "x.json"
    made.parent.mkdir()
    made.write_text("1234")
    answer = {"outputs": [{"step": "volumes", "receipt": "volumes/x.json", "files": {"volumes/x.json": 4}}]}
    run(settings, FakePool(lambda request: answer), items(1))
    for change in (lambda: made.write_text("12"), made.unlink):
        again = FakePool(lambda request: answer)
        change()
        run(settings, again, items(1))
        assert len(again.begun) == 1


def test_an_item_that_kills_its_process_twice_is_listed_and_costs_nothing_else(settings: Settings) -> None:
    pool = FakePool(lambda request: "its process was ended (SIGKILL)" if request["number"] == 3 else {})
    counts = run(settings, pool, items(8))
    assert (counts["done"], counts["failed"]) == (7, 1)
    assert pool.begun.count(3) == 2
    assert failures(settings) == ["It failed 2 times; the last time its process was ended (SIGKILL)."]
    assert run(settings, FakePool(lambda request: {}), items(8))["failed"] == 1, "it stays listed until a retry is asked for"


def test_a_death_that_does_not_come_again_is_forgotten(settings: Settings) -> None:
    deaths: list[int] = []

    def once(request: Mapping[str, Any]) -> Any:
        if request["number"] == 2 and not deaths:
            deaths.append(2)
            return "its process was ended (SIGKILL)"
        return {}

    assert run(settings, FakePool(once), items(4))["done"] == 4


def test_failures_of_the_network_are_tried_again_by_the_next_run_and_those_of_files_are_not(settings: Settings) -> None:
    kinds = {1: "TransferError", 2: "ConversionError"}
    run(settings, FakePool(lambda request: {"kind": kinds.get(request["number"], ""), "reason": "no"}), items(3))
    again = FakePool(lambda request: {})
    assert run(settings, again, items(3))["failed"] == 1
    assert again.begun == [1]


def test_a_retry_takes_all_that_failed(settings: Settings) -> None:
    run(settings, FakePool(lambda request: {"kind": "ConversionError", "reason": "no"}), items(3))
    with Ledger(ledger_path(settings.folder)) as ledger:
        assert ledger.retry() == 3
        Driver(ledger, settings, FakePool(lambda request: {}), Task()).run()
        assert ledger.counts()["done"] == 3


def test_a_full_disk_stops_everything_and_loses_nothing(settings: Settings) -> None:
    pool = FakePool(lambda request: {"full": True, "kind": "StorageError", "reason": "The disk is full."} if len(pool.begun) > 3 else {})
    with pytest.raises(StorageError, match="The disk is full"):
        run(settings, pool, items(10))
    assert pool.closed
    with Ledger(ledger_path(settings.folder)) as ledger:
        counts = ledger.counts()
        assert counts["failed"] == counts["running"] == 0 and 0 < counts["done"] < 10
    assert run(settings, FakePool(lambda request: {}), items(10))["done"] == 10


def test_canceling_puts_back_what_was_running(settings: Settings) -> None:
    task = Task()

    def cancel_soon(request: Mapping[str, Any]) -> Any:
        if request["number"] == 4:
            task.cancel()
        return {}

    with pytest.raises(CancelledError):
        run(settings, FakePool(cancel_soon), items(100), task)
    with Ledger(ledger_path(settings.folder)) as ledger:
        counts = ledger.counts()
    assert counts["done"] >= 4 and counts["running"] == 0 and counts["done"] + counts["waiting"] == 100


def test_what_is_fetched_at_a_time_stays_below_the_scratch_space(settings: Settings) -> None:
    pool = FakePool(lambda request: {}, jobs=8)
    assert run(settings, pool, items(20, size=40), scratch=100)["done"] == 20
    assert 40 < pool.most <= 100


def test_an_item_that_turns_out_larger_waits_for_space_and_one_that_never_fits_is_told(settings: Settings) -> None:
    needs = {2: 90, 3: 500}

    def answer(request: Mapping[str, Any]) -> Any:
        needed = needs.get(request["number"], 0)
        return {"needs": needed} if needed > request["granted"] else {}

    pool = FakePool(answer, jobs=4)
    counts = run(settings, pool, items(6), scratch=100)
    assert (counts["done"], counts["failed"]) == (5, 1)
    assert pool.most <= 100
    assert "--scratch allows 100 B" in failures(settings)[0]


def test_two_drivers_on_one_folder_are_refused_and_two_shards_are_not(settings: Settings) -> None:
    with Ledger(ledger_path(settings.folder)):
        with pytest.raises(InputError, match="Another batch is running"):
            Ledger(ledger_path(settings.folder))
        Ledger(ledger_path(settings.folder, "1/2")).close()
        Ledger(ledger_path(settings.folder), writing=False).close()


def test_what_a_dead_driver_was_doing_waits_again_without_blame(settings: Settings) -> None:
    for _ in range(5):
        with Ledger(ledger_path(settings.folder)) as ledger:
            ledger.plan(items(2), WANTED)
            ledger.start([1, 2])
    with Ledger(ledger_path(settings.folder)) as ledger:
        assert [(row.state, row.tries) for row in ledger.rows()] == [("waiting", 0)] * 2
        assert list(ledger.rows(DONE)) == []
