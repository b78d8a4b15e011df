"""A closed panel is let go by all that outlives it: browser, host and engine, and timers, which in PythonQt hold what they call for ever."""

from __future__ import annotations

import gc
import weakref

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from helpers.reachable import owners, reachable

from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.signal import Signal


@pytest.fixture
def used(app, make_bench) -> Panel:
    """A panel in which something was looked at."""
    hands = Panel(make_bench(FakeCatalog()))
    hands.click_row("collections", 0)
    hands.click_row("cases", 0)
    for page in ("summary", "cart", "downloads", "searches", "changes", "query", "settings", "help", "browse"):
        hands.panel.show_page(page)
        hands.settle()
    return hands


def timers(panel: object) -> list[QtCore.QTimer]:
    return [item for item in reachable(panel) if isinstance(item, QtCore.QTimer)]


def is_connected(timer: QtCore.QTimer) -> bool:
    return timer.isSignalConnected(QtCore.QMetaMethod.fromSignal(timer.timeout))


def test_no_timer_of_a_closed_panel_is_connected(used):
    found = timers(used.panel)
    assert found and all(is_connected(timer) for timer in found)
    used.panel.close()
    assert [timer for timer in found if timer.isActive() or is_connected(timer)] == []


def test_no_signal_of_the_browser_calls_a_closed_panel(used):
    used.panel.close()
    signals = [item for item in reachable([used.bench.browser, used.bench.host, used.bench.engine]) if isinstance(item, Signal)]
    assert len(signals) > 20
    held = {
        type(owner).__name__
        for signal in signals
        for listener in signal._listeners
        for owner in owners(listener)
        if type(owner).__module__.startswith("IDCBrowserLib.ui")
    }
    assert held == set()


def test_a_closed_panel_and_its_browser_go(used):
    used.panel.close()
    used.bench.browser.close()
    gone = [weakref.ref(used.panel), weakref.ref(used.bench.browser)]
    used.panel.widget.close()
    used.panel.widget.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    used.panel = used.bench.browser = None
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
