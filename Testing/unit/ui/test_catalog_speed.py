"""The line below the panel says while fast browsing is prepared, and when it is there."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel

from IDCBrowserLib.errors import EngineError
from IDCBrowserLib.qtbinding import QtWidgets


@pytest.fixture
def panel(app, bench):
    panel = Panel(bench, [])
    panel.settle()
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def look(panel, **answer):
    panel.bench.catalog.indices.readiness = {"cached": False, "preparing": False, **answer}
    panel.bench.browser.speed.look()
    panel.settle()
    return panel.find(QtWidgets.QLabel, "catalogSpeed").property("text")


def test_it_says_that_it_is_prepared_and_then_that_it_is_there(panel):
    assert look(panel) == "", "it has not begun"
    assert look(panel, preparing=True) == "Preparing fast browsing..."
    assert look(panel, cached=True) == "Browsing is now at full speed."
    asked = len(panel.bench.engine.process.calls("catalog.readiness"))
    look(panel, cached=True)
    assert len(panel.bench.engine.process.calls("catalog.readiness")) == asked, "nothing is waited for any more"


@pytest.mark.parametrize("fails", [True, False])
def test_what_fails_is_not_waited_for(panel, fails):
    look(panel, preparing=True)

    def gone(_params):
        raise EngineError("The engine is gone.")

    if fails:
        panel.bench.engine.process.handlers["catalog.readiness"] = gone
    assert look(panel) == "" and not panel.bench.browser.speed.is_waited_for


def test_what_never_begins_is_not_waited_for_for_ever(panel):
    for _number in range(10):
        assert panel.bench.browser.speed.is_waited_for
        look(panel)
    assert not panel.bench.browser.speed.is_waited_for
