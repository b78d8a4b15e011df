"""The list of facets in groups: those of every release, and below them the clinical attributes at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import FilterState
from IDCBrowserLib.logic.finding.clinical_attributes import OfferedAttribute
from IDCBrowserLib.logic.finding.facets import COMMON, COUNTED_ALONE, facet_groups, short_text
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import bold
from IDCBrowserLib.ui.widgets.plain_tip import plain


class FacetList:
    """``widget`` is for a layout. ``on_looked_at()`` when another facet is; ``column`` is the one in sight."""

    def __init__(self, on_looked_at: Callable[[], None]) -> None:
        self._on_looked_at = on_looked_at
        # One for each row; "" are the headings of groups.
        self._columns: list[str] = []
        self._titles: list[str] = []
        self.widget = QtWidgets.QListWidget()
        self.widget.setObjectName("facets")
        self.widget.setAccessibleName(_("Filter by"))
        self.widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for heading, titles in facet_groups().items():
            if heading:
                self._add_heading(heading)
            for column, title in titles.items():
                self._add(column, title)
        # Rows are made when they are needed and never go: a list whose rows go moves under the mouse.
        self._first_attribute = len(self._columns) + 1
        self._add_heading(_("Clinical"))
        self.offer((), 0)
        self.widget.setCurrentRow(0)
        self.widget.currentRowChanged.connect(self._row_changed)

    @property
    def column(self) -> str:
        """The facet in sight."""
        return self._columns[max(0, int(self.widget.property("currentRow")))] or COMMON

    def show(self, column: str) -> None:
        """Look at a facet, if it is there."""
        if column in self._columns:
            row = self._columns.index(column)
            self.widget.setCurrentRow(row)
            self.widget.scrollToItem(self.widget.item(row))

    def offer(self, attributes: Sequence[OfferedAttribute], more: int) -> None:
        """The clinical attributes, and how many more there are; the one in sight stays in sight if it is among them."""
        in_sight = self.column if self._columns else COMMON
        blocked = self.widget.blockSignals(True)
        first = self._first_attribute
        while len(self._columns) < first + len(attributes) + 1:
            self._add("", "")
        for number, item in enumerate(attributes):
            self._write(first + number, item.key, item.title, item.tip)
        last = first + len(attributes)
        note = _("{count} more: search by name").format(count=f"{more:,}") if more else ""
        self._write(last, "", note, note)
        for row in range(first - 1, len(self._columns)):
            used = row < last or (row == last and more > 0)
            self.widget.setRowHidden(row, not used or not attributes)
            if row >= last:
                self._columns[row] = ""
        if in_sight in self._columns:
            self.widget.setCurrentRow(self._columns.index(in_sight))
        self.widget.blockSignals(blocked)
        if self.column != in_sight:
            # It stood for those that can be named now; the first of them took its row.
            self._on_looked_at()

    def draw(self, state: FilterState) -> None:
        """How much is chosen of each."""
        for number, name in enumerate(self._columns):
            if name:
                self._draw_facet(number, name, state)
        self._draw_headings()

    def _add_heading(self, text: str) -> None:
        item = self.widget.item(self._add("", text))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(bold(QtWidgets.QLabel()).property("font"))

    def _add(self, column: str, title: str) -> int:
        self.widget.addItem(title)
        self._columns.append(column)
        self._titles.append(title)
        return len(self._columns) - 1

    def _write(self, row: int, column: str, title: str, tip: str) -> None:
        item = self.widget.item(row)
        self._columns[row], self._titles[row] = column, title
        item.setText(title)
        item.setToolTip(plain(tip))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if column else Qt.ItemFlag.NoItemFlags)

    def _row_changed(self, row: int) -> None:
        if 0 <= row < len(self._columns) and self._columns[row]:
            self._on_looked_at()

    def _draw_facet(self, number: int, name: str, state: FilterState) -> None:
        count = state.chosen[name].count if name in state.chosen else 0
        title = short_text(self._titles[number])
        text = _("{facet} ({count})").format(facet=title, count=count) if count else title
        item = self.widget.item(number)
        if item.text() != text:
            item.setText(text)
        if number >= self._first_attribute:
            return
        # A release without this column has no counts of it.
        hidden = bool(state.counts) and name not in state.counts and name != COMMON and name not in COUNTED_ALONE
        if self.widget.isRowHidden(number) != hidden:
            self.widget.setRowHidden(number, hidden)

    def _draw_headings(self) -> None:
        """Those of groups in which nothing is to be seen are hidden."""
        is_empty = True
        for number in range(self._first_attribute - 2, -1, -1):
            if self._columns[number]:
                is_empty = is_empty and self.widget.isRowHidden(number)
            else:
                self.widget.setRowHidden(number, is_empty)
                is_empty = True
