"""The tables and columns that a query may name, as a tree beside the editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.api.expert import Table
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.settings.clinical_tables import ClinicalTables
from IDCBrowserLib.logic.settings.side_fetch import SideFetch
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN, tree_widget
from IDCBrowserLib.wording import human_count

_NAME = 0
_ABOUT = 1
_INDENTATION = 14
# Types of structures are long; all of a type is its tool tip.
_WIDEST_ABOUT = 24


class QueryTables:
    """``on_insert(name)`` is called when a table or column is double-clicked or Enter is pressed on it."""

    def __init__(self, side_fetch: SideFetch, clinical: ClinicalTables, on_insert: Callable[[str], None]) -> None:
        self._side_fetch = side_fetch
        self._clinical = clinical
        self._on_insert = on_insert
        self._missing: dict[str, str] = {}
        self._fetch = button("sqlFetchButton", _("Fetch the table"), _("Fetch the selected table, which is not on this computer yet."))
        self._note = label("sqlFetchNote", "", True)
        self.tree_view = self._make_tree()
        self.widget = holder(column([self.tree_view, self._fetch, self._note]), "sqlTablesPanel")
        self._fetch.clicked.connect(self._fetch_current)
        self._side_fetch.changed.connect(self._draw_fetch)
        self._clinical.changed.connect(self._draw_fetch)
        self._draw_fetch()

    def disconnect(self) -> None:
        """Stop listening."""
        self._side_fetch.changed.disconnect(self._draw_fetch)
        self._clinical.changed.disconnect(self._draw_fetch)

    def show(self, tables: Sequence[Table]) -> None:
        """Fill the tree; what was open stays open."""
        opened, current = self._opened(), self._current()
        self._missing = {item["name"]: item["kind"] for item in tables if not item["here"]}
        self.tree_view.clear()
        tops = []
        for item in tables:
            about = human_count(item["rows"], _("row"), _("rows")) if item["here"] else _("not fetched")
            top = QtWidgets.QTreeWidgetItem([item["name"], about])
            top.setToolTip(_NAME, plain(item["about"]))
            top.setToolTip(_ABOUT, plain(item["about"]))
            top.addChildren([_column_item(name, kind) for name, kind in item["columns"]])
            tops.append(top)
        self.tree_view.addTopLevelItems(tops)
        for top in tops:
            top.setExpanded(top.text(_NAME) in opened)
            if top.text(_NAME) == current:
                self.tree_view.setCurrentItem(top)
        self._fit_columns()
        self._draw_fetch()

    def look_at(self, name: str) -> None:
        """Open a table."""
        for number in range(self.tree_view.model().rowCount()):
            top = self.tree_view.topLevelItem(number)
            if top.text(_NAME) == name:
                top.setExpanded(True)
                self.tree_view.setCurrentItem(top)
                self.tree_view.scrollToItem(top, QtWidgets.QAbstractItemView.ScrollHint.PositionAtTop)

    def _fit_columns(self) -> None:
        self.tree_view.resizeColumnToContents(_NAME)
        self.tree_view.resizeColumnToContents(_ABOUT)
        most = _WIDEST_ABOUT * self.tree_view.fontMetrics().averageCharWidth() + CELL_MARGIN
        self.tree_view.setColumnWidth(_ABOUT, min(int(self.tree_view.columnWidth(_ABOUT)), most))

    def _opened(self) -> set[str]:
        tops = [self.tree_view.topLevelItem(number) for number in range(self.tree_view.model().rowCount())]
        return {top.text(_NAME) for top in tops if top.isExpanded()} if tops else {"index"}

    def _make_tree(self) -> QtWidgets.QTreeWidget:
        named = _("Tables and columns; press Enter to insert the name into the query")
        made = tree_widget("sqlTables", named, [_("Table and columns"), _("About")])
        made.setAllColumnsShowFocus(False)
        made.setToolTip(_("Double-click a name to insert it into the query."))
        made.setIndentation(_INDENTATION)
        made.setExpandsOnDoubleClick(False)
        made.setTextElideMode(Qt.TextElideMode.ElideRight)
        made.header().setStretchLastSection(False)
        made.activated.connect(self._insert)
        made.expanded.connect(lambda _index: self._fit_columns())
        made.selectionModel().currentChanged.connect(self._current_changed)
        return made

    def _insert(self, index: QtCore.QModelIndex) -> None:
        self._on_insert(str(index.siblingAtColumn(_NAME).data()))

    def _current_changed(self, *_indices: object) -> None:
        self._draw_fetch()

    def _current(self) -> str:
        index = self.tree_view.currentIndex()
        return str(index.siblingAtColumn(_NAME).data()) if index.isValid() and not index.parent().isValid() else ""

    def _fetch_current(self) -> None:
        name = self._current()
        if self._missing.get(name) == "clinical":
            self._clinical.fetch([name])
        else:
            self._side_fetch.fetch(name)

    def _draw_fetch(self, *_states: object) -> None:
        name = self._current()
        side, clinical = self._side_fetch.state, self._clinical.state
        running = side.running or clinical.running
        self._fetch.setVisible(name in self._missing)
        self._fetch.setEnabled(not running)
        # What became of a table is said while that table is looked at; of others the list says it.
        said = [side.text if side.running or side.name == name else "", clinical.text if clinical.running or name in clinical.tables else ""]
        text = " ".join(filter(None, said))
        self._note.setText(text)
        self._note.setVisible(bool(text))


def _column_item(name: str, kind: str) -> QtWidgets.QTreeWidgetItem:
    item = QtWidgets.QTreeWidgetItem([name, kind])
    item.setToolTip(_ABOUT, plain(kind))
    return item
