"""What is in the cart as a tree: collections, and below them what was put in; more of it is fetched as it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from IDCBrowserLib.api.cart import Entry, EntryRow, Group
from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit
from IDCBrowserLib.logic.picking.cart import PAGE, Cart, CartState
from IDCBrowserLib.logic.picking.cart_text import filters_text
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.views import tree_widget, view_action
from IDCBrowserLib.wording import human_count, human_size

_KEY = int(Qt.ItemDataRole.UserRole)
_WIDTHS = (56, 14, 11, 10, 18)
_NUMBERS = (2, 3)
# So few entries are all shown at once.
_OPEN_UP_TO = 60


@dataclass(frozen=True)
class _More:
    """The line that fetches more of a collection."""

    group: Group


@dataclass(frozen=True)
class CartSelection:
    """What is selected in the tree: whole collections, and single entries."""

    collections: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


class CartTree:
    """Draws ``cart.state``. ``on_activated(Hit)`` for Enter or a double click, ``on_selected()`` when the selection changed."""

    def __init__(self, cart: Cart, on_activated: Callable[[Hit], None], on_selected: Callable[[], None]) -> None:
        self._cart = cart
        self._on_activated = on_activated
        # What the items stand for, by the key in them.
        self._things: dict[str, _Thing] = {}
        self._groups: dict[str, QtWidgets.QTreeWidgetItem] = {}
        self._loaded: dict[str, int] = {}
        self._turn = 0
        self.view = self._make_view()
        self.view.itemExpanded.connect(self._expanded)
        self.view.itemActivated.connect(self._activated)
        self.view.itemSelectionChanged.connect(on_selected)

    def _make_view(self) -> QtWidgets.QTreeWidget:
        titles = [_("Collection, case"), _("Item"), _("Series"), _("Size"), _("License"), _("Filters")]
        view = tree_widget("cartTree", _("Items in the cart"), titles, _WIDTHS)
        view.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setAlternatingRowColors(True)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return view

    def add_action(self, text: str, keys: str, do: Callable[[], None]) -> QtGui.QAction:
        """An entry of its context menu, and its key."""
        return view_action(self.view, text, keys, do)

    def fill(self, state: CartState) -> None:
        """Show other contents; what was open stays open."""
        self._turn += 1
        before = {name for name, item in self._groups.items() if item.isExpanded()}
        self.view.clear()
        self._things.clear()
        self._groups.clear()
        self._loaded.clear()
        for group in state.groups:
            self._add_group(group)
        for row in state.beside:
            self._add(None, row, _entry_cells(row, row["title"] or row["id"]))
        for entry in state.unknown:
            self._add(None, entry, [entry["id"], _("Not in this IDC release"), "-", "-", "-", filters_text(entry["filters"])])
        for name, item in self._groups.items():
            if name in before or state.count <= _OPEN_UP_TO:
                self.view.expandItem(item)

    def picked(self) -> CartSelection:
        """What is selected."""
        things = [self._thing(item) for item in self.view.selectedItems()]
        return CartSelection(
            tuple(thing["collection_id"] for thing in things if _is_group(thing)),
            tuple(thing for thing in things if _is_entry(thing)),
        )

    def named(self) -> NamedRows | None:
        """The first selected row and those of its level, as rows by ids; of entries with filters all of the row is meant."""
        hits = [hit for hit in (_hit(self._thing(item)) for item in self.view.selectedItems()) if hit is not None]
        if not hits:
            return None
        return {"level": hits[0].level, "ids": [hit.ids[0] for hit in hits if hit.level == hits[0].level]}

    def hit(self) -> Hit | None:
        """The current row as something to show in the tables."""
        item = self.view.currentItem()
        return _hit(self._thing(item)) if item is not None else None

    def _add_group(self, group: Group) -> None:
        name = group["collection_id"]
        entries = human_count(group["entries"], _("item"), _("items"))
        cells = [
            group["collection_name"] or name,
            entries,
            local_number(f"{group['series']:,}"),
            human_size(group["bytes"] or 0),
            group["licenses"] or "-",
            "",
        ]
        item = self._add(None, group, cells)
        item.setChildIndicatorPolicy(QtWidgets.QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        self._groups[name] = item

    def _add(self, above: QtWidgets.QTreeWidgetItem | None, thing: _Thing, cells: Sequence[str]) -> QtWidgets.QTreeWidgetItem:
        item = QtWidgets.QTreeWidgetItem([str(cell) for cell in cells])
        key = str(len(self._things))
        self._things[key] = thing
        item.setData(0, _KEY, key)
        for number in _NUMBERS:
            item.setTextAlignment(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for number in (0, 4, 5):
            item.setToolTip(number, plain(str(cells[number])))
        if above is None:
            self.view.addTopLevelItem(item)
        else:
            above.addChild(item)
        return item

    def _thing(self, item: QtWidgets.QTreeWidgetItem) -> _Thing | None:
        return self._things.get(str(item.data(0, _KEY)))

    def _expanded(self, item: QtWidgets.QTreeWidgetItem) -> None:
        thing = self._thing(item)
        if _is_group(thing) and thing["collection_id"] not in self._loaded:
            self._load(thing)

    def _load(self, group: Group) -> None:
        name, turn = group["collection_id"], self._turn
        offset = self._loaded.get(name, 0)
        self._loaded[name] = offset

        def show(rows: Sequence[EntryRow]) -> None:
            # Other contents may have come meanwhile.
            if turn == self._turn:
                self._show(group, rows, offset)

        self._cart.rows(name, offset, show)

    def _show(self, group: Group, rows: Sequence[EntryRow], offset: int) -> None:
        name = group["collection_id"]
        above = self._groups[name]
        if offset:
            above.takeChild(above.childCount() - 1)
        for row in rows:
            self._add(above, row, _entry_cells(row, _place(row)))
        self._loaded[name] = offset + len(rows)
        left = group["entries"] - self._loaded[name]
        if left > 0 and rows:
            text = _("Show {count} more ({left} not shown)").format(count=f"{min(PAGE, left):,}", left=f"{left:,}")
            self._add(above, _More(group), [text, "", "", "", "", ""])

    def _activated(self, item: QtWidgets.QTreeWidgetItem) -> None:
        thing = self._thing(item)
        if isinstance(thing, _More):
            self._load(thing.group)
            return
        hit = _hit(thing)
        if hit is not None:
            self._on_activated(hit)


_Thing = Group | Entry | _More


def _is_group(thing: _Thing | None) -> TypeGuard[Group]:
    return isinstance(thing, dict) and "entries" in thing


def _is_entry(thing: _Thing | None) -> TypeGuard[Entry]:
    return isinstance(thing, dict) and "level" in thing


def _hit(thing: _Thing | None) -> Hit | None:
    if _is_group(thing):
        return Hit("collections", (thing["collection_id"],), "", "")
    # An entry that this release does not have cannot be shown.
    return Hit(thing["level"], (thing["id"],), "", "") if _is_entry(thing) and "series" in thing else None


def _place(row: EntryRow) -> str:
    """The case, and what of it."""
    if row["level"] == "collections":
        return _("Entire collection") if not row["filters"] else _("All cases")
    if row["level"] == "cases":
        return row["patient_id"]
    return f"{row['patient_id']}: {row['title'] or row['id']}"


def _entry_cells(row: EntryRow, name: str) -> list[str]:
    kinds = {
        "collections": _("Collection"),
        "analysis_results": _("Analysis result"),
        "cases": _("Case"),
        "studies": _("Study"),
        "series": _("Series"),
    }
    return [
        name,
        kinds[row["level"]],
        local_number(f"{row['series']:,}"),
        human_size(row["bytes"] or 0),
        row["licenses"] or "-",
        filters_text(row["filters"]),
    ]
