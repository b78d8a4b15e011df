from __future__ import annotations

import pytest
from helpers.fake_host import FakeStore

from IDCBrowserLib.errors import StoreError
from IDCBrowserLib.logic.downloads.serial_queue import SerialQueue
from IDCBrowserLib.logic.downloads.series_import import SeriesImport


class Place:
    """Series on disk and an import whose deferred work is run when the test says so."""

    def __init__(self, folder):
        self.folder = folder
        self.store = FakeStore()
        self.waiting = []
        self.imported, self.errors, self.finished = [], [], []
        self.work = SeriesImport(self.store, self.waiting.append, self.imported.append, self.errors.append, lambda _progress: None)

    def add(self, *uids):
        for uid in uids:
            (self.folder / uid).mkdir(exist_ok=True)
            (self.folder / uid / "image.dcm").touch()
            self.work.add(uid, str(self.folder / uid))

    def run(self):
        while self.waiting:
            self.waiting.pop(0)()


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_what_comes_together_goes_in_together_and_each_series_once(place):
    place.add("1", "2")
    place.add("1")
    place.run()
    assert place.imported == [["1", "2"]]
    place.add("3")
    place.run()
    assert place.imported == [["1", "2"], ["3"]]


def test_what_comes_during_an_import_waits_for_its_end(place):
    place.store.slow = True
    place.add("1")
    place.run()
    place.add("2", "3")
    place.run()
    assert place.imported == []
    place.store.finish_import()
    place.store.slow = False
    place.run()
    assert place.imported == [["1"], ["2", "3"]]


def test_the_end_is_told_once_when_all_are_in(place):
    place.add("1")
    place.work.finish(place.finished.append)
    assert place.finished == []
    place.run()
    assert [counts["series"] for counts in place.finished] == [1]


def test_without_series_the_end_comes_at_once(place):
    place.work.finish(place.finished.append)
    assert [counts["series"] for counts in place.finished] == [0]


def test_a_canceled_import_tells_nothing_more(place):
    place.store.slow = True
    place.add("1")
    place.run()
    place.work.cancel()
    place.store.finish_import()
    place.run()
    assert (place.imported, place.finished) == ([], [])


def test_a_database_that_fails_is_told_once(place):
    place.store.import_error = StoreError("The database is closed.")
    place.add("1")
    place.run()
    place.add("2")
    place.run()
    assert [str(error) for error in place.errors] == ["The database is closed."]


def test_the_end_comes_also_after_a_failure_that_was_told_before(place):
    place.store.import_error = StoreError("The database is closed.")
    place.add("1")
    place.run()
    place.work.finish(place.finished.append)
    assert [counts["series"] for counts in place.finished] == [0]


class Handle:
    def __init__(self):
        self.cancelled = False

    def cancel(self):
        self.cancelled = True


def test_loads_run_one_after_the_other_and_a_cancelled_one_never_starts():
    queue, ends, handle = SerialQueue(), [], Handle()

    def start(end):
        ends.append(end)
        return handle

    queue.add(start)
    second = queue.add(start)
    queue.add(start)
    assert len(ends) == 1
    second.cancel()
    assert not handle.cancelled
    ends[0]()
    assert len(ends) == 2
    ends[1]()
    queue.add(start).cancel()
    assert handle.cancelled
