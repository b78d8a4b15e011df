"""The entry of the menu that has links opened with this program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from IDCBrowserLib.host.standalone.links_action import LinksAction
from IDCBrowserLib.qtbinding import QtWidgets


class Menu:
    def __init__(self) -> None:
        self.window = QtWidgets.QWidget()
        self.menu = QtWidgets.QMenu(self.window)
        self.said: list[str] = []
        self.problems: list[str] = []
        self.links = LinksAction(self.window, self.menu, self.said.append, self.problems.append)

    @property
    def is_checked(self) -> bool:
        self.menu.aboutToShow.emit()
        return bool(self.links.action.isChecked())


@pytest.fixture
def menu(app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Menu:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Menu()


def test_the_entry_says_how_it_is_and_changes_it_back_and_forth(menu: Menu, tmp_path: Path) -> None:
    assert not menu.is_checked and not list(tmp_path.rglob("*.desktop"))
    menu.links.action.trigger()
    assert menu.is_checked and "idc-browser-links.desktop" in menu.said[-1]
    assert len(list(tmp_path.rglob("*.desktop"))) == 1
    menu.links.action.trigger()
    assert not menu.is_checked and not list(tmp_path.rglob("*.desktop"))
    assert len(menu.said) == 2 and menu.problems == []


def test_what_somebody_else_wrote_is_a_sentence_and_stays(menu: Menu, tmp_path: Path) -> None:
    entry = tmp_path / "data" / "applications" / "idc-browser-links.desktop"
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\n", encoding="utf-8")
    menu.links.action.trigger()
    assert not menu.is_checked and "not written by this program" in menu.problems[0]
    assert entry.read_text(encoding="utf-8") == "[Desktop Entry]\n"


def test_where_a_program_cannot_ask_for_links_there_is_no_entry(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert not Menu().links.action.isVisible()
