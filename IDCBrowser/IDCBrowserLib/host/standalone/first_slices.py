"""What has come of a series so far, in the views of the standalone program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.host.loading.first_slices import FirstSlicesNode
from IDCBrowserLib.host.standalone.views import ViewGrid

if TYPE_CHECKING:
    from slicer import vtkMRMLScene


class FirstSlicesInViews:
    """``bring_up`` gives the views their place, ``give_back`` takes it again when nothing came of it and they had none before."""

    def __init__(self, scene: vtkMRMLScene, views: ViewGrid, bring_up: Callable[[], None], give_back: Callable[[], None]) -> None:
        self._views = views
        self._bring_up = bring_up
        self._give_back = give_back
        self._node = FirstSlicesNode(scene)
        self._has_begun = self._was_hidden = False

    def show(self, shown: Shown) -> bool:
        """See ``SeriesLoader.show_first_slices``."""
        try:
            if not self._has_begun:
                self._has_begun, self._was_hidden = True, not self._views.isVisibleTo(self._views.window())
                node = self._node.begin(shown)
                self._bring_up()
                self._views.show_first_slices(node)
            self._node.update(shown)
        except ConversionError:
            return False
        return self._node.node is not None and self._views.shows(self._node.node)

    def hide(self) -> None:
        """See ``SeriesLoader.hide_first_slices``."""
        if not self._has_begun:
            return
        self._has_begun = False
        self._node.remove()
        if self._views.axial.background() is None:
            # Nothing has taken its place: what was there before comes back.
            self._views.fit()
            if self._was_hidden and self._views.are_free:
                self._give_back()
