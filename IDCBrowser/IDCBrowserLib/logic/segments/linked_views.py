"""Two segmentations of one image next to each other, in views that move together."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.signal import Signal

# Whether the host shows two slice views beside each other, or what it showed before.
Arrange = Callable[[bool], None]


class LinkedViews:
    """``start`` and ``stop``; ``changed`` tells when ``is_on`` does, ``said`` carries a sentence."""

    def __init__(self, segments: Segments, arrange: Arrange) -> None:
        self._segments = segments
        self._arrange = arrange
        self._shown: tuple[str, str] = ("", "")
        self.is_on = False
        self.changed: Signal[[]] = Signal()
        self.said: Signal[str] = Signal()
        segments.changed.connect(self._look)

    def start(self, first: str, second: str) -> None:
        """Show two segmentations by node id, each in a view of its own."""
        self.stop()
        one, other = (self._segments.state.source(node_id) for node_id in (first, second))
        if one is None or other is None or first == second:
            self.said.emit(_("Choose two segmentations."))
            return
        self._arrange(True)
        if not self._segments.scene.show_side_by_side(first, second):
            self._arrange(False)
            self.said.emit(_("There are no two slice views to show them in."))
            return
        self._shown = (first, second)
        self._set(True)
        self.said.emit(
            _("Left: {first}. Right: {second}. Both views move together.").format(first=one.short_name[:100], second=other.short_name[:100])
        )

    def stop(self) -> None:
        """Put the views back."""
        if self.is_on:
            self._segments.scene.end_side_by_side()
            self._arrange(False)
            self._set(False)

    def close(self) -> None:
        """Before the scene goes."""
        self._segments.changed.disconnect(self._look)
        self.stop()

    def _look(self) -> None:
        """One of them may have left the scene."""
        if self.is_on and not all(self._segments.state.source(node_id) for node_id in self._shown):
            self.stop()

    def _set(self, on: bool) -> None:
        self.is_on = on
        self.changed.emit()
