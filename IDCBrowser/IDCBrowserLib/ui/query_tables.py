"""The tables and columns that a query may name, as a tree beside the editor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.side_fetch import FetchState, SideFetch
from IDCBrowserLib.ui.widgets import button, column, holder, label

_NAME = 0
_ABOUT = 1
_INDENTATION = 14


class QueryTables:
    """``on_insert(name)`` is called when a table or column is double-clicked or Enter is pressed on it."""

    def __init__(self, side_fetch: SideFetch, on_insert: Callable[[str], None]) -> None:
        self._side_fetch = side_fetch
        self._on_insert = on_insert
        self._missing: frozenset[str] = frozenset()
        self._fetch = button("sqlFetchButton", _("Fetch the table"), _("Gets the selected table, which is not on this computer yet."))
        self._note = label("sqlFetchNote", "", True)
        self.tree_view = self._make_tree()
        self.widget = holder(column([self.tree_view, self._fetch, self._note]), "sqlTablesPanel")
        self._fetch.clicked.connect(self._fetch_current)
        self._side_fetch.changed.connect(self._draw_fetch)
        self._draw_fetch(side_fetch.state)

    def disconnect(self) -> None:
        """Stop listening."""
        self._side_fetch.changed.disconnect(self._draw_fetch)

    def show(self, tables: Sequence[Mapping[str, Any]]) -> None:
        """Fill the tree; what was open stays open."""
        opened = self._opened()
        self._missing = frozenset(item["name"] for item in tables if not item["here"])
        self.tree_view.clear()
        tops = []
        for item in tables:
            about = _("{count} rows").format(count=f"{item['rows']:,}") if item["here"] else _("not here")
            top = QtWidgets.QTreeWidgetItem([item["name"], about])
            top.setToolTip(_NAME, item["about"])
            top.setToolTip(_ABOUT, item["about"])
            top.addChildren([QtWidgets.QTreeWidgetItem([name, kind]) for name, kind in item["columns"]])
            tops.append(top)
        self.tree_view.addTopLevelItems(tops)
        for top in tops:
            top.setExpanded(top.text(_NAME) in opened)
        self.tree_view.resizeColumnToContents(_NAME)
        self._draw_fetch(self._side_fetch.state)

    def _opened(self) -> set[str]:
        tops = [self.tree_view.topLevelItem(number) for number in range(self.tree_view.model().rowCount())]
        return {top.text(_NAME) for top in tops if top.isExpanded()} if tops else {"index"}

    def _make_tree(self) -> Any:
        made = QtWidgets.QTreeWidget()
        made.setObjectName("sqlTables")
        made.setAccessibleName(_("Tables and columns; Enter writes the name into the query"))
        made.setToolTip(_("Double-click a name to write it into the query."))
        made.setColumnCount(2)
        made.setHeaderLabels([_("Table and columns"), _("About")])
        made.setUniformRowHeights(True)
        made.setIndentation(_INDENTATION)
        made.setEditTriggers(QtWidgets.QAbstractItemView.NoEditTriggers)
        made.setExpandsOnDoubleClick(False)
        made.setTabKeyNavigation(False)
        made.setTextElideMode(Qt.ElideRight)
        made.activated.connect(self._insert)
        made.selectionModel().currentChanged.connect(self._current_changed)
        return made

    def _insert(self, index: Any) -> None:
        self._on_insert(str(index.siblingAtColumn(_NAME).data()))

    def _current_changed(self, *_indices: Any) -> None:
        self._draw_fetch(self._side_fetch.state)

    def _current(self) -> str:
        index = self.tree_view.currentIndex()
        return str(index.siblingAtColumn(_NAME).data()) if index.isValid() and not index.parent().isValid() else ""

    def _fetch_current(self) -> None:
        self._side_fetch.fetch(self._current())

    def _draw_fetch(self, state: FetchState) -> None:
        self._fetch.setVisible(self._current() in self._missing)
        self._fetch.setEnabled(not state.running)
        self._note.setText(state.text)
        self._note.setVisible(bool(state.text))
