"""What was loaded comes into sight: the browser gives the central area back to the views, and they show the nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.host.slicer.views import rendering
from IDCBrowserLib.host.slicer.views.first_look import (
    fitting_layout,
    has_data,
    hide_segments,
    next_turn,
    nodes_of_ids,
    replace_first_slices,
    scrolled_from,
    show_loaded,
)
from IDCBrowserLib.host.slicer.views.layout import CentralView
from IDCBrowserLib.host.slicer.views.look_settings import Look, wants
from IDCBrowserLib.host.slicer.views.slice_views import LAYOUT_MS
from IDCBrowserLib.qtbinding import QtCore

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeNode


class ShownNodes:
    """``begins``, perhaps ``seen``, then ``loaded``; ``wanted`` at any time. ``turn`` may turn views into other planes before an image is fitted
    into them, ``on_shown`` is told when the views show what was loaded, and nothing moves them any more."""

    def __init__(self, view: CentralView, turn: Callable[[], None], on_shown: Callable[[], None]) -> None:
        self._view, self._turn, self._on_shown = view, turn, on_shown
        self._loaded: list[str] = []
        # What the views show since its first slices are there.
        self._seen: list[str] = []
        self._to_show: Sequence[str] = ()
        self._arranges = False
        # Whether the views replaced the browser for what has come of a series so far, and where that was put.
        self._was_browsing = False
        self._first_offsets: Mapping[str, float] = {}
        self._stay: Mapping[str, float] = {}
        self._is_moving = False
        # Of looks, which take several turns of the event loop each.
        self._latest = 0
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show)

    @property
    def names(self) -> list[str]:
        """Of what was loaded last and is still in the scene."""
        return [str(node.GetName()) for node in nodes_of_ids(self._loaded)]

    @property
    def is_showing(self) -> bool:
        """Whether views are still being moved to what was loaded."""
        return bool(self._timer.isActive()) or self._is_moving

    def begins(self) -> None:
        """Something will be loaded. What the views show may be the user's own arrangement."""
        import slicer

        self._arranges = wants(Look.LAYOUT) and not has_data(slicer.mrmlScene)
        self._seen = []

    def seen(self, node: vtkMRMLScalarVolumeNode) -> None:
        """The first slices are there; the rest comes while they are looked at."""
        self._seen = [node.GetID()]
        self._bring_up_views(self._seen, self._arranges)

    def first_slices(self, node: vtkMRMLScalarVolumeNode) -> None:
        """What has come of a series that is still downloaded."""
        import slicer

        self._was_browsing = self._view.is_shown
        self._bring_up_views([node.GetID()], wants(Look.LAYOUT) and not has_data(slicer.mrmlScene))

    def first_slices_gone(self) -> None:
        """Nothing came of it: the browser comes back."""
        import slicer

        if self._was_browsing and not has_data(slicer.mrmlScene):
            self._view.show()

    def loaded(self, node_ids: list[str]) -> None:
        """All of it is there. Whoever has scrolled meanwhile stays there."""
        self._loaded = node_ids
        self._stay = scrolled_from(self._first_offsets)
        replace_first_slices(node_ids)
        if node_ids != self._seen:
            if self._view.is_available:
                # Until the first look: else all views draw all of it while they are laid out.
                hide_segments(node_ids)
            self._bring_up_views(node_ids, self._arranges)

    def wanted(self, node_ids: Sequence[str]) -> None:
        """From a row of the tables to its nodes: the views come back, as they were."""
        self._loaded = list(node_ids)
        self._bring_up_views(node_ids, False)

    def close(self) -> None:
        """Show nothing more."""
        self._latest += 1
        self._timer.stop()
        self._timer.timeout.disconnect(self._show)

    def _bring_up_views(self, node_ids: Sequence[str], arranges: bool) -> None:
        """``arranges``: in a layout that fits, else as they were."""
        is_other = self._view.arrange(fitting_layout(nodes_of_ids(node_ids))) if arranges else self._view.restore()
        waits = bool(self._timer.isActive())
        # What was not shown yet is not forgotten.
        self._to_show = list(dict.fromkeys([*node_ids, *(self._to_show if waits else ())]))
        # Views that stand already need no time to get the sizes of a layout.
        self._timer.start(LAYOUT_MS if is_other or waits else 0)

    def _show(self) -> None:
        self._latest += 1
        own = self._latest
        stay, self._stay = self._stay, {}

        def is_latest() -> bool:
            return own == self._latest

        def done() -> None:
            rendering.resume()
            if is_latest():
                self._is_moving = False
                self._on_shown()

        self._is_moving = True
        rendering.pause()
        try:
            self._first_offsets = show_loaded(self._to_show, next_turn, is_latest, stay, self._turn, done)
        except Exception:
            # Nothing was begun, and views that wait for its end would stand still.
            rendering.resume()
            self._is_moving = False
            raise
