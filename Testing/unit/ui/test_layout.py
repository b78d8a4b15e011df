"""The page "Browse": one large table with what it needs around it, and nothing that moves by itself."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from helpers.fake_catalog import FakeCatalog
from helpers.panel import Panel
from helpers.splitters import drag_handle

from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.qtbinding import QtCore, QtWidgets

# Of the menu of the standalone window.
MENU_HEIGHT = 22


@pytest.fixture
def panel(app, make_bench):
    panel = Panel(make_bench(FakeCatalog(60)), [])
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


@pytest.fixture
def with_all_pages(app, make_bench):
    """What the other pages need may not take anything from this one."""
    panel = Panel(make_bench(FakeCatalog(60)))
    yield panel
    panel.panel.close()
    panel.panel.widget.close()


def resize(panel, width, height):
    panel.panel.widget.resize(width, height)
    for _ in range(3):
        panel.settle()


def rows_in_sight(view):
    return view.viewport().height() // view.rowHeight(0)


def places(panel):
    """Where every button in sight is, in pixels of the panel."""
    whole = panel.panel.widget
    made = [part for part in whole.findChildren(QtWidgets.QAbstractButton) if part.isVisible() and not within_a_message(part)]
    return {part.objectName(): QtCore.QRect(part.mapTo(whole, QtCore.QPoint(0, 0)), part.size()) for part in made if part.objectName()}


def within_a_message(part):
    while part is not None:
        if part.objectName() == "messageStrip":
            return True
        part = part.parent()
    return False


@pytest.mark.parametrize(("width", "height", "rows"), [(1280, 720, 20), (1600, 1000, 30)])
@pytest.mark.parametrize("with_filters", [False, True])
def test_a_table_shows_many_rows_also_with_the_filters_open(panel, width, height, rows, with_filters):
    resize(panel, width, height - MENU_HEIGHT)
    if with_filters:
        panel.button("filtersButton").click()
    panel.click_row("collections", 1)
    panel.button("openRowsButton").click()
    resize(panel, width, height - MENU_HEIGHT)
    assert rows_in_sight(panel.table("cases")) >= rows
    for name in ("downloadButton", "downloadAndLoadButton", "addToCartButton"):
        assert panel.panel.widget.rect().contains(places(panel)[name]), "in sight"


def test_slicers_central_area_on_a_laptop_has_room_for_rows_picture_and_buttons(with_all_pages):
    """About 1050 x 570 pixels: Slicer's default window on a screen of 1366 x 768, beside its module panel."""
    panel = with_all_pages
    resize(panel, 1050, 570)
    for level, table in (("collections", "cases"), ("cases", "studies"), ("studies", "series")):
        panel.click_row(level, 0)
        panel.button("openRowsButton").click()
        resize(panel, 1050, 570)
        assert rows_in_sight(panel.table(table)) >= 11
    panel.click_row("series", 0)
    resize(panel, 1050, 570)
    whole = panel.panel.widget.rect()
    for name in ("downloadButton", "downloadAndLoadButton", "addToCartButton"):
        assert whole.contains(places(panel)[name]), name
    picture = panel.find(QtWidgets.QWidget, "preview")
    place = QtCore.QRect(picture.mapTo(panel.panel.widget, QtCore.QPoint(0, 0)), picture.size())
    assert picture.isVisible() and whole.contains(place) and place.width() >= 150 and place.height() >= 150


@pytest.mark.parametrize("width", [600, 880, 1110, 1130])
def test_nothing_of_the_buttons_and_boxes_at_the_bottom_is_cut(panel, width):
    resize(panel, width, 640)
    for name in ("downloadAndLoadButton", "downloadButton", "addToCartButton", "saveSelectionButton", "withReferences", "changeFolderButton"):
        made = panel.find(QtWidgets.QAbstractButton, name)
        assert made.width() >= made.sizeHint().width(), name


def test_one_table_is_in_sight_and_the_path_says_where_it_is(panel):
    panel.click_row("collections", 1)
    assert panel.table("collections").isVisible() and not panel.table("cases").isVisible()
    assert panel.button("openRowsButton").text() == "Show 60 cases ›"
    panel.button("openRowsButton").click()
    assert panel.table("cases").isVisible() and not panel.table("collections").isVisible()
    step = panel.find(QtWidgets.QToolButton, "pathStep1")
    assert step.isVisible() and step.text() == "Brains"
    panel.find(QtWidgets.QToolButton, "pathStep0").click()
    assert panel.table("collections").isVisible()


