"""The way to the table in sight, "IDC > NSCLC-Radiomics > LUNG1-001": each step leads back there; a button at its end leads on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import LEVELS
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.tables.shelf import Crumb
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button, holder, row
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.wording import human_count

_MAX_CHARACTERS = 28
_OPEN_CHARACTERS = 24


class PathBar:
    """``widget`` is one line. ``on_moved()`` is called after somebody went to another table here."""

    def __init__(self, browser: Browser, on_moved: Callable[[], None]) -> None:
        self._browser = browser
        self._on_moved = on_moved
        self._shown: list[Crumb] = []
        self._steps = [self._make_step(number) for number in range(len(LEVELS))]
        self._arrows = [QtWidgets.QLabel("›") for _step in self._steps[1:]]
        self.open = button("openRowsButton", "", _("Show what belongs to the selected rows. Double-click and Enter do the same."))
        self.open.setMinimumWidth(_OPEN_CHARACTERS * self.open.fontMetrics().averageCharWidth())
        parts: list[QtWidgets.QWidget] = [self._steps[0]]
        for arrow, step in zip(self._arrows, self._steps[1:], strict=True):
            parts += [arrow, step]
        self.widget = holder(row([*parts, self.open, None]), "pathBar")
        self.widget.setAccessibleName(_("Path"))
        self.open.clicked.connect(self._open)
        browser.shelf.changed.connect(self._draw)
        browser.tables.changed.connect(self._table_changed)
        self._draw()

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.shelf.changed.disconnect(self._draw)
        self._browser.tables.changed.disconnect(self._table_changed)

    def _make_step(self, number: int) -> QtWidgets.QToolButton:
        made = QtWidgets.QToolButton()
        made.setObjectName(f"pathStep{number}")
        made.setAutoRaise(True)
        made.setMinimumWidth(1)
        made.clicked.connect(lambda: self._go(number))
        return made

    def _go(self, number: int) -> None:
        crumbs = self._browser.shelf.crumbs
        if number < len(crumbs):
            self._browser.shelf.show(crumbs[number].level)
            self._on_moved()

    def _open(self) -> None:
        self._browser.shelf.open()
        self._on_moved()

    def _table_changed(self, level: str, _state: object) -> None:
        if level in (self._browser.shelf.level, self._browser.shelf.below):
            self._draw()

    def _draw(self) -> None:
        crumbs = self._browser.shelf.crumbs
        if crumbs != self._shown:
            self._shown = crumbs
            self._draw_steps(crumbs)
        self._draw_open()

    def _draw_steps(self, crumbs: Sequence[Crumb]) -> None:
        for number, step in enumerate(self._steps):
            is_there = number < len(crumbs)
            if is_there:
                text = crumbs[number].text
                step.setText(text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 3] + "...")
                tip = _("Go back to the table of {name}.").format(name=text) if number < len(crumbs) - 1 else text
                step.setToolTip(plain(tip))
                step.setAccessibleName(text)
                font = step.property("font")
                font.setBold(number == len(crumbs) - 1)
                step.setFont(font)
            step.setVisible(is_there)
            if number:
                self._arrows[number - 1].setVisible(is_there)

    def _draw_open(self) -> None:
        shelf, tables = self._browser.shelf, self._browser.tables
        selected = bool(shelf.below) and bool(tables.state(shelf.level).selected)
        self.open.setVisible(bool(shelf.below))
        self.open.setEnabled(selected)
        if shelf.below:
            self.open.setText(open_text(shelf.below, tables.state(shelf.below).total if selected else 0))


def open_text(level: str, total: int) -> str:
    """What a button says that shows ``total`` rows of a level; 0 while they are not counted."""
    one, many = {"cases": (_("case"), _("cases")), "studies": (_("study"), _("studies")), "series": (_("series"), _("series"))}[level]
    return _("Show {rows} ›").format(rows=human_count(total, one, many)) if total else _("Show {rows} ›").format(rows=many)
