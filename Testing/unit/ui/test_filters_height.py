"""Where the filters find height: what is below gives it, so that the collections they leave stay in sight; and gets it back."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.arrangement import heights_with_filters, heights_without_filters


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()))
    panel.panel.widget.resize(900, 1000)
    panel.settle()
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def heights(panel):
    return list(panel.find(QtWidgets.QSplitter, "rowsSplitter").sizes())


def toggle(panel):
    QTest.mouseClick(panel.button("filtersButton"), Qt.MouseButton.LeftButton)
    panel.settle()
    QTest.qWait(20)


def test_opening_them_takes_nothing_from_the_collections_and_closing_gives_all_back(panel):
    before = heights(panel)
    toggle(panel)
    opened = heights(panel)
    assert opened[0] > 0 and opened[1] >= 0.9 * before[1], "the line above them takes a little of all"
    assert opened[2] < before[2] and opened[3] < before[3]
    toggle(panel)
    assert heights(panel)[0] == 0
    assert all(abs(now - then) <= before[1] // 10 for now, then in zip(heights(panel), before, strict=True))


def test_beside_their_values_the_names_of_filters_can_be_read(panel):
    toggle(panel)
    facets = panel.find(QtWidgets.QListWidget, "facets")
    assert facets.horizontalScrollBar().maximum() == 0
    assert facets.viewport().width() >= max(facets.fontMetrics().horizontalAdvance(facets.item(row).text()) for row in range(facets.count()))
    values = panel.find(QtWidgets.QTableView, "facetValues")
    assert values.width() > 2 * facets.width()


def test_heights_that_were_dragged_meanwhile_are_kept(panel):
    splitter = panel.find(QtWidgets.QSplitter, "rowsSplitter")
    toggle(panel)
    dragged = heights(panel)
    dragged[1] += 90
    dragged[2] -= 90
    splitter.setSizes(dragged)
    splitter.splitterMoved.emit(dragged[0] + dragged[1], 2)
    toggle(panel)
    assert abs(heights(panel)[1] - dragged[1]) <= 45


def test_heights_add_up():
    for height in (0, 126, 400):
        opened = heights_with_filters([0, 200, 240, 160], height)
        assert opened[:2] == [height, 200] and sum(opened) == 600
        assert sum(heights_without_filters(opened)) == 600
    assert heights_with_filters([0, 0, 0, 0], 100) == [100, 0, 0, -100]


def test_in_a_narrow_panel_facets_stand_above_their_values(panel):
    toggle(panel)
    area, values = panel.find(QtWidgets.QSplitter, "filtersArea"), panel.find(QtWidgets.QTableView, "facetValues")
    assert area.orientation() == Qt.Orientation.Horizontal
    panel.panel.widget.resize(340, 1000)
    panel.settle()
    QTest.qWait(50)
    assert area.orientation() == Qt.Orientation.Vertical
    assert values.columnWidth(0) > 0.4 * panel.panel.widget.width(), "the values can be read"
    panel.panel.widget.resize(900, 1000)
    panel.settle()
    assert area.orientation() == Qt.Orientation.Horizontal
