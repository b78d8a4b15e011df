"""Every control can be told apart by a screen reader, is explained, is reached by keys in reading order, and fits into a dock."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from PySide6.QtTest import QTest

from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.eliding_label import ElidingLabel

CONTROLS = (
    QtWidgets.QAbstractButton,
    QtWidgets.QLineEdit,
    QtWidgets.QComboBox,
    QtWidgets.QAbstractSpinBox,
    QtWidgets.QAbstractItemView,
    QtWidgets.QTextEdit,
    QtWidgets.QPlainTextEdit,
    QtWidgets.QAbstractSlider,
    QtWidgets.QGroupBox,
    QtWidgets.QTabWidget,
)
# Widgets that Qt makes inside of others; they speak through these.
COMPOSED = (QtWidgets.QLineEdit, QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox, QtWidgets.QTabBar)
EXPLAINED = (QtWidgets.QAbstractButton, QtWidgets.QLineEdit, QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox)


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog()))
    panel.activate()
    panel.bench.browser.message.emit(Message(Kind.ERROR, "The engine ended.", "restart"))
    for level in ("collections", "cases", "studies", "series"):
        panel.click_row(level, 0)
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def is_inner(widget):
    """Whether Qt made it as part of a control of ours: a scroll bar, a header, the list of a combo box ..."""
    if isinstance(widget, (QtWidgets.QScrollBar, QtWidgets.QHeaderView)) or widget.objectName().startswith("qt_"):
        return True
    parent = widget.parent()
    while parent is not None:
        if isinstance(parent, COMPOSED):
            return True
        parent = parent.parent()
    return isinstance(widget.parent(), QtWidgets.QTableView)


def controls(panel):
    return [made for made in panel.panel.widget.findChildren(QtWidgets.QWidget) if isinstance(made, CONTROLS) and not is_inner(made)]


def test_every_control_of_every_page_has_an_object_name_of_its_own(panel):
    names = [made.objectName() for made in controls(panel)]
    assert len(names) > 80, "the pages are there"
    assert all(names), [type(made).__name__ for made in controls(panel) if not made.objectName()]
    assert sorted(set(names)) == sorted(names)


def test_a_screen_reader_has_a_word_for_every_control(panel):
    labeled = [label.buddy() for label in panel.panel.widget.findChildren(QtWidgets.QLabel) if label.buddy() is not None]
    silent = [
        made.objectName()
        for made in controls(panel)
        if not (made.accessibleName() or (made.property("text") and isinstance(made, QtWidgets.QAbstractButton)) or made.property("title"))
        and not any(made is other for other in labeled)
        and not isinstance(made, QtWidgets.QTabWidget)
    ]
    assert silent == []


def test_a_pointer_resting_on_a_button_or_field_is_told_what_it_is_for(panel):
    assert [made.objectName() for made in controls(panel) if isinstance(made, EXPLAINED) and not made.toolTip()] == []


def walk(panel, start, steps=60):
    """Object names of what Tab comes by, each once, until it comes round."""
    panel.find(QtWidgets.QWidget, start).setFocus()
    visited = []
    for _step in range(steps):
        focused = QtWidgets.QApplication.focusWidget()
        if focused.objectName() == start and visited:
            break
        if focused.objectName() and focused.objectName() not in visited and focused.objectName() != "qt_tabwidget_tabbar":
            visited.append(focused.objectName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return visited


TABLES = [f"{level}{part}" for level in ("collections", "cases", "studies", "series") for part in ("Filter", "Table")]
BUTTONS = [
    "downloadAndLoadButton",
    "downloadButton",
    "addToCartButton",
    "saveSelectionButton",
    "partBox",
    "withReferences",
    "changeFolderButton",
]
READING_ORDER = ["filtersButton", "allTables", "showPreview", "searchBox", "pathStep0", "collectionsSwitch", *TABLES, "details", *BUTTONS]


def test_tab_walks_the_page_in_reading_order(panel):
    """The path leads back to tables that are not in sight."""
    visited = walk(panel, "filtersButton")
    in_sight = [name for name in READING_ORDER if (name not in TABLES and name != "collectionsSwitch") or name.startswith("series")]
    # The series of one study have pictures.
    in_sight = ["seriesTree" if name == "seriesTable" else name for name in in_sight]
    assert [name for name in visited if name in (*READING_ORDER, "seriesTree")] == in_sight


def test_tab_walks_all_four_tables_where_they_are_shown(panel):
    panel.find(QtWidgets.QCheckBox, "allTables").click()
    visited = walk(panel, "filtersButton")
    assert [name for name in visited if name in READING_ORDER] == [name for name in READING_ORDER if name != "pathStep0"]


def test_open_filters_come_between_the_search_box_and_the_tables(panel):
    panel.find(QtWidgets.QPushButton, "filtersButton").click()
    panel.settle()
    visited = walk(panel, "filtersButton")
    first = visited[visited.index("searchBox") : visited.index("seriesTree") + 1]
    assert {"facets", "facetFilter", "facetValues"} <= set(first)


def test_shift_tab_leads_back(panel):
    panel.find(QtWidgets.QWidget, "seriesTree").setFocus()
    for wanted in ("seriesFilter", "seriesPictures", "pathStep3", "pathStep2"):
        QTest.keyClick(QtWidgets.QApplication.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        assert QtWidgets.QApplication.focusWidget().objectName() == wanted


def test_a_wide_panel_can_be_pushed_together_to_a_dock_and_fits_it(panel):
    panel.find(QtWidgets.QCheckBox, "allTables").click()
    widget = panel.panel.widget
    widget.resize(1000, 900)
    panel.settle()
    widget.resize(330, 900)
    panel.settle()
    assert widget.width() == 330
    assert widget.minimumSizeHint().width() <= 330
    for level in ("collections", "cases", "studies", "series"):
        edit = panel.find(QtWidgets.QLineEdit, f"{level}Filter")
        assert edit.width() >= 64 and edit.mapTo(widget, edit.rect().topRight()).x() < 330


def test_a_count_that_does_not_fit_gives_way_in_whole_numbers(panel):
    panel.find(QtWidgets.QCheckBox, "allTables").click()
    panel.panel.widget.resize(330, 900)
    panel.settle()
    count = panel.find(ElidingLabel, "collectionsCount")
    assert count.width() < count.sizeHint().width() and count.shown() == "2"
    assert count.toolTip() == count.text() == "1 of 2 selected"


def test_enter_pressed_before_the_next_rows_are_here_still_leads_to_the_first_of_them(panel):
    process = panel.bench.engine.process
    for goes_away in (True, False):
        process.hold("catalog.view")
        panel.click_row("collections", int(goes_away))
        panel.table("collections").setFocus()
        QTest.keyClick(panel.table("collections"), Qt.Key.Key_Return)
        assert QtWidgets.QApplication.focusWidget() is panel.table("cases")
        if goes_away:
            panel.find(QtWidgets.QLineEdit, "searchBox").setFocus()
        process.release("catalog.view")
        panel.settle()
        assert panel.bench.browser.tables.state("cases").selected == (() if goes_away else ((0, 0),))
