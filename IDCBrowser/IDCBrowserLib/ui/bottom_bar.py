"""The bar at the bottom: what is selected with the buttons that fetch it, and the status line.

It lays itself out by its own width. Where a program has more than the panel in its window, the bar goes below all of it: views and docks that open
beside the panel make the panel narrower, but not the bar, so that its buttons stay where they are.
"""

from __future__ import annotations

from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.picking.selection_panel import SelectionPanel
from IDCBrowserLib.ui.status_line import StatusLine
from IDCBrowserLib.ui.widgets.arrangement import SizedWidget
from IDCBrowserLib.ui.widgets.building_blocks import column

_MARGIN = 4


class BottomBar:
    """``widget`` is as high as its lines; those of the selection are shown while it is asked for (``show_selection``)."""

    def __init__(self, browser: Browser) -> None:
        self.selection = SelectionPanel(browser)
        self.status = StatusLine(browser)
        self.widget = SizedWidget(self._resized)
        self.widget.setObjectName("bottomBar")
        # What is side by side now does not keep it from becoming so narrow that it is put one above the other.
        self.widget.setMinimumWidth(1)
        self.widget.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        layout = column([self.selection.widget, self.status.widget])
        layout.setSpacing(_MARGIN)
        self.widget.setLayout(layout)

    def show_selection(self, on: bool) -> None:
        """Whether what is selected is what the page in sight is about."""
        self.selection.widget.setVisible(on)

    def height(self) -> int:
        """In pixels, as it wants to be."""
        return int(self.widget.property("sizeHint").height())

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self.selection.disconnect()
        self.status.disconnect()

    def _resized(self, width: int, _height: int) -> None:
        self.selection.arrange(width)
