"""What stories share: an application, the demo's world, hands that click and type."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.hands import Hands
from PySide6 import QtTest, QtWidgets

from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import StandaloneWindow, WindowConfig, make_window


@pytest.fixture(autouse=True)
def _a_person_who_has_used_it_before(home: Path) -> None:
    """The catalog is laid out; how the first start goes is seen in ``unit/host/test_standalone_window``."""


@pytest.fixture(scope="session")
def application(app: QtWidgets.QApplication) -> QtWidgets.QApplication:
    return app


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
