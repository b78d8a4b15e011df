from __future__ import annotations

import sys

import pytest
from helpers.fake_catalog import FakeCatalog
from helpers.fake_host import FakeEngine, FakeHost

from IDCBrowserLib import site_defaults
from IDCBrowserLib.logic.browser import Browser


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folders of this test's own, as at the first start: what needs IDC's catalog laid out is among the stories."""
    folder = tmp_path / "home"
    monkeypatch.setenv("IDC_BROWSER_HOME", str(folder))
    site_defaults.forget()
    yield folder
    site_defaults.forget()


@pytest.fixture(autouse=True)
def no_window_outlives_its_test():
    """Hundreds of panels would take gigabytes, and minutes to be cleared away at the end."""
    yield
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6 import QtCore, QtWidgets

    for widget in QtWidgets.QApplication.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    # What was meant for them leaves Qt's list only here, and every widget that goes looks through all of it.
    QtCore.QCoreApplication.sendPostedEvents()


class Deferred:
    """Runs what was put off when the test says so."""

    def __init__(self):
        self.waiting = []

    def __call__(self, do):
        self.waiting.append(do)

    def run(self):
        while self.waiting:
            self.waiting.pop(0)()


class Bench:
    """A browser on a fake engine and a fake host."""

    def __init__(self, catalog):
        self.catalog = catalog
        self.engine = FakeEngine(catalog.handlers())
        self.host = FakeHost()
        self.deferred = Deferred()
        self.browser = Browser(self.engine.client, self.host, self.deferred)
        self.messages = []
        self.browser.message.connect(self.messages.append)

    def start(self):
        self.browser.start()
        self.settle()
        return self

    def settle(self):
        for _ in range(3):
            self.engine.settle()
            self.deferred.run()

    def select(self, level, *rows):
        from IDCBrowserLib.logic.base.state import merge_ranges

        self.browser.tables.select(level, merge_ranges([(row, row) for row in rows]))
        self.settle()

    @property
    def last_message(self):
        return next(message for message in reversed(self.messages) if message is not None)


@pytest.fixture
def bench():
    return Bench(FakeCatalog()).start()


@pytest.fixture
def make_bench():
    return Bench
