"""Below a filter that several index files answer: for which modalities data are still to come, how much, and a button that gets them."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.finding.facets import indices_of_facet
from IDCBrowserLib.logic.settings.indices import Indices, IndicesState
from IDCBrowserLib.ui.widgets.building_blocks import holder, label, row, small_button
from IDCBrowserLib.wording import human_size

_ON_THEIR_WAY = ("fetching", "waiting")


class FurtherData:
    """``show(column)``; ``widget`` is hidden where nothing is missing, or everything, which ``MissingIndex`` says in the place of the values."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._names: tuple[str, ...] = ()
        self._text = label("furtherDataText", "", True)
        self._get = small_button("furtherDataGet", _("Get it"), _("Fetch the data in the background. The filter goes on once they have arrived."))
        layout = row([self._text, self._get])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "furtherData")
        self.widget.hide()
        self._get.clicked.connect(self._start)
        indices.changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening."""
        self._indices.changed.disconnect(self._draw)

    def show(self, column: str) -> None:
        """The filter that is looked at."""
        names = indices_of_facet(column)
        if names != self._names:
            self._names = names
            self._indices.ask_sizes([name for name in names if self._indices.state.state_of(name) == "missing"])
        self._draw(self._indices.state)

    def _start(self) -> None:
        self._indices.fetch([name for name in self._names if self._indices.state.state_of(name) != "here"])

    def _draw(self, state: IndicesState) -> None:
        missing = [name for name in self._names if state.rows and state.state_of(name) != "here"]
        shown = 0 < len(missing) < len(self._names)
        if shown:
            self._text.setText(further_text(state, missing))
            self._get.setEnabled(any(state.state_of(name) not in _ON_THEIR_WAY for name in missing))
        self.widget.setVisible(shown)


def further_text(state: IndicesState, names: list[str]) -> str:
    """How much is still to come, and for what."""
    if any(state.state_of(name) in _ON_THEIR_WAY for name in names):
        return state.text or _("Fetching...")
    kinds = {"ct_index": _("CT"), "mr_index": _("MR"), "pt_index": _("PET")}
    what = _(" and ").join(kinds.get(name, name) for name in names)
    sizes = [state.sizes[name] for name in names if name in state.sizes]
    if len(sizes) < len(names):
        return _("{modalities}: needs further data.").format(modalities=what)
    return _("{modalities}: needs {size} of further data.").format(modalities=what, size=human_size(sum(sizes)))
