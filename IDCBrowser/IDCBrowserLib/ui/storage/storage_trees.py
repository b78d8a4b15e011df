"""The three lists of the page "Storage": series by collection and case, leftovers by kind, and folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from IDCBrowserLib.api.storage import Inventory, KeptPlace, Row
from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.i18n import local_date, local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import collection_name
from IDCBrowserLib.logic.storage import storage_text as texts
from IDCBrowserLib.logic.storage.storage import Node, Storage
from IDCBrowserLib.logic.tables.columns import Column, count, size, text
from IDCBrowserLib.qtbinding import ModelIndex, Qt, QtWidgets
from IDCBrowserLib.ui.widgets.tree_model import TreeModel, TreeRow
from IDCBrowserLib.wording import human_size

# By the length of a node.
_LEVELS = ("collections", "cases", "studies", "series")
_STUDY_DEPTH, _SERIES_DEPTH = 3, 4
_ROW_MARGIN = 6
_UNKNOWN = "?"


class _Tree:
    """A view with its model; ``chosen_rows`` are the selected ones without those below another selected one."""

    def __init__(self, name: str, title: str, columns: Sequence[Column], on_selection: Callable[[], None] | None = None) -> None:
        self.view = QtWidgets.QTreeView()
        self.model = TreeModel(columns, self.view.fontMetrics().height() + _ROW_MARGIN)
        self.view.setObjectName(name)
        self.view.setAccessibleName(title)
        self.view.setModel(self.model)
        self.view.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setAlternatingRowColors(True)
        self.view.setUniformRowHeights(True)
        self.view.setSortingEnabled(True)
        self.view.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.view.header()
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        # The first column takes what the others leave, so that sizes stay in sight.
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        character = self.view.fontMetrics().averageCharWidth()
        for number, item in enumerate(columns):
            if number:
                self.view.setColumnWidth(number, character * (item.width + 2))
        self._selection = self.view.selectionModel()
        if on_selection is not None:
            self._selection.selectionChanged.connect(on_selection)

    def chosen_rows(self) -> list[TreeRow]:
        """Rows that are still on their way do not count."""
        found = []
        for index in self._selection.selectedRows():
            row = self.model.row_at(index)
            if row is not None and not self._is_below_selected(index):
                found.append(row)
        return found

    def _is_below_selected(self, index: ModelIndex) -> bool:
        above = self.model.parent(index)
        while above.isValid():
            if self._selection.isSelected(above):
                return True
            above = self.model.parent(above)
        return False


class SeriesTree(_Tree):
    """Collections, below them cases, studies and series, which are fetched when they are opened."""

    def __init__(self, storage: Storage, on_selection: Callable[[], None]) -> None:
        columns = (
            Column("name", _("Collection, case, study, series"), 30, text),
            Column("status", _("Status"), 22, text),
            Column("series", _("Series"), 7, count, True),
            Column("files", _("Files"), 7, count, True),
            Column("bytes", _("Size"), 9, size, True),
        )
        super().__init__("storageSeries", _("Downloaded series"), columns, on_selection)
        self._storage = storage
        self._on_selection = on_selection
        self._known: dict[Node, Row] = {}
        self._open: set[Node] = set()
        # By the person: they are not opened again for being alone.
        self._closed: set[Node] = set()
        self.view.expanded.connect(self._expanded)
        self.view.collapsed.connect(self._collapsed)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Other collections; those that were open are opened again."""
        self._known = {}
        self.model.show_rows(self._rows(rows))
        if len(rows) == 1:
            self._open_lone(rows[0])
        self._open_again(rows)

    def rows_arrived(self, node: Node) -> None:
        """What is below a row has come."""
        rows = self._storage.rows(node)
        if rows is not None:
            self._fill(node, rows)
            self._on_selection()

    def chosen(self) -> list[Node]:
        """What is selected."""
        return [row.key for row in self.chosen_rows()]

    def named(self) -> NamedRows | None:
        """What the selected rows are in IDC, those of the level of the first one; None for what is not from IDC."""
        nodes = [node for node in self.chosen() if _UNKNOWN not in node]
        if not nodes:
            return None
        level = _LEVELS[len(nodes[0]) - 1]
        return {"level": level, "ids": [self._id_of(node) for node in nodes if len(node) == len(nodes[0])]}

    def _id_of(self, node: Node) -> str:
        if len(node) == _SERIES_DEPTH:
            return self._known[node]["SeriesInstanceUID"]
        return node[-1] if len(node) == _STUDY_DEPTH else "/".join(node)

    def about_chosen(self) -> str:
        """How much is selected; "" when nothing is."""
        rows = [self._known[node] for node in self.chosen()]
        if not rows:
            return ""
        return _("Selected: {series}, {files}, {size}").format(
            series=texts.series_count(sum(row["series"] for row in rows)),
            files=texts.files_count(sum(row["files"] for row in rows)),
            size=human_size(sum(row["bytes"] for row in rows)),
        )

    def older_uids(self) -> list[str]:
        """Selected series that IDC has replaced by newer versions."""
        rows = [self._known[node] for node in self.chosen()]
        return sorted({row["SeriesInstanceUID"] for row in rows if row.get("status") == "older version"})

    def _expanded(self, index: ModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self._open.add(row.key)
            self._closed.discard(row.key)
        if row is not None and row.below is None:
            rows = self._storage.rows(row.key)
            if rows is not None:
                self._fill(row.key, rows)

    def _collapsed(self, index: ModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self._open.discard(row.key)
            self._closed.add(row.key)

    def _fill(self, node: Node, rows: Sequence[Row]) -> None:
        self.model.fill(node, self._rows(rows))
        if len(rows) == 1 and len(node) == _STUDY_DEPTH - 1:
            self._open_lone(rows[0])
        self._open_again(rows)

    def _open_lone(self, row: Row) -> None:
        if tuple(row["node"]) not in self._closed:
            self._open.add(tuple(row["node"]))

    def _open_again(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if tuple(row["node"]) in self._open:
                self.view.expand(self.model.index_of(tuple(row["node"])))

    def _rows(self, rows: Sequence[Row]) -> list[TreeRow]:
        self._known.update({tuple(row["node"]): row for row in rows})
        return [self._row(tuple(row["node"]), row) for row in rows]

    def _row(self, node: Node, row: Row) -> TreeRow:
        amounts = [row["files"], row["bytes"]]
        if len(node) < _SERIES_DEPTH:
            tip = _("Study UID: {uid}").format(uid=node[-1]) if len(node) == _STUDY_DEPTH and node[-1] != _UNKNOWN else ""
            tip = node[0] if len(node) == 1 and node[0] != _UNKNOWN else tip
            return TreeRow(node, [_name(node, row), texts.status_of(row), row["series"], *amounts], below=None, tip=tip)
        status, icon_name, tip = texts.series_status(row)
        return TreeRow(node, [row["name"], status, None, *amounts], icon_name, 1, f"{tip}\n{node[-1]}")


def _name(node: Node, row: Row) -> str:
    if len(node) == _STUDY_DEPTH:
        named = " ".join(part for part in (local_date(row["date"]), row["name"].strip()) if part and part != _UNKNOWN)
        return named or (_("Unknown study") if node[-1] == _UNKNOWN else node[-1])
    if row["name"] == _UNKNOWN:
        return _("Not from IDC")
    return collection_name(row["name"]) if len(node) == 1 else row["name"]


class LeftoversTree(_Tree):
    """By kind; nothing is chosen before the user selects it."""

    def __init__(self, on_selection: Callable[[], None]) -> None:
        columns = (
            Column("what", _("Item"), 40, text),
            Column("files", _("Files"), 7, count, True),
            Column("bytes", _("Size"), 9, size, True),
        )
        super().__init__("storageLeftovers", _("Items to clean up"), columns, on_selection)
        self._items: Sequence[Sequence[Any]] = ()

    def show_rows(self, document: Inventory) -> None:
        """Others."""
        self._items = document["leftovers"]
        groups: dict[str, list[int]] = {}
        for position, item in enumerate(self._items):
            groups.setdefault(item[0], []).append(position)
        self.model.show_rows([self._group(kind, positions, document["folder"]) for kind, positions in groups.items()])

    def chosen(self) -> list[int]:
        """Positions of what is selected in the inventory's list."""
        found: set[int] = set()
        for row in self.chosen_rows():
            found.update(int(item.key[-1]) for item in row.below or [row])
        return sorted(found)

    def about_chosen(self) -> str:
        """How much is selected; "" when nothing is."""
        items = [self._items[position] for position in self.chosen()]
        if not items:
            return ""
        files, total = sum(item[3] for item in items), sum(item[4] for item in items)
        return _("Selected: {count} items, {files}, {size}").format(count=f"{len(items):,}", files=texts.files_count(files), size=human_size(total))

    def _group(self, kind: str, positions: Sequence[int], folder: str) -> TreeRow:
        below = [self._row(position, folder) for position in positions]
        total = [sum(row.values[number] for row in below) for number in (1, 2)]
        return TreeRow((kind,), [f"{texts.leftover_title(kind)} ({local_number(f'{len(below):,}')})", *total], below=below)

    def _row(self, position: int, folder: str) -> TreeRow:
        _kind, path, name, files, total = self._items[position]
        relative = os.path.relpath(path, folder)
        return TreeRow((str(position),), [f"{name} ({relative})" if name else relative, files, total], tip=path)


class PlacesTree(_Tree):
    """Which folder is for what."""

    def __init__(self) -> None:
        columns = (
            Column("what", _("Item"), 30, text),
            Column("path", _("Folder"), 34, text),
            Column("files", _("Files"), 7, count, True),
            Column("bytes", _("Size"), 9, size, True),
            Column("free", _("Free"), 9, size, True, _("Free on that disk")),
        )
        super().__init__("storagePlaces", _("Folders used by this program"), columns)
        self.view.setRootIsDecorated(False)

    def show_rows(self, places: Sequence[KeptPlace]) -> None:
        """Others."""
        self.model.show_rows(
            [
                TreeRow(
                    (item["kind"],), [texts.place_title(item["kind"]), item["path"], item["files"], item["bytes"], item["free"]], tip=item["path"]
                )
                for item in places
            ]
        )
