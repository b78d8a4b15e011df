"""Parts that are side by side where there is room and one above the other where there is not, or the other way round."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.host_interface import Settings
from IDCBrowserLib.logic.base.settings_keys import load_sizes, save_list, splitter_key
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import splitter


class TurningSplitter:
    """``widget`` has the parts. Each of its two orientations has sizes of its own, in pixels: those given, until a person moves a handle. What the
    person chose comes back whenever it is turned again, however small the parts were in between.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[QtWidgets.QWidget],
        orientation: Qt.Orientation,
        sizes: Sequence[int],
        turned_sizes: Sequence[int],
    ) -> None:
        across = Qt.Orientation.Vertical if orientation == Qt.Orientation.Horizontal else Qt.Orientation.Horizontal
        self._orientations = (orientation, across)
        self._sizes = [list(sizes), list(turned_sizes)]
        self._turned = False
        self.widget = splitter(name, orientation, parts)
        self.widget.setSizes(self._sizes[0])
        self.widget.splitterMoved.connect(self._moved)

    def turn(self, turned: bool) -> None:
        """Lay the parts out the other way, or as at first."""
        if turned != self._turned:
            self._turned = turned
            self.widget.setOrientation(self._orientations[turned])
            self.widget.setSizes(self._sizes[turned])

    def restore(self, settings: Settings) -> None:
        """The sizes of the first orientation as they were saved."""
        saved = load_sizes(settings, splitter_key(self.widget), len(self._sizes[0]))
        if saved:
            self._sizes[0] = _known(saved, self._sizes[0])
            if not self._turned:
                self.widget.setSizes(self._sizes[0])

    def save(self, settings: Settings) -> None:
        """The sizes of the first orientation; those of small places are of no use elsewhere."""
        save_list(settings, splitter_key(self.widget), self._sizes[0] if self._turned else self._now())

    def _moved(self, _position: int, _handle: int) -> None:
        self._sizes[self._turned] = self._now()

    def _now(self) -> list[int]:
        return _known(self.widget.sizes(), self._sizes[self._turned])


def _known(sizes: Sequence[int], former: Sequence[int]) -> list[int]:
    """With its former size for what is hidden, which has none: Qt 5 would show it a pixel wide."""
    return [int(size) or before for size, before in zip(sizes, former, strict=True)]
