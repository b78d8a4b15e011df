"""In a narrow place, as a dock is, details take the place of filters and tables when that is wanted, and give it back."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import small_button


class EnlargedDetails:
    """A button in the corner of ``tabs``, there where it is narrow. ``on_change(on)`` hides and shows what is above them."""

    def __init__(self, tabs: QtWidgets.QTabWidget, on_change: Callable[[bool], None]) -> None:
        self._on_change = on_change
        self.is_on = False
        self._button = small_button("enlargeDetails", "", _("Show this in the place of filters and tables, or go back to them."))
        self._button.hide()
        tabs.setCornerWidget(self._button, Qt.Corner.TopRightCorner)
        self._name()
        self._button.clicked.connect(self._pressed)

    def arrange(self, narrow: bool) -> None:
        """Where there is room beside the tables it is not needed."""
        self._button.setVisible(narrow)
        if not narrow:
            self.leave()

    def leave(self) -> None:
        """Back to the tables."""
        self._set(False)

    def _pressed(self) -> None:
        self._set(not self.is_on)

    def _set(self, on: bool) -> None:
        if on != self.is_on:
            self.is_on = on
            self._name()
            self._on_change(on)

    def _name(self) -> None:
        self._button.setText(_("Tables") if self.is_on else _("Enlarge"))
