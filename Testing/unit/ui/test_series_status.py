from __future__ import annotations

import pytest
from helpers.fake_host import FakeStore

from IDCBrowserLib.host_interface import SeriesStatus
from IDCBrowserLib.logic.tables.series_status import SeriesProgress, SeriesStatusBook


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def book(store):
    return SeriesStatusBook(store)


def test_a_series_is_asked_for_once_until_told_otherwise(book, store):
    book.ask(["1", "2"])
    book.ask(["2", "3"])
    assert store.asked_status == [["1", "2"], ["3"]]
    book.ask(["1"], again=True)
    assert store.asked_status[-1] == ["1"]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (SeriesStatus.ABSENT, "In IDC"),
        (SeriesStatus.PARTIAL, "Incomplete"),
        (SeriesStatus.ON_DISK, "On disk"),
        (SeriesStatus.IN_DATABASE, "In database"),
        (SeriesStatus.OUTDATED, "Newer version in IDC"),
    ],
)
def test_every_status_has_a_text_an_icon_and_an_explanation(book, store, status, text):
    store.statuses["1"] = status
    book.ask(["1"])
    shown = book.of("1")
    assert shown.text == text
    assert shown.icon and shown.tip


@pytest.mark.parametrize("state", ["queued", "listing", "transferring", "verifying", "complete", "failed", "cancelled"])
def test_every_state_of_a_transfer_has_a_text_and_an_icon_that_exists(book, state):
    from IDCBrowserLib.transfer.item import TransferState
    from IDCBrowserLib.ui.widgets.icons import FOLDER

    book.set_progress({"1": SeriesProgress(TransferState(state).value)})
    shown = book.of("1")
    assert shown.text and shown.text != state
    assert (FOLDER / f"{shown.icon}.svg").is_file()


def test_after_a_download_its_word_stands_until_the_store_has_answered(book, store):
    book.ask(["1"])
    book.set_progress({"1": SeriesProgress("complete")})
    answers = []
    store.series_status = lambda uids, on_done, on_error: answers.append(on_done)
    book.end_progress(["1"])
    assert book.of("1").text == "Downloaded"
    answers[0]({"1": SeriesStatus.IN_DATABASE})
    assert book.of("1").text == "In database"


def test_a_failed_series_stays_marked_until_it_is_there(book, store):
    book.set_progress({"1": SeriesProgress("failed")})
    book.end_progress(["1"])
    assert book.of("1").text == "Failed"
    store.statuses["1"] = SeriesStatus.ON_DISK
    book.ask(["1"], again=True)
    assert book.of("1").text == "On disk"


def test_a_canceled_series_shows_what_is_left_of_it(book, store):
    store.statuses["1"] = SeriesStatus.PARTIAL
    book.ask(["1"])
    book.set_progress({"1": SeriesProgress("cancelled")})
    book.end_progress(["1"])
    assert book.of("1").text == "Incomplete"


def test_two_downloads_at_a_time_keep_their_words_apart(book, store):
    book.ask(["1", "2"])
    book.set_progress({"1": SeriesProgress("imported"), "2": SeriesProgress("transferring", 0.5)})
    store.statuses = {"1": SeriesStatus.IN_DATABASE, "2": SeriesStatus.PARTIAL}
    book.end_progress(["1"])
    book.ask(["2"], again=True)
    assert (book.of("1").text, book.of("2").text) == ("In database", "Downloading 50 %")


def test_the_end_of_a_download_of_many_asks_only_for_those_in_sight(book, store):
    book.ask(["7"])
    book.set_progress({str(number): SeriesProgress("imported") for number in range(5000)})
    book.end_progress(map(str, range(5000)))
    assert store.asked_status == [["7"], ["7"]]


def test_a_series_in_the_scene_is_loaded_wherever_its_files_are(book, store):
    store.statuses["1"] = SeriesStatus.IN_DATABASE
    book.ask(["1"])
    told = []
    book.changed.connect(lambda: told.append(book.of("1").text))
    book.set_loaded(frozenset({"1"}))
    book.set_loaded(frozenset({"1"}))
    book.set_loaded(frozenset())
    assert told == ["Loaded", "In database"]


def test_what_a_download_says_goes_before_that_a_series_is_loaded(book):
    book.set_loaded(frozenset({"1"}))
    book.set_progress({"1": SeriesProgress("verifying")})
    assert book.of("1").text == "Checking"


def test_an_incomplete_series_says_why_until_it_is_there_or_removed(book, store):
    book.ask(["1"])
    book.set_progress({"1": SeriesProgress("failed", 0.5, "1 of 2 files are missing.")})
    store.statuses["1"] = SeriesStatus.PARTIAL
    book.end_progress(["1"])
    assert (book.of("1").text, book.of("1").tip) == ("Incomplete", "1 of 2 files are missing.")
    store.statuses["1"] = SeriesStatus.ABSENT
    book.ask(["1"], again=True)
    assert book.of("1").text == "In IDC", "somebody has removed it"


def test_a_series_whose_folder_the_store_does_not_know_stays_incomplete(book, store):
    """As of a layout of folders that the user has chosen."""
    book.ask(["1"])
    book.set_progress({"1": SeriesProgress("failed", 0.5, "1 of 2 files are missing.")})
    book.end_progress(["1"])
    assert book.of("1").text == "Incomplete"
    store.statuses["1"] = SeriesStatus.ON_DISK
    book.ask(["1"], again=True)
    assert book.of("1").text == "On disk"
