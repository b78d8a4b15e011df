"""The folder whose files are opened as they appear."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.host.inbox import Inbox, inbox_of_environment
from IDCBrowserLib.qtbinding import QtCore


class Opened:
    def __init__(self) -> None:
        self.sources: list[list[str]] = []
        self.problems: list[str] = []

    def inbox(self, folder: Path) -> Inbox:
        return Inbox(str(folder), lambda sources: self.sources.append(list(sources)), self.problems.append)


def put(folder: Path, name: str, text: str) -> None:
    (folder / ".part").write_text(text, encoding="utf-8")
    os.rename(folder / ".part", folder / name)


def test_a_manifest_that_appears_is_opened_from_beside(app: Any, tmp_path: Path) -> None:
    opened = Opened()
    inbox = opened.inbox(tmp_path)
    put(tmp_path, "1-cart.s5cmd", "cp s3://idc-open-data/x/* .")
    while not opened.sources:
        app.processEvents(QtCore.QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 100)
    inbox.close()
    assert opened.sources == [[str(tmp_path / "opened" / "1-cart.s5cmd")]]
    assert not (tmp_path / "1-cart.s5cmd").exists() and (tmp_path / "opened" / "1-cart.s5cmd").exists()


def test_what_is_there_at_the_start_is_opened_in_order(app: Any, tmp_path: Path) -> None:
    put(tmp_path, "2-b.csv", "x")
    put(tmp_path, "1-series.link", "slicer://idc-browser/?seriesInstanceUID=1.2.3\n")
    opened = Opened()
    inbox = opened.inbox(tmp_path)
    inbox.look()
    inbox.close()
    assert opened.sources == [["1.2.3"], [str(tmp_path / "opened" / "2-b.csv")]]


@pytest.mark.parametrize(
    "text", ["http://evil.example/", "slicer://idc-browser/?seriesInstanceUID=../x", "", "slicer://idc-browser/?manifest=//server/a.csv"]
)
def test_a_link_that_is_not_ours_or_wrong_is_a_sentence(app: Any, tmp_path: Path, text: str) -> None:
    put(tmp_path, "1.link", text)
    opened = Opened()
    inbox = opened.inbox(tmp_path)
    inbox.look()
    inbox.close()
    assert opened.sources == [] and len(opened.problems) == 1


def test_links_folders_and_unfinished_files_are_left_alone(app: Any, tmp_path: Path) -> None:
    inner = tmp_path / "inbox"
    inner.mkdir()
    (tmp_path / "mine.csv").write_text("mine", encoding="utf-8")
    (inner / "1-mine.csv").symlink_to(tmp_path / "mine.csv")
    (inner / "folder.csv").mkdir()
    (inner / ".coming").write_text("x", encoding="utf-8")
    opened = Opened()
    inbox = opened.inbox(inner)
    inbox.look()
    inbox.close()
    assert (opened.sources, opened.problems) == ([], [])
    assert (tmp_path / "mine.csv").read_text(encoding="utf-8") == "mine"


def test_a_second_file_of_a_name_does_not_replace_the_first(app: Any, tmp_path: Path) -> None:
    opened = Opened()
    inbox = opened.inbox(tmp_path)
    for text in ("first", "second"):
        put(tmp_path, "cart.csv", text)
        inbox.look()
    inbox.close()
    assert [Path(path).read_text(encoding="utf-8") for (path,) in opened.sources] == ["first", "second"]


def test_nothing_is_moved_through_a_link(app: Any, tmp_path: Path) -> None:
    inner, elsewhere = tmp_path / "inbox", tmp_path / "elsewhere"
    inner.mkdir()
    elsewhere.mkdir()
    (inner / "opened").symlink_to(elsewhere)
    put(inner, "cart.csv", "mine")
    opened = Opened()
    inbox = opened.inbox(inner)
    inbox.look()
    inbox.close()
    assert opened.sources == [] and "is a link" in opened.problems[0]
    assert list(elsewhere.iterdir()) == [] and (inner / "cart.csv").exists()


def test_without_a_session_there_is_no_inbox(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_value: Sequence[str] | str) -> None:
        raise AssertionError

    monkeypatch.delenv("IDC_BROWSER_INBOX", raising=False)
    assert inbox_of_environment(never, never) is None
