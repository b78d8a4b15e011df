"""In the place of a control that needs a side index that is not here: which one, and a button that gets it."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import QtWidgets
from IDCBrowserLib.ui.side_fetch import FetchState, SideFetch
from IDCBrowserLib.ui.widgets import button, column, holder, label, row


class MissingIndex:
    """``show(name)`` says what is missing."""

    def __init__(self, side_fetch: SideFetch) -> None:
        self._side_fetch = side_fetch
        self._index = ""
        self._text = label("missingIndexText", "", True)
        self._fetch = button("missingIndexFetch", _("Fetch it"), _("Gets the index in the background; everything else goes on."))
        self._stop = button("missingIndexStop", _("Stop"), _("Stop fetching."))
        self._progress = label("missingIndexProgress", "", True)
        layout: Any = column([self._text, row([self._fetch, self._stop, None]), self._progress])
        layout.addStretch(1)
        self.widget = holder(layout, "missingIndex")
        self.widget.setSizePolicy(QtWidgets.QSizePolicy.Preferred, QtWidgets.QSizePolicy.Expanding)
        self._fetch.clicked.connect(self._start)
        self._stop.clicked.connect(side_fetch.cancel)
        side_fetch.changed.connect(self._draw)
        self._draw(side_fetch.state)

    def disconnect(self) -> None:
        """Stop listening."""
        self._side_fetch.changed.disconnect(self._draw)

    def show(self, name: str) -> None:
        """Name the index."""
        self._index = name
        text = _("This is in the file {name}, which does not come with IDC's index and is not on this computer yet.")
        self._text.setText(text.format(name=f"{name}.parquet"))

    def _start(self) -> None:
        self._side_fetch.fetch(self._index)

    def _draw(self, state: FetchState) -> None:
        self._fetch.setEnabled(not state.running)
        self._stop.setEnabled(state.running)
        self._progress.setText(state.text)
