"""Which columns a table shows, how wide and in which order: chosen in the menu of its header, remembered between two starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import load_list, save_list
from IDCBrowserLib.logic.tables.columns import STATUS, STRETCHED, Column
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.views import CELL_MARGIN

_MAX_WIDTH = 2000
_STATUS_WIDTH = 26


class HeaderColumns:
    """The columns of one table view; its header gets a menu with one entry per column and "Usual columns".

    ``on_changed`` is called after a person chose other columns, with the one that was added, if it was one.
    """

    def __init__(self, view: QtWidgets.QTableView, columns: Sequence[Column], on_changed: Callable[[Column | None], None]) -> None:
        self._on_changed = on_changed
        self._quiet = False
        self._is_narrow = False
        self._wide: list[int] = []
        self._metrics = view.fontMetrics()
        self._header = view.horizontalHeader()
        self._columns = tuple(columns)
        self._widths = [_usual_width(view.fontMetrics(), item) for item in self._columns]
        self._header.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._header.setToolTip(_("Click to sort; right-click to choose columns."))
        self._actions = [self._add(number, item) for number, item in enumerate(self._columns)]
        self._usual = QtGui.QAction(_("Default columns"), self._header)
        self._usual.triggered.connect(self._use_usual)
        self._header.addAction(self._usual)
        self.reset()

    def reset(self) -> None:
        """All columns but those of side indices, in their own order and width."""
        self._quiet = True
        for number, width in enumerate(self._widths):
            self._header.moveSection(self._header.visualIndex(number), number)
            shown = not self._columns[number].needs
            self._actions[number].setChecked(shown)
            self._header.setSectionHidden(number, not shown)
            self._header.resizeSection(number, width)
        self._quiet = False

    def actions(self) -> list[QtGui.QAction]:
        """The entries of the menu."""
        return [*self._actions, self._usual]

    def move(self, number: int, by: int) -> None:
        """Bring a column further to the left or right, past those that are hidden."""
        places = [self._header.logicalIndex(place) for place in range(len(self._columns))]
        seen = [place for place, logical in enumerate(places) if not self._header.isSectionHidden(logical)]
        place = self._header.visualIndex(number)
        target = seen.index(place) + by if place in seen else -1
        if 0 <= target < len(seen):
            self._header.moveSection(place, seen[target])

    def shown(self) -> list[Column]:
        """What is to be seen, from left to right."""
        places = [self._header.logicalIndex(place) for place in range(len(self._columns))]
        return [self._columns[number] for number in places if not self._header.isSectionHidden(number)]

    def show_of(self, side_index: str) -> None:
        """Show the columns that a side index has: it was just fetched."""
        self._quiet = True
        for number, item in enumerate(self._columns):
            if item.needs == side_index:
                self._actions[number].setChecked(True)
        self._quiet = False
        self._on_changed(None)

    def show_narrow(self, on: bool) -> None:
        """Only the columns for a narrow dock, the first of their texts as wide as there is room; or those that were chosen again."""
        if on == self._is_narrow:
            return
        self._is_narrow = on
        if on:
            self._wide = [self._header.sectionSize(number) for number in range(len(self._columns))]
        stretched = next(number for number, item in enumerate(self._columns) if item.narrow == STRETCHED)
        mode = QtWidgets.QHeaderView.ResizeMode
        self._header.setStretchLastSection(not on)
        self._header.setSectionResizeMode(stretched, mode.Stretch if on else mode.Interactive)
        for number, item in enumerate(self._columns):
            self._header.setSectionHidden(number, not self._is_shown(number))
            width = self._narrow_width(item) if on else self._wide[number]
            if width and (item.narrow or not on):
                self._header.resizeSection(number, width)

    def _is_shown(self, number: int) -> bool:
        return self._columns[number].narrow > 0 if self._is_narrow else self._actions[number].isChecked()

    def _narrow_width(self, item: Column) -> int:
        if item.key == STATUS:
            return _STATUS_WIDTH
        return min(_usual_width(self._metrics, item), self._metrics.horizontalAdvance("0") * item.narrow + CELL_MARGIN)

    def restore(self, settings: Settings, key: str) -> None:
        """As they were left; columns that are new since then come last, those that are gone are passed over."""
        self._quiet = True
        numbers = {item.key: number for number, item in enumerate(self._columns)}
        place = 0
        for entry in load_list(settings, key):
            if not _is_entry(entry) or entry[0] not in numbers:
                continue
            number = numbers.pop(entry[0])
            self._header.moveSection(self._header.visualIndex(number), place)
            self._actions[number].setChecked(entry[2])
            if entry[1]:
                self._header.resizeSection(number, entry[1])
            place += 1
        self._quiet = False

    def save(self, settings: Settings, key: str) -> None:
        """See ``remembered``."""
        header = self._header
        shown = [action.isChecked() for action in self._actions]
        sizes = self._wide if self._is_narrow else [header.sectionSize(number) for number in range(len(self._columns))]
        order = [header.logicalIndex(place) for place in range(len(self._columns))]
        save_list(settings, key, [[self._columns[n].key, sizes[n] if shown[n] else 0, shown[n]] for n in order])

    def _use_usual(self) -> None:
        self.reset()
        self._on_changed(None)

    def _add(self, number: int, item: Column) -> QtGui.QAction:
        action = QtGui.QAction(item.title, self._header)
        action.setCheckable(True)
        action.setChecked(True)
        action.toggled.connect(self._shower(number))
        self._header.addAction(action)
        return action

    def _shower(self, number: int) -> Callable[[bool], None]:
        def show(on: bool) -> None:
            if not on and not any(action.isChecked() for action in self._actions):
                # A table without any column has no header to bring them back.
                self._actions[number].setChecked(True)
                return
            self._header.setSectionHidden(number, not self._is_shown(number))
            if not self._quiet:
                self._on_changed(self._columns[number] if on else None)

        return show


def _usual_width(metrics: QtGui.QFontMetrics, item: Column) -> int:
    # Digits are wider than the average character in most fonts, and half a number is a wrong one.
    character = metrics.averageCharWidth()
    content = item.width * (metrics.horizontalAdvance("0") if item.right else character)
    return int(max(content, (len(item.title) + 2) * character)) + CELL_MARGIN


def _is_entry(entry: object) -> TypeGuard[list[Any]]:
    if not isinstance(entry, list) or len(entry) != 3:
        return False
    return isinstance(entry[0], str) and type(entry[1]) is int and 0 <= entry[1] <= _MAX_WIDTH and isinstance(entry[2], bool)
