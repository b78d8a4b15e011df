"""A browser panel over the fakes, in a PythonQt program; for scripts that are run by a launcher."""

from __future__ import annotations

import sys
import traceback
from typing import Any


def heard_problems() -> list[str]:
    """What is raised from now on in a slot, a model or the script itself: the errors with where they came from."""
    problems: list[str] = []

    def hear(_kind: Any, error: BaseException, _traceback: Any) -> None:
        traceback.print_exception(error)
        (place,) = traceback.extract_tb(error.__traceback__)[-1:]
        problems.append(f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})")

    sys.excepthook = hear
    return problems


class Program:
    """A panel over the fakes, shown in a window."""

    def __init__(self) -> None:
        from helpers.fake_catalog import FakeCatalog
        from helpers.fake_host import FakeEngine, FakeHost
        from IDCBrowserLib.logic.browser import Browser
        from IDCBrowserLib.qtbinding import QtCore, QtWidgets
        from IDCBrowserLib.ui.browser_panel import BrowserPanel

        self.application = QtWidgets.QApplication
        self.engine = FakeEngine(FakeCatalog().handlers())
        self.browser = Browser(self.engine.client, FakeHost(), lambda do: QtCore.QTimer.singleShot(0, do))
        self.panel = BrowserPanel(self.browser)
        self.panel.widget.resize(1280, 720)
        self.panel.widget.show()
        self.browser.start()
        self.settle()

    def settle(self) -> None:
        for _ in range(20):
            self.engine.settle()
            self.application.processEvents()

    def find(self, kind: Any, name: str) -> Any:
        return next(widget for widget in self.panel.widget.findChildren(kind) if widget.objectName == name)

    def press(self, name: str) -> None:
        from IDCBrowserLib.qtbinding import QtWidgets

        self.find(QtWidgets.QAbstractButton, name).click()
        self.settle()

    def close(self) -> None:
        self.panel.close()
        self.browser.close()
