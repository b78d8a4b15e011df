"""One table with its title, count and filter box; guidance in its place while there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import columns_key
from IDCBrowserLib.logic.base.state import TOPS, Phase, Ranges, TableState
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.tables.columns import STATUS, Column, columns_of
from IDCBrowserLib.logic.tables.series_status import SeriesStatusBook
from IDCBrowserLib.logic.tables.study_status import StudyStatusBook
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.tables.row_links import RowLinks
from IDCBrowserLib.ui.tables.series_pictures import SeriesPictures
from IDCBrowserLib.ui.tables.table_actions import TableActions
from IDCBrowserLib.ui.widgets.building_blocks import bold, column, holder, label, line_edit, row
from IDCBrowserLib.ui.widgets.eliding_label import ElidingLabel
from IDCBrowserLib.ui.widgets.header_columns import HeaderColumns
from IDCBrowserLib.ui.widgets.icons import icon
from IDCBrowserLib.ui.widgets.rows_model import RowsModel, StatusCell, select_rows, selected_ranges
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut
from IDCBrowserLib.ui.widgets.status_cells import StatusDelegate
from IDCBrowserLib.ui.widgets.views import table_view, view_action

_FILTER_WIDTH = 190
_FILTER_LEAST = 64
_FILTER_LENGTH = 1000


class TablePanel:
    """Draws ``browser.tables.state(level)`` and tells the browser what the user selects, sorts and types. ``widget`` is for a layout; the title
    of the first table is its owner's.

    ``on_enter`` is called at Enter or a double-click on a row: the next table takes the keyboard; ``on_leave`` at Backspace: the one above does.
    """

    def __init__(self, browser: Browser, level: str, on_enter: Callable[[], None], on_leave: Callable[[], None]) -> None:
        self._browser = browser
        self._level = level
        self._on_enter = on_enter
        self._on_leave = on_leave
        # How many rows below the top the first selected one is, for when the same rows come again in other places.
        self._below_top: int | None = None
        self._first_wanted = False
        self._focus_wanted = False
        self._focus_before: QtWidgets.QWidget | None = None
        self.title_text = _titles()[level]
        self._columns = columns_of(level)
        books: dict[str, SeriesStatusBook | StudyStatusBook] = {"series": browser.statuses, "studies": browser.study_statuses}
        self._statuses = books.get(level)
        status_of = _status_cells(self._statuses) if self._statuses is not None else None
        self._model = RowsModel(browser.tables.rows(level), self._columns, status_of)
        self.view = self._make_view()
        self.count = ElidingLabel(f"{level}Count")
        self.filter = self._make_filter()
        self._guide = label(f"{level}Guide", "", True)
        self._guide.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QtWidgets.QStackedWidget()
        self._stack.addWidget(self._guide)
        self._stack.addWidget(self.view)
        self.pictures = SeriesPictures(browser, self.view, self._clicked_row, on_enter, self._draw_again) if level == "series" else None
        if self.pictures is not None:
            self._stack.addWidget(self.pictures.tree.view)
        self.body = self._stack
        self.widget = self._with_title() if level not in TOPS else self.body
        self._connect()
        self._draw(browser.tables.state(level))

    def _with_title(self) -> QtWidgets.QWidget:
        """A widget of title, count, filter box and table."""
        title = bold(QtWidgets.QLabel(self.title_text))
        title.setBuddy(self.view)
        more = [self.pictures.toggle] if self.pictures is not None else []
        return holder(column([row([title, *more, self.count, None, self.filter]), self.body]), f"{self._level}Panel")

    @property
    def in_sight(self) -> QtWidgets.QAbstractItemView:
        """The view that shows the rows."""
        return self.pictures.tree.view if self.pictures is not None and self.pictures.is_shown else self.view

    @property
    def has_focus(self) -> bool:
        """Whether the keyboard is here."""
        return bool(self.in_sight.property("focus"))

    def take_focus(self) -> None:
        """Bring the keyboard here; onto the first row when none is selected, also when the rows are still to come."""
        self.focus()
        self._first_wanted = True
        self._select_first(self._browser.tables.state(self._level))

    def hand_over(self, other: TablePanel) -> None:
        """The keyboard goes to the table that comes into the place of this one, with the wish for a first row."""
        if self._first_wanted:
            self._first_wanted = False
            other.take_focus()
        else:
            other.focus()

    def focus(self) -> None:
        """Bring the keyboard here, also when it is still open which view shows the rows."""
        self.in_sight.setFocus()
        self._focus_before = QtWidgets.QApplication.focusWidget()
        self._focus_wanted = True

    def arrange(self, narrow: bool) -> None:
        """In a dock only the columns that fit there, without changing what was chosen."""
        if self.pictures is not None:
            self.pictures.tree.arrange(narrow)
        self._model.name_status(not narrow)
        self.columns.show_narrow(narrow)

    def save(self) -> None:
        """Remember the columns."""
        self.columns.save(self._browser.host.settings, columns_key(self._level))

    def disconnect(self) -> None:
        """Stop listening to the browser; call it before the widget goes."""
        self._browser.tables.changed.disconnect(self._table_changed)
        self._browser.tables.reselect.disconnect(self._reselect)
        if self._statuses is not None:
            self._statuses.changed.disconnect(self._model.status_changed)
        if self._level == "series":
            self._browser.indices.used.disconnect(self._index_used)
        if self.pictures is not None:
            self.pictures.disconnect()
        self._actions.disconnect()
        self._model.disconnect_rows()

    def _make_view(self) -> QtWidgets.QTableView:
        view = table_view(f"{self._level}Table", self.title_text.replace("&", ""), self._model)
        view.setAccessibleDescription(_("Selected rows determine the contents of the next table. Press Enter to go there, Backspace to come back."))
        self._set_up_headers(view)
        if self._statuses is not None:
            self._icons = StatusDelegate()
            view.setItemDelegateForColumn([item.key for item in self._columns].index(STATUS), self._icons)
        return view

    def _set_up_headers(self, view: QtWidgets.QTableView) -> None:
        header = view.horizontalHeader()
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        self.columns = HeaderColumns(view, self._columns, self._columns_changed)
        self.columns.restore(self._browser.host.settings, columns_key(self._level))
        # Painting a section, a header asks its selection model whether the whole column is selected, row by row: half a second for 26,410
        # selected rows. With a selection model of its own, in which nothing is ever selected, it asks for nothing.
        self._header_selection = QtCore.QItemSelectionModel(self._model)
        header.setSelectionModel(self._header_selection)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)

    def _make_filter(self) -> QtWidgets.QLineEdit:
        tip, title = _("Show only rows that contain this text."), self.title_text.replace("&", "")
        named = _("Filter for the table {title}").format(title=title)
        edit = line_edit(f"{self._level}Filter", _placeholders()[self._level], tip, named, _FILTER_LENGTH)
        edit.setClearButtonEnabled(True)
        edit.setMinimumWidth(_FILTER_LEAST)
        edit.setMaximumWidth(_FILTER_WIDTH)
        return edit

    def _connect(self) -> None:
        self._selection_model = self.view.selectionModel()
        self._selection_model.selectionChanged.connect(self._selected)
        self.view.activated.connect(self._entered)
        self.view.clicked.connect(self._clicked)
        self.view.horizontalHeader().sectionClicked.connect(self._sort)
        self.filter.textChanged.connect(self._filtered)
        self.filter.returnPressed.connect(self.take_focus)
        self._to_cart = view_action(self.view, _("&Add to cart"), "Ctrl+Shift+C", lambda: self._browser.picked.add_to_cart(self._level))
        self._back = add_shortcut(self.view, "back", _("&Back to the table above"), self._on_leave)
        self._actions = TableActions(self._browser, self._level, self.view, self.columns, self._sort)
        self._links = RowLinks(self._browser, self._level, lambda text, keys, do: view_action(self.view, text, keys, do))
        self._remove = view_action(self.view, _("&Remove from this computer..."), "Del", self._remove_rows)
        self._actions.columns_changed(None)
        if self.pictures is not None:
            self.pictures.share_menu()
        self.view.verticalScrollBar().valueChanged.connect(self._scrolled)
        if self._level == "series":
            self._browser.indices.used.connect(self._index_used)
        self._browser.tables.changed.connect(self._table_changed)
        self._browser.tables.reselect.connect(self._reselect)
        if self._statuses is not None:
            self._statuses.changed.connect(self._model.status_changed)

    # What the user does

    def _selected(self) -> None:
        self._browser.tables.wanted_rows.pop(self._level, None)
        self._below_top = None
        self._browser.tables.select(self._level, selected_ranges(self._selection_model))

    def _clicked(self, index: ModelIndex) -> None:
        self._clicked_row(index.row())

    def _clicked_row(self, number: int) -> None:
        if self._selection_model.isRowSelected(number, QtCore.QModelIndex()):
            self._browser.details.look_at(self._level, number)

    def _draw_again(self) -> None:
        self._draw(self._browser.tables.state(self._level))

    def _entered(self) -> None:
        self._on_enter()

    def _filtered(self, text: str) -> None:
        self._browser.tables.set_filter(self._level, " ".join(text.split()))

    def _sort(self, section: int) -> None:
        key = self._columns[section].key
        self._browser.tables.sort(self._level, key, self._browser.tables.state(self._level).order == (key, False))
        self._draw_order(self._browser.tables.state(self._level).order)

    def _columns_changed(self, added: Column | None) -> None:
        self._actions.columns_changed(added)

    def _remove_rows(self) -> None:
        self._browser.remove_selected(self._level)

    def _scrolled(self, _value: int) -> None:
        self._browser.tables.first_rows[self._level] = max(0, self.view.rowAt(0))

    # What the browser says

    def _table_changed(self, level: str, state: TableState) -> None:
        if level == self._level:
            if state.phase is Phase.LOADING and self._below_top is None:
                self._below_top = self._place_of_selection()
            self._draw(state)

    def _place_of_selection(self) -> int | None:
        """How many rows below the top the first selected one is in sight."""
        selected = selected_ranges(self._selection_model)
        first = self.view.rowAt(0)
        last = self.view.rowAt(int(self.view.viewport().property("height")) - 1)
        place = selected[0][0] - first if selected and first >= 0 else -1
        return place if place >= 0 and (last < 0 or place <= last - first) else None

    def _reselect(self, level: str, ranges: Ranges) -> None:
        if level == self._level:
            wanted = self._browser.tables.wanted_rows.get(level)
            select_rows(self.view, ranges)
            if wanted is None and ranges and self._below_top is not None:
                wanted = max(0, ranges[0][0] - self._below_top)
            self._below_top = None
            self._scroll_to(wanted)

    def _scroll_to(self, row_number: int | None) -> None:
        if row_number is not None and row_number < self._model.rowCount():
            self.view.scrollTo(self._model.index(row_number, 0), QtWidgets.QAbstractItemView.ScrollHint.PositionAtTop)

    def _select_first(self, state: TableState) -> None:
        # What is being looked for among the rows would be lost.
        if not self._first_wanted or state.phase is not Phase.READY or not self._browser.tables.is_settled:
            return
        self._first_wanted = False
        if state.total and not state.selected and self.has_focus:
            select_rows(self.view, ((0, 0),))

    def _index_used(self, name: str, here: bool) -> None:
        if here:
            self.columns.show_of(name)
        self._browser.tables.refresh_further()

    def _draw(self, state: TableState) -> None:
        self._guide.setText(state.note)
        if " ".join(self.filter.property("text").split()) != state.text:
            # What the table says is no wish of the user's, and changes nothing.
            self.filter.setText(state.text)
        shows_rows = state.total > 0 and state.phase in (Phase.READY, Phase.LOADING)
        if self.pictures is not None:
            self.pictures.draw(shows_rows)
        self._show_view(self.in_sight if shows_rows else self._guide)
        if state.phase is Phase.READY and not state.selected:
            self._scroll_to(self._browser.tables.wanted_rows.get(self._level))
        self.count.show_text(*(_count_texts(state) if state.view is not None else ("", "")))
        self._draw_order(state.order)
        self._select_first(state)

    def _show_view(self, view: QtWidgets.QWidget) -> None:
        """The keyboard goes from the table to the pictures and back, and to what was waited for, unless it went elsewhere meanwhile."""
        has_focus = any(bool(other.property("focus")) for other in self._views() if other is not view)
        self._stack.setCurrentWidget(view)
        waited = self._focus_wanted and view is not self._guide
        if has_focus or (waited and QtWidgets.QApplication.focusWidget() is self._focus_before):
            view.setFocus()
        if waited:
            self._focus_wanted, self._focus_before = False, None

    def _views(self) -> list[QtWidgets.QWidget]:
        return [self.view, *([self.pictures.tree.view] if self.pictures is not None else [])]

    def _draw_order(self, order: tuple[str, bool] | None) -> None:
        keys = [item.key for item in self._columns]
        header = self.view.horizontalHeader()
        blocked = header.blockSignals(True)
        if order is None or order[0] not in keys:
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        else:
            header.setSortIndicator(keys.index(order[0]), Qt.SortOrder.DescendingOrder if order[1] else Qt.SortOrder.AscendingOrder)
        header.blockSignals(blocked)


def _status_cells(book: SeriesStatusBook | StudyStatusBook) -> Callable[[str], StatusCell]:
    def cell(uid: str) -> StatusCell:
        status = book.of(uid)
        return StatusCell(status.text, icon(status.icon), status.tip)

    return cell


def _count_texts(state: TableState) -> tuple[str, str]:
    """All of it, and what is said where there is little room."""
    total = local_number(f"{state.total:,}")
    if not state.selected:
        return total, total
    return _("{selected} of {total} selected").format(total=total, selected=f"{state.selected_count:,}"), total


def _titles() -> dict[str, str]:
    return {
        "collections": _("&Collections"),
        "analysis_results": _("Analysis res&ults"),
        "cases": _("C&ases"),
        "studies": _("S&tudies"),
        "series": _("&Series"),
    }


def _placeholders() -> dict[str, str]:
    return {
        "collections": _("Filter collections"),
        "analysis_results": _("Filter analysis results"),
        "cases": _("Filter cases"),
        "studies": _("Filter studies"),
        "series": _("Filter series"),
    }
