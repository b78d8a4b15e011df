"""Lines about a selection do not flicker: the former ones stay until the new ones are here, or for a moment."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest


@pytest.fixture
def hands(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()), [])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def test_a_total_that_comes_at_once_takes_the_place_of_the_former_one(hands):
    hands.click_row("collections", 0)
    hands.settle()
    before = hands.text("selectionTotal")
    hands.bench.engine.process.hold("selection.summary")
    hands.click_row("cases", 0)
    assert hands.text("selectionTotal") == before
    hands.bench.engine.process.release("selection.summary")
    hands.settle()
    assert hands.text("selectionTotal") not in (before, "Counting...")


def test_one_that_takes_its_time_is_said_to_be_counted(hands):
    hands.click_row("collections", 0)
    hands.settle()
    hands.bench.engine.process.hold("selection.summary")
    hands.click_row("cases", 0)
    QTest.qWait(300)
    assert hands.text("selectionTotal") == "Counting..."
    hands.bench.engine.process.release("selection.summary")
    hands.settle()
    assert hands.text("selectionTotal").endswith("MB")


def test_nothing_selected_is_said_at_once(hands):
    hands.click_row("collections", 0)
    hands.settle()
    hands.bench.browser.tables.clear_selection()
    assert hands.text("selectionTotal") == "Nothing selected"
