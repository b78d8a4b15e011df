"""The labels that say what is selected or in the cart; those without a text take no room."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.logic.picking.selection_text import SelectionLines
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import bold, icon_label, row
from IDCBrowserLib.ui.widgets.icons import pixmap
from IDCBrowserLib.ui.widgets.plain_tip import plain

_ICON_PIXELS = 18
# In pixels: a longer one is cut.
_TOTAL_MOST = 220


class SelectionLabels:
    """``total``, ``levels``, ``modalities`` and ``licenses`` are labels for a layout, ``restricted`` a row: the licenses that forbid commercial use.

    Object names begin with ``name``, that of the restricted ones with ``restricted_name``; ``make`` makes a label of that name.
    With ``keeps_total`` the others yield to the total where they share a line.
    """

    def __init__(self, name: str, restricted_name: str, make: Callable[[str], QtWidgets.QLabel], keeps_total: bool = False) -> None:
        self._keeps_total = keeps_total
        self.total = bold(make(f"{name}Total"))
        self.levels = make(f"{name}Levels")
        self.modalities = make(f"{name}Modalities")
        self.licenses = make(f"{name}Licenses")
        self._icon = icon_label(f"{restricted_name}Icon")
        self._icon.setPixmap(pixmap("warning", _ICON_PIXELS))
        self._restricted = bold(make(f"{restricted_name}Text"))
        self.restricted = row([self._icon, self._restricted])
        self.restricted.setStretch(1, 1)

    def draw(self, lines: SelectionLines) -> None:
        """Other texts."""
        self.total.setText(lines.total)
        self.total.setToolTip(plain(lines.total))
        if self._keeps_total:
            self.total.setMinimumWidth(min(_TOTAL_MOST, self.total.fontMetrics().horizontalAdvance(lines.total) + 1))
        for made, text in (
            (self.levels, lines.levels),
            (self.modalities, lines.modalities),
            (self.licenses, lines.licenses),
            (self._restricted, lines.restricted),
        ):
            made.setText(text)
            made.setToolTip(plain(text))
            made.setVisible(bool(text))
        self._icon.setVisible(bool(lines.restricted))
