"""What stories share: an application, the demo's world, hands that click and type."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from helpers.hands import Hands
from PySide6 import QtTest, QtWidgets

from IDCBrowserLib.demo.world import World, open_world
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import StandaloneWindow, WindowConfig, make_window

# Outlives the session: widgets that the garbage collector finds after their application crash.
_APPLICATIONS: list[QtWidgets.QApplication] = []


@pytest.fixture(scope="session")
def application() -> QtWidgets.QApplication:
    _APPLICATIONS.append(QtWidgets.QApplication.instance() or QtWidgets.QApplication(["stories"]))
    return _APPLICATIONS[-1]


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("phantom") / "phantom"


@pytest.fixture
def world(phantom_folder: Path) -> Iterator[World]:
    world = open_world(phantom_folder=phantom_folder)
    yield world
    world.close()


@pytest.fixture(autouse=True)
def no_record_of_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody's own program left unfinished is not offered here."""
    monkeypatch.setenv("IDC_BROWSER_STATE", str(tmp_path / "state"))


@pytest.fixture
def open_window(application: QtWidgets.QApplication) -> Iterator[Callable[[WindowConfig], Hands]]:
    opened: list[StandaloneWindow] = []

    def open_one(config: WindowConfig) -> Hands:
        window = make_window(config)
        opened.append(window)
        window.window.resize(1680, 1000)
        window.show()
        return Hands(window)

    yield open_one
    for window in opened:
        window.close()
        window.window.deleteLater()
    QtTest.QTest.qWait(50)


@pytest.fixture
def hands(world: World, open_window: Callable[[WindowConfig], Hands]) -> Hands:
    return open_window(demo_config(world))
