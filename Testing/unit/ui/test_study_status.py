from __future__ import annotations

import pytest
from helpers.fake_host import FakeEngine, FakeStore

from IDCBrowserLib.logic.tables.study_status import StudyStatusBook
from IDCBrowserLib.ui.widgets.icons import FOLDER


def counts(series=4, here=0, imported=0, older=0):
    return {"series": series, "here": here, "in database": imported, "older version": older}


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (counts(), "In IDC"),
        (counts(here=1), "1 of 4 on disk"),
        (counts(here=4), "4 of 4 on disk"),
        (counts(here=4, imported=4), "In database"),
        (counts(here=2, imported=1, older=1), "2 of 4 on disk"),
    ],
)
def test_the_status_of_a_study_counts_its_series(found, text):
    engine = FakeEngine({"store.study_status": lambda parameters: dict.fromkeys(parameters["studies"], found)})
    book = StudyStatusBook(engine.client, FakeStore())
    assert book.of("1").text == ""
    book.ask(["1", "1"])
    engine.settle()
    shown = book.of("1")
    assert shown.text == text and (FOLDER / f"{shown.icon}.svg").is_file() and f"{found['here']} of its 4" in shown.tip
    assert ("newer versions of 1" in shown.tip) == bool(found["older version"])


def test_a_study_is_asked_for_once_until_it_may_have_changed():
    engine = FakeEngine({"store.study_status": lambda parameters: {uid: counts() for uid in parameters["studies"]}})
    book = StudyStatusBook(engine.client, FakeStore())
    book.ask(["1"])
    book.ask(["1", "2"])
    engine.settle()
    book.forget()
    assert book.of("1").text == "In IDC", "the former answer stays in sight"
    book.ask(["1"])
    engine.settle()
    assert [call["studies"] for call in engine.process.calls("store.study_status")] == [["1"], ["2"], ["1"]]
