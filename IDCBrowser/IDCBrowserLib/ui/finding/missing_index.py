"""In the place of a control that needs a side index that cannot be used: which one and why, and a button that gets it."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.settings.indices import Indices, IndicesState
from IDCBrowserLib.logic.settings.side_fetch import FetchState
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, row
from IDCBrowserLib.wording import human_size


class MissingIndex:
    """``show(name)`` says what is missing or damaged, and how large it is where that can be had."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._index = ""
        self._text = label("missingIndexText", "", True)
        self._fetch = button(
            "missingIndexFetch", _("Get it"), _("Fetch the index file in the background. What needs it goes on once it has arrived.")
        )
        self._stop = button("missingIndexStop", _("Stop"), _("Stop fetching."))
        self._progress = label("missingIndexProgress", "", True)
        layout = column([self._text, row([self._fetch, self._stop, None]), self._progress])
        layout.addStretch(1)
        self.widget = holder(layout, "missingIndex")
        self.widget.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Expanding)
        self._fetch.clicked.connect(self._start)
        self._stop.clicked.connect(indices.worker.cancel)
        indices.worker.changed.connect(self._draw)
        indices.changed.connect(self._draw_text)
        self._draw(indices.worker.state)

    def disconnect(self) -> None:
        """Stop listening."""
        self._indices.worker.changed.disconnect(self._draw)
        self._indices.changed.disconnect(self._draw_text)

    def show(self, name: str) -> None:
        """Name the index."""
        if name != self._index:
            self._index = name
            # It may have been damaged since the start.
            self._indices.refresh()
            self._indices.ask_sizes([name])
        self._draw_text(self._indices.state)

    def _start(self) -> None:
        self._indices.worker.fetch(self._index)

    def _draw(self, state: FetchState) -> None:
        self._fetch.setEnabled(not state.running)
        self._stop.setEnabled(state.running)
        self._progress.setText(state.text)

    def _draw_text(self, state: IndicesState) -> None:
        if self._index:
            self._text.setText(missing_text(state, self._index))


def missing_text(state: IndicesState, name: str) -> str:
    """What is wrong with an index file, and how large it is if that is known."""
    file, size = f"{name}.parquet", state.sizes.get(name)
    row = next((row for row in state.rows if row["name"] == name), None)
    if row is not None and row["state"] == "damaged":
        text = _("This filter needs the index file {file}, which is damaged: {reason}. Fetch it again to repair it.")
        if size is not None:
            text = _("This filter needs the index file {file} ({size}), which is damaged: {reason}. Fetch it again to repair it.")
        return text.format(file=file, reason=row.get("reason") or _("it cannot be read"), size=human_size(size or 0))
    text = _("Needs further data ({file}).")
    if size is not None:
        text = _("Needs {size} of further data ({file}).")
    return text.format(file=file, size=human_size(size or 0))


def needs_text(state: IndicesState, name: str) -> str:
    """What something that needs an index file says in its place, in a few words."""
    if state.state_of(name) in ("fetching", "waiting"):
        return state.text or _("The data for this are on their way.")
    size = state.sizes.get(name)
    return _("Needs {size} of further data.").format(size=human_size(size)) if size is not None else _("Needs further data.")
