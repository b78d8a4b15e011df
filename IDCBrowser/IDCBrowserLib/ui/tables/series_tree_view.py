"""The series of a study as a tree with pictures, on the selection of the table of series."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Ranges, merge_ranges
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.tables.series_tree import SeriesNode
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.tables.series_tree_model import PICTURE, SeriesTreeModel
from IDCBrowserLib.ui.tables.slide_level_rows import SlideLevelRows

# The rows in sight are looked at when scrolling has stopped for so long.
_REST_MS = 60
_WIDTHS = (0, 9, 11, 10, 13, 5)
# Of the first column beside its picture; with less room it says what the others would.
_LEAST_TEXT = 24


class SeriesTreeView:
    """``view`` draws ``browser.series_tree``; ``on_select(ranges)``, ``on_look(row)`` and ``on_enter()`` tell what the user does."""

    def __init__(self, browser: Browser, on_select: Callable[[Ranges], None], on_look: Callable[[int], None], on_enter: Callable[[], None]) -> None:
        self._browser = browser
        self._on_select = on_select
        self._on_look = on_look
        self._on_enter = on_enter
        self.model = SeriesTreeModel(browser)
        self.view = self._make_view()
        self._levels = SlideLevelRows(browser, self.view, self.model)
        self._selection = self.view.selectionModel()
        self._drawing = False
        self._rest = QtCore.QTimer(self.view)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._want)
        self._is_dock = self._is_narrow = False
        self._resized = QtCore.QTimer(self.view)
        self._resized.setSingleShot(True)
        self._resized.timeout.connect(self._fit)
        self._header = self.view.header()
        self._header.sectionResized.connect(self._section_resized)
        self._selection.selectionChanged.connect(self._selected)
        self.view.clicked.connect(self._clicked)
        self.view.activated.connect(self._entered)
        self.view.verticalScrollBar().valueChanged.connect(self._moved)
        self.view.expanded.connect(self._moved_rows)
        self.view.collapsed.connect(self._moved_rows)
        browser.thumbnails.changed.connect(self._thumbnail_came)
        browser.statuses.changed.connect(self.model.status_changed)

    def disconnect(self) -> None:
        """Stop listening to the browser; thumbnails on their way are left."""
        self._levels.disconnect()
        self._rest.stop()
        self._rest.timeout.disconnect(self._want)
        self._resized.stop()
        self._resized.timeout.disconnect(self._fit)
        self._header.sectionResized.disconnect(self._section_resized)
        self._browser.thumbnails.changed.disconnect(self._thumbnail_came)
        self._browser.statuses.changed.disconnect(self.model.status_changed)
        self._browser.thumbnails.want(())

    def show(self, nodes: Sequence[SeriesNode], selected: Ranges) -> None:
        """Other series, with what is made from them in sight."""
        self._drawing = True
        self.model.show_nodes(nodes)
        self._open(QtCore.QModelIndex())
        self._levels.open_again()
        self._drawing = False
        self.select(selected)
        self._moved(0)

    def leave(self) -> None:
        """It is not in sight any more."""
        self._rest.stop()
        self._browser.thumbnails.want(())

    def arrange(self, narrow: bool) -> None:
        """In a dock one column, whose second line says what the others do; likewise where the others would leave it no room."""
        self._is_dock = narrow
        self._fit()

    def _section_resized(self, section: int, _before: int, _now: int) -> None:
        if section == 0:
            # Later: columns are not hidden while the header distributes its room.
            self._resized.start(0)

    def _fit(self) -> None:
        character = int(self.view.fontMetrics().averageCharWidth())
        others = sum((width + 2) * character for width in _WIDTHS[1:-1])
        first = int(self._header.sectionSize(0)) - (others if self._is_narrow else 0)
        narrow = self._is_dock or first < PICTURE + (_LEAST_TEXT + 3) * character
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            self.model.write_narrow(narrow)
            for number in range(1, len(_WIDTHS) - 1):
                self.view.setColumnHidden(number, narrow)

    def select(self, ranges: Ranges) -> None:
        """Select exactly these rows of the table."""
        if ranges == self._chosen():
            return
        selection = QtCore.QItemSelection()
        last, first_index = len(_WIDTHS) - 1, None
        for first, end in ranges:
            for number in range(first, end + 1):
                index = self.model.index_of_row(number)
                if index.isValid():
                    selection.select(index, self.model.index(index.row(), last, self.model.parent(index)))
                    first_index = first_index or index
        flag = QtCore.QItemSelectionModel.SelectionFlag
        self._drawing = True
        if first_index is not None:
            self._selection.setCurrentIndex(first_index, flag.NoUpdate)
            self.view.scrollTo(first_index)
        self._selection.select(selection, flag.ClearAndSelect | flag.Rows)
        self._drawing = False

    def _open(self, parent: ModelIndex) -> None:
        """All rows with others below them; one without any that counts as open would take a key to close."""
        for number in range(self.model.rowCount(parent)):
            index = self.model.index(number, 0, parent)
            # Those of slides are asked for one by one.
            if self.model.rowCount(index) and not self.model.slide_of(index):
                self.view.expand(index)
                self._open(index)

    def _make_view(self) -> QtWidgets.QTreeView:
        view = QtWidgets.QTreeView()
        view.setObjectName("seriesTree")
        view.setAccessibleName(_("Series"))
        view.setAccessibleDescription(_("Images, and below each what was made from it. Left and Right close and open a row."))
        view.setModel(self.model)
        view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        view.setUniformRowHeights(False)
        view.setAllColumnsShowFocus(True)
        self.model.set_line_height(view.fontMetrics().height())
        view.setIconSize(QtCore.QSize(PICTURE, PICTURE))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        # Enter and a double-click lead on, or look closer; they do not close a row.
        view.setExpandsOnDoubleClick(False)
        header = view.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        for number, width in enumerate(_WIDTHS):
            if number:
                view.setColumnWidth(number, (width + 2) * view.fontMetrics().averageCharWidth())
        return view

    # What the user does

    def _chosen(self) -> Ranges:
        numbers = [self.model.row_number(index) for index in self._selection.selectedRows()]
        return merge_ranges([(number, number) for number in numbers if number >= 0])

    def _selected(self) -> None:
        if not self._drawing:
            self._on_select(self._chosen())

    def _clicked(self, index: ModelIndex) -> None:
        number = self.model.row_number(index)
        if number >= 0:
            self._on_look(number)

    def _entered(self) -> None:
        if not self._levels.entered():
            self._on_enter()

    def _moved(self, _value: int) -> None:
        self._rest.start()

    def _moved_rows(self, _index: ModelIndex) -> None:
        self._rest.start()

    # Pictures

    def _want(self) -> None:
        """Ask for the thumbnails of the rows in sight."""
        height = int(self.view.viewport().property("height"))
        index = self.view.indexAt(QtCore.QPoint(1, 1))
        uids: list[str] = []
        while index.isValid() and self.view.visualRect(index).top() < height:
            row = self.model.row_at(index)
            if row is not None and self.model.has_picture(row):
                uids.append(row.key[0])
            index = self.view.indexBelow(index)
        if self.view.isVisible():
            self._browser.thumbnails.want(uids)

    def _thumbnail_came(self, uid: str) -> None:
        self.model.picture_changed(uid)
