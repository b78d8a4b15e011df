"""The four tables: one at a time, or all of them beside and above each other."""

from __future__ import annotations

from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.logic.base.settings_keys import restore_splitter, save_splitter
from IDCBrowserLib.logic.base.state import TOPS
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import Qt
from IDCBrowserLib.ui.tables.table_panel import TablePanel
from IDCBrowserLib.ui.tables.top_switch import TopSwitch
from IDCBrowserLib.ui.widgets.building_blocks import splitter
from IDCBrowserLib.ui.widgets.turning_splitter import TurningSplitter

_HALVES, _SHARES = (500, 500), (400, 600)


class TablesArea:
    """``widget`` shows the table that ``browser.shelf`` has in sight, or after ``show_all(True)`` all four, linked."""

    def __init__(self, browser: Browser, tables: dict[str, TablePanel]) -> None:
        self._browser = browser
        self._tables = tables
        self.shows_all = False
        self.top = TopSwitch(browser, tables)
        places = {"cases": tables["cases"].widget, "studies": tables["studies"].widget, "series": tables["series"].widget}
        self._upper = TurningSplitter("topSplitter", [self.top.widget, places["cases"]], Qt.Orientation.Horizontal, _HALVES, _HALVES)
        self._lower = TurningSplitter("middleSplitter", [places["studies"], places["series"]], Qt.Orientation.Vertical, _SHARES, _SHARES)
        self.widget = splitter("rowsSplitter", Qt.Orientation.Vertical, [self._upper.widget, self._lower.widget])
        self._places = {**dict.fromkeys(TOPS, self.top.widget), **places}
        browser.shelf.changed.connect(self._draw)
        self._draw()

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self.top.disconnect()
        self._browser.shelf.changed.disconnect(self._draw)

    def show_all(self, on: bool) -> None:
        """All four tables, as they were left, or the one in sight."""
        if self.shows_all:
            self.save(self._browser.host.settings)
        self.shows_all = on
        self._draw()
        if on:
            settings = self._browser.host.settings
            restore_splitter(settings, self.widget)
            self._upper.restore(settings)
            self._lower.restore(settings)

    def arrange(self, narrow: bool, low: bool) -> None:
        """Side by side or one above the other, as there is room."""
        self._upper.turn(narrow)
        self._lower.turn(low)

    def save(self, settings: Settings) -> None:
        """Remember the sizes of all four; those of one at a time are those of the window."""
        if self.shows_all:
            save_splitter(settings, self.widget)
            self._upper.save(settings)
            self._lower.save(settings)

    def _draw(self) -> None:
        level = self._browser.shelf.level
        in_sight = self._places[level]
        left = next((name for name, table in self._tables.items() if table.has_focus), level)
        for place in self._places.values():
            place.setVisible(self.shows_all or place is in_sight)
        self._upper.widget.setVisible(self.shows_all or level in (*TOPS, "cases"))
        self._lower.widget.setVisible(self.shows_all or level in ("studies", "series"))
        pictures = self._tables["series"].pictures
        if pictures is not None:
            pictures.look(not self.shows_all and level == "series")
        if not self.shows_all and self._places[left] is not in_sight:
            self._tables[left].hand_over(self._tables[level])
