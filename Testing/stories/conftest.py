"""What stories share: an application, the demo's world, hands that click and type."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from helpers.fault_proxy import FaultProxy, fault_proxy
from helpers.hands import Hands
from helpers.own_folder import own_folder
from PySide6 import QtTest, QtWidgets

from IDCBrowserLib.catalog.cache import cache
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.host.standalone.demo_window import demo_config
from IDCBrowserLib.host.standalone.window import StandaloneWindow, WindowConfig, make_window


@pytest.fixture
def everything(further_world: World) -> Iterator[World]:
    """The phantom with all its objects, with empty folders for this test. Its bucket is common to all tests."""
    with own_folder(further_world) as world:
        yield world


@pytest.fixture
def proxy(world: World) -> Iterator[FaultProxy]:
    """Between whoever asks and the bucket; its ``rule`` says what fails."""
    with fault_proxy(world.endpoint_url) as running:
        yield running


@pytest.fixture(autouse=True)
def _a_person_who_has_used_it_before(home: Path) -> None:
    """The catalog is laid out; how the first start goes is seen in ``integration/test_standalone_window``."""


@pytest.fixture(scope="session")
def application(app: QtWidgets.QApplication) -> QtWidgets.QApplication:
    return app


@contextmanager
def opening() -> Iterator[Callable[[WindowConfig], Hands]]:
    """Opens windows, and closes them at the end."""
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
def open_window(application: QtWidgets.QApplication) -> Iterator[Callable[[WindowConfig], Hands]]:
    with opening() as open_one:
        yield open_one


@pytest.fixture(scope="module")
def window_of_the_file(application: QtWidgets.QApplication, laid_out_catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    """A window on IDC's catalog for all stories of a file that only look for something: an engine and a window take seconds each."""
    folder = tmp_path_factory.mktemp("window")
    caches = folder / "home" / "cache" / "catalog"
    caches.mkdir(parents=True)
    for part in cache.parts(laid_out_catalog):
        os.link(part, caches / part.name)
    with pytest.MonkeyPatch.context() as patch, opening() as open_one:
        patch.setenv("IDC_BROWSER_HOME", str(folder / "home"))
        yield open_one(WindowConfig(settings_file=str(folder / "settings.ini"), download_folder=str(folder / "downloads")))


@pytest.fixture
def catalog(window_of_the_file: Hands) -> Hands:
    """That window as after its start: nothing looked for, filtered or selected."""
    hands, browser = window_of_the_file, window_of_the_file.program.browser
    browser.show_page("browse")
    browser.plan.clear()
    hands.widget("searchBox").clear()
    browser.search.clear()
    browser.filters.reset()
    browser.tables.reveal({})
    browser.message.emit(None)
    hands.wait(lambda: not hands.program.engine.client.pending and browser.tables.is_settled and hands.rows("collections") > 100, "the catalog")
    return hands


@pytest.fixture
def hands(world: World, open_window: Callable[[WindowConfig], Hands]) -> Hands:
    return open_window(demo_config(world))