def test_all_four_tables_are_a_choice_that_is_remembered(panel, make_bench):
    panel.find(QtWidgets.QCheckBox, "allTables").click()
    assert all(panel.find(QtWidgets.QLabel, f"{level}Guide").isVisible() for level in ("cases", "studies", "series"))
    bench = make_bench(FakeCatalog())
    bench.host.settings = panel.bench.host.settings
    again = Panel(bench, [])
    assert again.find(QtWidgets.QCheckBox, "allTables").isChecked()
    assert all(again.find(QtWidgets.QLabel, f"{level}Guide").isVisible() for level in ("cases", "studies", "series"))
    again.panel.close()


@pytest.mark.parametrize("name", ["browseSplitter", "detailsSplitter"])
def test_parts_come_back_as_the_person_left_them_after_a_narrow_dock(app, make_bench, name):
    """A window may be small for a moment while it opens, and a dock is dragged from side to side."""
    panel = Panel(make_bench(FakeCatalog(60)), [])
    resize(panel, 1500, 900)
    parts = panel.find(QtWidgets.QSplitter, name)
    drag_handle(parts, parts.count() - 1, -80)
    left = parts.sizes()
    for width in (400, 1500, 500, 1500):
        resize(panel, width, 900)
    assert all(abs(now - then) <= 2 for now, then in zip(parts.sizes(), left, strict=True))
    resize(panel, 400, 900)
    panel.panel.close()
    bench = make_bench(FakeCatalog())
    bench.host.settings = panel.bench.host.settings
    again = Panel(bench, [])
    resize(again, 1500, 900)
    assert all(abs(now - then) <= 2 for now, then in zip(again.find(QtWidgets.QSplitter, name).sizes(), left, strict=True))
    again.panel.close()


def test_open_filters_are_remembered(panel, make_bench):
    panel.button("filtersButton").click()
    bench = make_bench(FakeCatalog())
    bench.host.settings = panel.bench.host.settings
    again = Panel(bench, [])
    assert again.panel.filters.area.isVisible()
    assert bench.engine.process.calls("catalog.facets"), "their values are counted"
    again.panel.close()


@pytest.mark.parametrize("size", [(1280, 700), (800, 700), (340, 760)])
@pytest.mark.parametrize("fails", [False, True])
def test_no_button_moves_through_a_whole_download(panel, tmp_path, size, fails):
    resize(panel, *size)
    catalog, process = panel.bench.catalog, panel.bench.engine.process
    catalog.downloads.directory = str(tmp_path)
    panel.click_row("collections", 0)
    before = places(panel)
    assert {"downloadButton", "downloadAndLoadButton", "addToCartButton", "changeFolderButton", "filtersButton"} <= set(before)
    if fails:
        catalog.downloads.download_states = {"1.2.5.0.2": "failed"}
    seen = []

    def look():
        panel.settle()
        now = places(panel)
        assert {name: now[name] for name in before if name in now} == before
        seen.append(set(now) - set(before))

    for method in ("transfer.download", "selection.plan"):
        process.hold(method)
    panel.button("downloadButton").click()
    look()
    for method in ("selection.plan", "transfer.download"):
        process.release(method)
        look()
    panel.bench.browser.message.emit(Message(Kind.ERROR, "A long sentence about what went wrong. " * 8, "restart"))
    look()
    panel.bench.browser.message.emit(None)
    look()
    assert any("cancelButton" in names for names in seen), "it was seen under way"


def test_a_message_lies_over_the_page_above_the_buttons(panel):
    for width in (1280, 340):
        resize(panel, width, 720)
        panel.bench.browser.message.emit(Message(Kind.ERROR, "The server cannot be reached. Check the network and try again. " * 4, "restart"))
        panel.settle()
        strip = panel.find(QtWidgets.QFrame, "messageStrip")
        assert panel.panel.widget.rect().contains(strip.geometry())
        text = panel.find(QtWidgets.QLabel, "messageText")
        assert text.height() >= text.heightForWidth(text.width()), "all of it can be read"
        covered = [name for name, place in places(panel).items() if place.intersects(strip.geometry())]
        assert not {"downloadButton", "downloadAndLoadButton", "addToCartButton", "cancelButton"} & set(covered)


def test_a_narrow_dock_shows_name_modality_and_size_of_a_series(with_all_pages):
    panel = with_all_pages
    for level in ("collections", "cases", "studies"):
        panel.click_row(level, 0)
    resize(panel, 340, 760)
    table = panel.table("series")
    header, model = table.horizontalHeader(), table.model()
    shown = [number for number in range(model.columnCount()) if not header.isSectionHidden(number)]
    titles = [model.headerData(number, QtCore.Qt.Orientation.Horizontal) for number in shown]
    assert titles in ([None, "Modality", "Series", "Size"], ["", "Modality", "Series", "Size"])
    assert sum(header.sectionSize(number) for number in shown) <= table.viewport().width()
    assert table.horizontalScrollBar().maximum() == 0
    index = model.index(0, shown[0])
    assert index.data() == "In IDC" and not index.data(QtCore.Qt.ItemDataRole.DecorationRole).isNull(), "a text for screen readers"
    assert index.data(QtCore.Qt.ItemDataRole.ToolTipRole)
    resize(panel, 1280, 700)
    assert len([number for number in range(model.columnCount()) if not header.isSectionHidden(number)]) > 8
    assert model.headerData(shown[0], QtCore.Qt.Orientation.Horizontal) == "Status"


