"""What is told while a transfer runs: sums, and the series that changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from helpers.planned import planned

from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.transfer import progress as module
from IDCBrowserLib.transfer.item import TransferItem, TransferState
from IDCBrowserLib.transfer.progress import ProgressReporter


class Told:
    """A reporter of so many series of 1,000 bytes each, and what it said."""

    def __init__(self, count: int = 2, limit: float = 0.0) -> None:
        self.said: list[Progress] = []
        self.items = [TransferItem(planned(f"uuid-{number}", number, size_bytes=1000), f"CT_{number}") for number in range(count)]
        limits = [limit] if limit else []
        self.reporter = ProgressReporter(self.items, Task(self.said.append), *limits)

    def report(self, under_way: int = 0, **how: object) -> Progress:
        self.reporter.report(under_way, **how)  # type: ignore[arg-type]
        return self.said[-1]


def test_bytes_are_those_that_were_verified_and_those_on_their_way() -> None:
    told = Told()
    first = told.items[0]
    told.reporter.set_total(first, 3, 3000)
    told.reporter.add_done(first, 1500, fetched=True)
    told.reporter.add_done(first, 500, fetched=False)
    said = told.report(700)
    assert (said.done, said.total, said.unit, said.message) == (2700, 4000, "B", "0 of 2 series")
    assert (first.files_total, first.files_done, first.bytes_total, first.bytes_done, first.bytes_fetched) == (3, 2, 3000, 2000, 1500)
    # What s5cmd reserves on the disk may be more than what comes.
    assert told.report(5000).done == 4000
    told.reporter.take_back(first, 1, 500)
    assert (told.report().done, first.files_done, first.bytes_done) == (1500, 1, 1500)


def test_a_series_is_told_when_it_has_changed_and_no_more() -> None:
    told = Told()
    told.reporter.change(told.items[1], TransferState.LISTING)
    assert told.report().details["series"] == [
        {
            "SeriesInstanceUID": told.items[1].series.series_uid,
            "crdc_series_uuid": "uuid-1",
            "Modality": "CT",
            "state": "listing",
            "files": 0,
            "files_total": 0,
            "bytes": 0,
            "bytes_total": 1000,
            "directory": "CT_1",
            "error": None,
        }
    ]
    told.reporter.change(told.items[1], TransferState.LISTING)
    assert told.report().details["series"] == []
    for change in (
        lambda: told.reporter.set_total(told.items[0], 1, 1),
        lambda: told.reporter.add_done(told.items[0], 1, fetched=False),
        lambda: told.reporter.take_back(told.items[0], 1, 1),
    ):
        change()
        assert [one["crdc_series_uuid"] for one in told.report().details["series"]] == ["uuid-0"]


def test_series_that_have_ended_are_counted_once() -> None:
    told = Told()
    assert told.reporter.left == 2
    for state in (TransferState.LISTING, TransferState.VERIFYING, TransferState.COMPLETE, TransferState.FAILED):
        told.reporter.change(told.items[0], state)
    assert (told.reporter.left, told.report().message) == (1, "1 of 2 series")


@pytest.mark.parametrize(("count", "first", "final"), [(200, [200], [200]), (201, [200], [200, 1]), (401, [200], [200, 200, 1])])
def test_a_message_names_two_hundred_series_and_the_last_ones_name_all(count: int, first: list[int], final: list[int]) -> None:
    for is_final, expected in ((False, first), (True, final)):
        told = Told(count)
        for item in told.items:
            told.reporter.change(item, TransferState.LISTING)
        told.report(final=is_final)
        assert [len(said.details["series"]) for said in told.said] == expected


def test_what_holds_it_is_said_in_a_word_and_in_words() -> None:
    said = Told().report(held="paused", note="Paused")
    assert (said.message, said.details["held"], said.details["bytes_per_second"]) == ("Paused", "paused", 0)
    assert Told().report().details["held"] == ""


def test_a_limit_tells_how_long_it_takes_before_anything_has_come() -> None:
    assert Told().report().seconds_left is None
    told = Told(limit=500.0)
    assert told.report().seconds_left == pytest.approx(4.0)
    other = Told(limit=500.0)
    other.reporter.limit(1000.0)
    assert other.report(500).seconds_left == pytest.approx(1.5)


def test_the_first_report_is_due_at_once() -> None:
    assert Told().reporter.due


def test_the_next_report_is_due_a_quarter_of_a_second_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    told = Told()
    told.report()
    assert not told.reporter.due
    for after, is_due in ((0.24, False), (0.25, True), (1.0, True)):
        now[0] = 100.0 + after
        assert told.reporter.due is is_due


def test_the_speed_is_that_of_what_was_fetched_and_of_what_is_on_its_way_and_the_time_left_is_that_of_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    told = Told()
    monkeypatch.setattr(told.reporter._meter, "_clock", lambda: now[0])
    told.report()
    told.reporter.add_done(told.items[0], 200, fetched=False)
    told.reporter.add_done(told.items[0], 300, fetched=True)
    now[0] += 2.0
    said = told.report(100)
    assert (said.details["bytes_per_second"], said.done, said.total) == (200, 600, 2000)
    assert said.seconds_left == pytest.approx(7.0)
