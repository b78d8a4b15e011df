"""Links that the system hands over: to the window that is open, else to a new one."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import Any

import pytest
from helpers.small_command_line import CommandLine

from IDCBrowserLib.cli.commands import links
from IDCBrowserLib.cli.outcome import Outcome
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.host.inbox import inbox_of_links, link_folder
from IDCBrowserLib.host.links import sources_of_link
from IDCBrowserLib.host.standalone import window
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.task import Task

LINK = "idc-browser://open/?seriesInstanceUID=1.2.3&collection_id=nlst"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path


def test_links_are_installed_and_removed_on_request(idc_browser: CommandLine, folders: Path) -> None:
    assert not idc_browser.json("links", "status")["installed"]
    assert not list(folders.rglob("*.desktop"))
    told = idc_browser.json("links", "install")
    assert told["installed"] and told["place"] == str(folders / "data" / "applications" / "idc-browser-links.desktop")
    assert "are opened by this program" in idc_browser.text("links", "status")
    assert not idc_browser.json("links", "remove")["installed"]
    assert not list(folders.rglob("*.desktop"))
    idc_browser.fails(2, "takes no link", "links", "install", LINK)


@pytest.mark.parametrize("link", ["idc-browser://open/?seriesInstanceUID=1.2.3", "IDC-BROWSER:///?seriesInstanceUID=1.2.3"])
def test_links_of_our_own_are_read_as_those_of_slicer(link: str) -> None:
    assert sources_of_link(link) == ("1.2.3",)


def test_a_link_of_our_own_that_names_nothing_from_idc_is_refused() -> None:
    with pytest.raises(InputError, match="nothing from IDC"):
        sources_of_link("idc-browser:?x=1")


def test_links_of_others_are_not_ours() -> None:
    assert sources_of_link("idc-browser://evil.example/?seriesInstanceUID=1.2.3") is None
    assert sources_of_link("http://open/?seriesInstanceUID=1.2.3") is None


@pytest.mark.parametrize(
    "words", [("http://x/",), ("idc-browser://open/?seriesInstanceUID=../x",), (LINK, "--endpoint-url=http://evil"), (), ("idc-browser://open/",)]
)
def test_what_is_no_link_opens_no_window(idc_browser: CommandLine, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(window, "run_window", lambda config, _on_ready: shown.append(config))
    code, _output, errors = idc_browser.run("links", "open", "--", *words)
    assert code == 2 and errors and not shown


def test_without_a_window_one_is_opened_that_shows_it(idc_browser: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []

    def run_window(config: Any, _on_ready: Any) -> int:
        shown.append(config.sources)
        return 0

    monkeypatch.setattr(window, "run_window", run_window)
    monkeypatch.setattr("IDCBrowserLib.cli.commands.links._PATIENCE_S", 0.1)
    assert idc_browser.run("links", "open", "--", LINK)[0] == 0
    Path(link_folder()).mkdir(parents=True, exist_ok=True)
    assert idc_browser.run("links", "open", "--", LINK)[0] == 0
    assert shown == [("1.2.3", "nlst")] * 2
    assert not list(Path(link_folder()).iterdir()), "a link that nobody took is taken back"


def test_a_window_that_is_open_takes_it_and_leaves_nothing(idc_browser: CommandLine, app: Any) -> None:
    opened: list[list[str]] = []
    problems: list[str] = []
    inbox = inbox_of_links(lambda sources: opened.append(list(sources)), problems.append)
    assert inbox is not None
    beside = Path(link_folder()) / "notes.txt"
    beside.write_text("somebody's", encoding="utf-8")
    ended: list[Outcome] = []
    asked = argparse.Namespace(action="open", link=[LINK], home=None)
    thread = threading.Thread(target=lambda: ended.append(links.run(asked, Task())))
    thread.start()
    while not opened and thread.is_alive():
        app.processEvents(QtCore.QEventLoop.ProcessEventsFlag.AllEvents, 50)
    thread.join()
    inbox.close()
    assert opened == [["1.2.3", "nlst"]] and problems == []
    assert [outcome.text for outcome in ended] == ["Opened in the window that is open."]
    assert [path.name for path in Path(link_folder()).rglob("*") if path.is_file()] == ["notes.txt"]