def test_in_a_narrow_dock_details_take_the_place_of_the_tables_and_give_it_back(panel):
    panel.button("filtersButton").click()
    panel.click_row("collections", 0)
    resize(panel, 340, 760)
    text, table, filters = panel.find(QtWidgets.QTextBrowser, "details"), panel.table("collections"), panel.panel.filters.area
    button = panel.find(QtWidgets.QToolButton, "enlargeDetails")
    small = text.height()
    button.click()
    panel.settle()
    assert text.height() > max(250, 2 * small) and not table.isVisible() and not filters.isVisible() and button.text() == "Tables"
    button.click()
    panel.settle()
    assert table.isVisible() and filters.isVisible() and text.height() == small
    button.click()
    for _ in range(2):
        panel.button("filtersButton").click()
    panel.settle()
    assert table.isVisible() and filters.isVisible(), "filters are below the table's place"
    button.click()
    panel.button("openRowsButton").click()
    panel.settle()
    assert panel.table("cases").isVisible()
    button.click()
    resize(panel, 1280, 700)
    table = panel.table("cases")
    assert table.isVisible() and filters.isVisible() and not button.isVisible()


def test_in_a_narrow_dock_open_filters_leave_the_table_most_of_its_rows(panel):
    resize(panel, 340, 760)
    table, details = panel.table("collections"), panel.find(QtWidgets.QTabWidget, "detailsTabs")
    rows = table.viewport().height() // table.rowHeight(0)
    panel.button("filtersButton").click()
    panel.settle()
    assert table.viewport().height() // table.rowHeight(0) >= rows // 2
    assert details.tabBar().isVisible() and details.height() <= details.tabBar().sizeHint().height()
    panel.button("filtersButton").click()
    panel.settle()
    assert details.height() > 100 and table.viewport().height() // table.rowHeight(0) == rows


@pytest.mark.parametrize("width", [360, 600, 800, 1130, 1280])
@pytest.mark.parametrize("points", [0, 12, 14])
def test_the_texts_of_all_buttons_and_boxes_fit_with_large_letters(app, make_bench, width, points):
    before = app.font()
    larger = app.font()
    if points:
        larger.setPointSize(points)
    app.setFont(larger)
    panel = Panel(make_bench(FakeCatalog()), [])
    try:
        bar = panel.panel.bar.widget
        resize(panel, width, 900)
        names = ("downloadButton", "downloadAndLoadButton", "addToCartButton", "changeFolderButton", "withReferences", "partBox")
        parts = [bar.findChild(QtWidgets.QWidget, name) for name in names]
        cut = [part.objectName() for part in parts if part.width() < part.minimumSizeHint().width() or not bar.rect().contains(placed(part, bar))]
        cut += [part.objectName() for part in parts if not isinstance(part, QtWidgets.QComboBox) and part.width() < part.sizeHint().width()]
        assert cut == []
    finally:
        panel.panel.close()
        app.setFont(before)


def placed(part, bar):
    return QtCore.QRect(part.mapTo(bar, QtCore.QPoint(0, 0)), part.size())


def test_columns_are_remembered_as_they_were_chosen_in_a_wide_window(panel, make_bench):
    for width in (1280, 340):
        resize(panel, width, 700)
    panel.panel.tables["series"].save()
    bench = make_bench(FakeCatalog())
    bench.host.settings = panel.bench.host.settings
    again = Panel(bench, [])
    header = again.table("series").horizontalHeader()
    assert len([number for number in range(header.count()) if not header.isSectionHidden(number)]) > 8
    again.panel.close()


def test_a_message_of_success_goes_away_by_itself_and_an_error_stays(panel):
    messages = panel.panel.messages
    for kind, stays in ((Kind.SUCCESS, False), (Kind.ERROR, True)):
        panel.bench.browser.message.emit(Message(kind, "Something was done."))
        assert messages.widget.isVisible() and messages._timer.isActive() is not stays
    panel.bench.browser.message.emit(Message(Kind.INFO, "Something was copied."))
    messages._timer.timeout.emit()
    assert not messages.widget.isVisible()
