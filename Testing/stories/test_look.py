"""The window is read, arranged and asked in odd ways: in both themes, in a dock, with columns moved by the mouse, on the real catalog."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.hands import Hands
from helpers.splitters import drag_handle
from helpers.themes import dark_palette
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from told import look

from IDCBrowserLib.host.standalone.window import WindowConfig

OpenWindow = Callable[[WindowConfig], Hands]
NARROW = (340, 760)


@pytest.fixture
def config(tmp_path: Path) -> WindowConfig:
    return WindowConfig(settings_file=str(tmp_path / "settings.ini"), download_folder=str(tmp_path / "downloads"), endpoint_url="http://127.0.0.1:9")


@pytest.fixture
def light_again(application: QtWidgets.QApplication) -> Iterator[None]:
    before = QtGui.QPalette(application.palette())
    yield
    application.setPalette(before)


def link_color(hands: Hands) -> str:
    details = hands.widget("details")
    cursor = details.textCursor()
    cursor.setPosition(details.toPlainText().replace("\xa0", " ").index("Copy as text") + 1)
    return str(cursor.charFormat().foreground().color().name())


def test_every_page_can_be_read_when_the_desktop_turns_dark(
    application: QtWidgets.QApplication, open_window: OpenWindow, config: WindowConfig, light_again: None
) -> None:
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    guides = [hands.widget(f"{level}Guide").text() for level in ("cases", "studies", "series")]
    assert all(guides) and guides[0].startswith("Select"), "who starts is told what to do"
    hands.click_row("collections", hands.find_row("collections", "LIDC-IDRI"))
    hands.wait(lambda: "LIDC-IDRI" in hands.widget("details").toPlainText(), "its details")
    for colors in (dark_palette(), application.style().standardPalette()):
        application.setPalette(colors)
        QtTest.QTest.qWait(20)
        assert link_color(hands) == colors.color(QtGui.QPalette.ColorRole.Link).name()
        for page in look.PAGES:
            hands.program.browser.show_page(page)
            QtTest.QTest.qWait(20)
            assert look.pale_labels(hands.window) == [], page
        hands.program.browser.show_page("browse")


def test_a_query_is_written_run_and_saved_in_a_dock(
    open_window: OpenWindow, config: WindowConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = open_window(config)
    query, panel = hands.program.browser.query, hands.program.panel.widget
    hands.program.browser.show_page("sql")
    hands.wait(lambda: query.tables, "the tables")
    parts = panel.parent()
    assert isinstance(parts, QtWidgets.QSplitter)
    hands.program.ensure_views()
    hands.program.bring_up_views()
    parts.setSizes([NARROW[0], 10_000])
    hands.wait(lambda: panel.width() < 400, "a narrow panel")
    assert not hands.widget("sqlTablesPanel").isVisible()
    for text, answer in (("SELECT * FROM inde", 'Did you mean "index"?'), ("SELECT repeat('x', 4000000000)", "memory")):
        hands.run_query(text)
        assert answer in hands.widget("sqlGuide").text()
    hands.run_query("SELECT count(*) FROM index")
    assert hands.widget("sqlCount").text().startswith("1 row in ")
    hands.run_query("SELECT StudyDate, SeriesNumber FROM index WHERE SeriesNumber = '1031114355'")
    view = hands.widget("sqlTable")
    shown = view.model().index(0, 1).data()
    assert shown == "1031114355" and view.columnWidth(1) > view.fontMetrics().horizontalAdvance(shown) + 6
    monkeypatch.setattr(QtWidgets.QFileDialog, "getSaveFileName", lambda *_arguments: (str(tmp_path / "rows"), ""))
    hands.press("sqlSaveButton")
    hands.wait(lambda: "rows.csv" in hands.message(), "the file")
    assert "1031114355" in (tmp_path / "rows.csv").read_text()
    hands.photograph("sql-narrow")


def drag(header: QtWidgets.QHeaderView, start: int, end: int) -> None:
    """Press, move in steps, and release, at these places along a header."""
    port, height = header.viewport(), header.height() // 2
    QtTest.QTest.mousePress(port, QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, QtCore.QPoint(start, height))
    for step in range(1, 6):
        place = QtCore.QPointF(start + (end - start) * step / 5, height)
        event = QtGui.QMouseEvent(
            QtCore.QEvent.Type.MouseMove,
            place,
            port.mapToGlobal(place),
            QtCore.Qt.MouseButton.NoButton,
            QtCore.Qt.MouseButton.LeftButton,
            QtCore.Qt.KeyboardModifier.NoModifier,
        )
        QtWidgets.QApplication.sendEvent(port, event)
    QtTest.QTest.mouseRelease(port, QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, QtCore.QPoint(end, height))


def titles(hands: Hands, level: str) -> list[str]:
    view = hands.widget(f"{level}Table")
    header = view.horizontalHeader()
    shown = [header.logicalIndex(place) for place in range(header.count()) if not header.isSectionHidden(header.logicalIndex(place))]
    return [str(view.model().headerData(number, QtCore.Qt.Orientation.Horizontal)) for number in shown]


def click_title(hands: Hands, level: str, title: str) -> None:
    view = hands.widget(f"{level}Table")
    header = view.horizontalHeader()
    number = next(n for n in range(header.count()) if view.model().headerData(n, QtCore.Qt.Orientation.Horizontal) == title)
    place = QtCore.QPoint(header.sectionViewportPosition(number) + header.sectionSize(number) // 2, header.height() // 2)
    QtTest.QTest.mouseClick(header.viewport(), QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier, place)


def test_columns_sorted_moved_resized_and_hidden_by_the_mouse_are_so_at_the_next_start(open_window: OpenWindow, config: WindowConfig) -> None:
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    click_title(hands, "collections", "Cases")
    click_title(hands, "collections", "Cases")
    hands.wait(lambda: hands.cells("collections", 0)[0] == "NLST", "the most cases first")
    counts = [int(hands.cells("collections", row)[1].replace(",", "")) for row in range(30)]
    assert counts == sorted(counts, reverse=True)
    header = hands.widget("collectionsTable").horizontalHeader()
    wide = header.sectionSize(0)
    drag(header, header.sectionPosition(1) - 1, header.sectionPosition(1) + 39)
    assert header.sectionSize(0) == wide + 40
    drag(header, header.sectionPosition(1) + 20, 5)
    assert titles(hands, "collections")[:2] == ["Cases", "Collection"]
    next(action for action in header.actions() if action.text() == "Location").trigger()
    assert "Location" not in titles(hands, "collections")
    hands.window.close()
    again = open_window(config)
    again.wait(lambda: again.rows("collections") > 100, "the catalog")
    assert titles(again, "collections")[:3] == ["Cases", "Collection", "Cancer type"]
    assert again.widget("collectionsTable").horizontalHeader().sectionSize(0) == wide + 40


def test_signs_in_the_filter_of_a_table_stand_for_themselves_and_break_nothing(open_window: OpenWindow, config: WindowConfig) -> None:
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    for text in ("%%", "_%_", "[a-z]*", "''", '"; DROP TABLE series; --', "\\", "((", "lidc%"):
        hands.type_into("collectionsFilter", text)
        hands.wait(lambda: hands.rows("collections") == 0, f"nothing holds {text!r}")
    hands.type_into("collectionsFilter", "lidc-idri")
    hands.wait(lambda: hands.rows("collections") == 1, "the collection, after all that")
    assert hands.message().strip() == ""


def test_sizes_open_filters_and_sorting_come_back_and_home_and_end_stay_in_the_row(open_window: OpenWindow, config: WindowConfig) -> None:
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    hands.press("filtersButton")
    click_title(hands, "collections", "Size")
    hands.wait(lambda: hands.cells("collections", 0)[0] != "4D-Lung", "the smallest first")
    view = hands.widget("collectionsTable")
    hands.click_row("collections", 7)
    for key, column in ((QtCore.Qt.Key.Key_End, view.model().columnCount() - 1), (QtCore.Qt.Key.Key_Home, 0)):
        QtTest.QTest.keyClick(view, key)
        assert (view.currentIndex().row(), view.currentIndex().column()) == (7, column)
    parts = hands.widget("browseSplitter")
    drag_handle(parts, 1, 60)
    hands.window.resize(1500, 900)
    QtTest.QTest.qWait(50)
    first, sizes, order = hands.cells("collections", 0), parts.sizes(), hands.program.browser.tables.state("collections").order
    hands.window.close()
    again = open_window(config)
    again.window.resize(1500, 900)
    again.wait(lambda: again.rows("collections") > 100, "the catalog")
    again.wait(lambda: again.cells("collections", 0) == first, "the rows in their order")
    assert again.program.browser.tables.state("collections").order == order
    assert again.widget("filtersArea").isVisible()
    assert max(abs(now - then) for now, then in zip(again.widget("browseSplitter").sizes(), sizes, strict=True)) <= 2


def test_keys_lead_from_the_search_box_through_the_tables_and_back(open_window: OpenWindow, config: WindowConfig) -> None:
    hands = open_window(config)
    hands.wait(lambda: hands.rows("collections") > 100, "the catalog")
    look.keys_lead_through_the_tables(hands)
