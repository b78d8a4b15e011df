"""The labels that say what is selected or in the cart; those without a text take no room."""

from __future__ import annotations

from IDCBrowserLib.logic.picking.selection_text import SelectionLines
from IDCBrowserLib.ui.widgets.building_blocks import bold, icon_label, label, row
from IDCBrowserLib.ui.widgets.icons import pixmap

_ICON_PIXELS = 18


class SelectionLabels:
    """``total``, ``levels``, ``modalities`` and ``licenses`` are labels for a layout, ``restricted`` a row: the licenses that forbid commercial use.

    Object names begin with ``name``, that of the restricted ones with ``restricted_name``.
    """

    def __init__(self, name: str, restricted_name: str) -> None:
        self.total = bold(label(f"{name}Total", "", True))
        self.levels = label(f"{name}Levels", "", True)
        self.modalities = label(f"{name}Modalities", "", True)
        self.licenses = label(f"{name}Licenses", "", True)
        self._icon = icon_label(f"{restricted_name}Icon")
        self._icon.setPixmap(pixmap("warning", _ICON_PIXELS))
        self._restricted = bold(label(f"{restricted_name}Text", "", True))
        self.restricted = row([self._icon, self._restricted])
        self.restricted.setStretch(1, 1)

    def draw(self, lines: SelectionLines) -> None:
        """Other texts."""
        self.total.setText(lines.total)
        for made, text in (
            (self.levels, lines.levels),
            (self.modalities, lines.modalities),
            (self.licenses, lines.licenses),
            (self._restricted, lines.restricted),
        ):
            made.setText(text)
            made.setVisible(bool(text))
        self._icon.setVisible(bool(lines.restricted))
