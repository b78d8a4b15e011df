"""Every page, walked widget by widget: what a screen reader says of it, what its tool tips take of the screen, and what the menus of rows offer."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.panel import Panel

from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.plain_tip import WIDEST, plain

PAGES = ("browse", "summary", "cart", "downloads", "review", "reports", "dose", "storage", "searches", "changes", "sql", "settings", "help")
NAMED = (
    QtWidgets.QAbstractItemView,
    QtWidgets.QLineEdit,
    QtWidgets.QComboBox,
    QtWidgets.QTextEdit,
    QtWidgets.QPlainTextEdit,
    QtWidgets.QAbstractSpinBox,
    QtWidgets.QAbstractSlider,
    QtWidgets.QProgressBar,
)
# Parts of Qt's own widgets.
_INSIDE = (QtWidgets.QHeaderView, QtWidgets.QScrollBar)
# Lists whose rows name series, studies, cases or collections.
TABLES = ("collectionsTable", "casesTable", "studiesTable", "seriesTable")
ROW_LISTS = (*TABLES, "relatedTable", "cartTree", "downloadSeriesTable", "storageSeries", "changesTable")
ENTRIES = ("Download", "Download and load", "Show folder", "Copy methods text", "Copy citations")


@pytest.fixture
def hands(app, bench):
    hands = Panel(bench)
    hands.panel.widget.resize(1280, 720)
    for level in ("collections", "cases", "studies", "series"):
        hands.click_row(level, 0)
    for page in PAGES:
        bench.browser.show_page(page)
        hands.settle()
    yield hands
    hands.panel.close()
    hands.panel.widget.close()


def ours(hands, kinds):
    widgets = [widget for kind in kinds for widget in hands.panel.widget.findChildren(kind)]
    return [widget for widget in widgets if not isinstance(widget, _INSIDE) and not _is_part(widget)]


def _is_part(widget):
    """The list of a combo box, the line of a spin box."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, (QtWidgets.QComboBox, QtWidgets.QAbstractSpinBox)) or type(above).__name__ == "QComboBoxPrivateContainer":
            return True
        above = above.parentWidget()
    return False


def test_every_page_is_walked(hands):
    assert [page.name for page in hands.panel.further] == list(PAGES[1:])


def test_every_view_list_box_and_line_has_a_name_for_screen_readers(hands):
    buddies = {label.buddy() for label in hands.panel.widget.findChildren(QtWidgets.QLabel) if label.buddy() is not None}
    unnamed = [widget for widget in ours(hands, NAMED) if not widget.accessibleName() and widget not in buddies]
    assert [f"{type(widget).__name__} {widget.objectName()} in {widget.parentWidget().objectName()}" for widget in unnamed] == []


def test_every_button_has_a_text_or_a_name(hands):
    silent = [button for button in ours(hands, (QtWidgets.QAbstractButton,)) if not button.text() and not button.accessibleName()]
    shown = [button.objectName() for button in silent if button.objectName() and not button.objectName().startswith(("qt_", "Scroll"))]
    assert shown == []


def test_every_tool_tip_fits_the_screen(hands):
    texts = {widget.toolTip() for widget in hands.panel.widget.findChildren(QtWidgets.QWidget)}
    texts |= {action.toolTip() for action in hands.panel.widget.findChildren(QtGui.QAction)}
    lines = [line for text in texts for line in text.replace("<p style='white-space:pre'>", "").splitlines()]
    assert [line for line in lines if len(line) > WIDEST + 10] == []


@pytest.mark.parametrize("text", ["word " * 5000, "x" * 100_000, "<b>" + "y" * 500, "one\ntwo\n" * 100])
def test_a_tool_tip_of_any_length_is_cut_to_lines_that_fit(text):
    shown = plain(text).splitlines()
    assert len(shown) <= 24 and max(map(len, shown)) <= WIDEST + 60


def test_the_menu_of_every_row_downloads_loads_shows_the_folder_and_cites(hands):
    for name in ROW_LISTS:
        view = hands.find(QtWidgets.QAbstractItemView, name)
        assert view.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu, name
        texts = [action.text().replace("&", "") for action in view.actions()]
        assert [entry for entry in ENTRIES if entry not in texts] == [], name
        assert any(text.startswith(("Copy UIDs", "Copy IDs")) for text in texts), name
        assert any(text.startswith("Open in") for text in texts), name
