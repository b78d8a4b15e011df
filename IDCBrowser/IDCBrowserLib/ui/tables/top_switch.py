"""The first table: collections or analysis results, one in the place of the other."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import TOPS
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.tables.table_panel import TablePanel
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, row


class TopSwitch:
    """``widget`` shows the table that ``browser.tables.top`` names, below two buttons that change it."""

    def __init__(self, browser: Browser, tables: dict[str, TablePanel]) -> None:
        self._browser = browser
        self._tables = tables
        tips = {
            "collections": _("Show the collections of IDC: original images and the data submitted with them."),
            "analysis_results": _("Show analysis results: segmentations, annotations and measurements derived from collections."),
        }
        self._buttons = {top: self._make_button(top, tips[top]) for top in TOPS}
        self._group = QtWidgets.QButtonGroup()
        self._group.setExclusive(True)
        self._heads = QtWidgets.QStackedWidget()
        self._bodies = QtWidgets.QStackedWidget()
        for top in TOPS:
            self._group.addButton(self._buttons[top])
            self._heads.addWidget(holder(row([tables[top].count, None, tables[top].filter])))
            self._bodies.addWidget(tables[top].body)
        self._heads.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        head = row([*self._buttons.values(), self._heads])
        head.setStretch(len(TOPS), 1)
        self.widget = holder(column([head, self._bodies]), "topPanel")
        browser.tables.top_changed.connect(self._draw)
        self._draw(browser.tables.top)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.tables.top_changed.disconnect(self._draw)

    def _make_button(self, top: str, tip: str) -> QtWidgets.QToolButton:
        made = QtWidgets.QToolButton()
        made.setObjectName(f"{top}Switch")
        made.setText(self._tables[top].title_text)
        made.setCheckable(True)
        made.setAutoRaise(True)
        made.setToolTip(tip)
        made.setAccessibleName(self._tables[top].title_text.replace("&", ""))
        made.setAccessibleDescription(tip)
        made.clicked.connect(lambda _checked=False: self._choose(top))
        return made

    def _choose(self, top: str) -> None:
        self._browser.tables.set_top(top)
        self._draw(top)
        self._tables[top].view.setFocus()

    def _draw(self, top: str) -> None:
        for name, made in self._buttons.items():
            made.setChecked(name == top)
            font = made.property("font")
            font.setBold(name == top)
            made.setFont(font)
        self._heads.setCurrentIndex(TOPS.index(top))
        self._bodies.setCurrentIndex(TOPS.index(top))
