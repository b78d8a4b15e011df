"""Below the hits: what else could be found with further data, how much that is, and a button that gets it."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.settings.indices import Indices, IndicesState
from IDCBrowserLib.ui.widgets.building_blocks import button, holder, label, row
from IDCBrowserLib.wording import human_size


class SearchMore:
    """``show(names)`` of side indices that are not here; ``on_size()`` when its text changes."""

    def __init__(self, indices: Indices, on_size: Callable[[], None]) -> None:
        self._indices = indices
        self._on_size = on_size
        self._names: tuple[str, ...] = ()
        self._text = label("searchMoreText", "", True)
        self._get = button("searchMoreButton", _("Get it"), _("Fetch the further data in the background."))
        layout = row([self._text, self._get])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "searchMore")
        self._get.clicked.connect(self._fetch)
        indices.changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening."""
        self._indices.changed.disconnect(self._draw)

    def show(self, names: tuple[str, ...]) -> None:
        """Nothing for none."""
        if names and names != self._names:
            self._indices.ask_sizes(names)
        self._names = names
        self.widget.setVisible(bool(names))
        self._draw(self._indices.state)

    def _fetch(self) -> None:
        self._indices.fetch(self._names)

    def _draw(self, state: IndicesState) -> None:
        if not self._names:
            return
        under_way = [name for name in self._names if state.state_of(name) in ("fetching", "waiting")]
        sizes = [state.sizes.get(name) for name in self._names]
        if under_way and state.text:
            text = state.text
        elif None in sizes:
            text = _("Segments, regions, ROIs and algorithms need further data.")
        else:
            size = human_size(sum(size for size in sizes if size is not None))
            text = _("Segments, regions, ROIs and algorithms need {size} of further data.").format(size=size)
        if text != self._text.property("text"):
            self._text.setText(text)
            self._on_size()
        self._get.setEnabled(not under_way)
