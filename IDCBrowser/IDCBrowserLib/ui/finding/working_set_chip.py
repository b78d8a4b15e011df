"""The chip of the working set, "Only cart.s5cmd, 444 series ×", which leaves it, and beside it what was not found."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.picking.working_set import WorkingSetState, chip_text, missing_text
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import holder, row
from IDCBrowserLib.ui.widgets.plain_tip import plain

_MAX_NAME = 40


class WorkingSetChip:
    """``widget`` is empty without a set. ``place`` as of ``FilterChips``."""

    def __init__(self, browser: Browser, place: str = "") -> None:
        self._browser = browser
        self._chip = _button(f"{place}workingSetChip")
        self._missing = _button(f"{place}workingSetMissing")
        self.widget = holder(row([self._chip, self._missing]), f"{place}workingSet")
        self._chip.clicked.connect(browser.opened_set.leave)
        self._missing.clicked.connect(self._show_missing)
        browser.working_set.changed.connect(self._draw)
        self._draw(browser.working_set.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.working_set.changed.disconnect(self._draw)

    def _show_missing(self) -> None:
        self._browser.working_set.missing_wanted.emit()

    def _draw(self, state: WorkingSetState) -> None:
        self.widget.setVisible(bool(state.name))
        if not state.name:
            return
        text, name = chip_text(state), state.name
        shown = text.replace(name, f"{name[:_MAX_NAME]}...") if len(name) > _MAX_NAME else text
        self._chip.setText(f"{shown}  ×")
        self._chip.setToolTip(plain(_("{text}. Click to show everything again.").format(text=text.rstrip("."))))
        self._chip.setAccessibleName(_("Leave the working set {name}").format(name=name))
        missing = missing_text(state)
        self._missing.setText(missing)
        self._missing.setToolTip(_("Show the lines that name nothing in this IDC release."))
        self._missing.setAccessibleName(missing)
        self._missing.setVisible(bool(missing))


def _button(name: str) -> QtWidgets.QToolButton:
    made = QtWidgets.QToolButton()
    made.setObjectName(name)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setToolTip(_("Show everything again."))
    made.setAccessibleName(_("Working set"))
    return made
