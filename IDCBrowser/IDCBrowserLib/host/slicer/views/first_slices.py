"""What has come of a series so far, in Slicer's slice views.

Signatures (Slicer 5.12): ``vtkMRMLSliceLogic.GetBackgroundLayer().GetVolumeNode()`` (Libs/MRML/Logic/vtkMRMLSliceLogic.h),
``vtkMRMLNode.GetHideFromEditors()``, ``GetSaveWithScene()`` (Libs/MRML/Core/vtkMRMLNode.h): neither lists nor files have such nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.host.loading.first_slices import FirstSlicesNode
from IDCBrowserLib.host.slicer.views.slice_views import shows

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeNode


class FirstSlicesInSlicer:
    """``begins`` brings the node into the views, soon; ``gone`` is told when it was taken away."""

    def __init__(self) -> None:
        self._node: FirstSlicesNode | None = None
        self._was_in_views = False
        self.begins: Callable[[vtkMRMLScalarVolumeNode], object] = _unseen
        self.gone: Callable[[], object] = _nothing

    @property
    def are_there(self) -> bool:
        """Whether they are in the scene."""
        return self._node is not None and self._node.node is not None

    @property
    def is_in_views(self) -> bool:
        """Whether a slice view shows them."""
        node = self._node.node if self._node is not None else None
        return node is not None and shows(node)

    def show(self, shown: Shown) -> bool:
        """See ``SeriesLoader.show_first_slices``."""
        import slicer

        try:
            if self._node is None:
                self._node, self._was_in_views = FirstSlicesNode(slicer.mrmlScene), False
                self.begins(self._node.begin(shown))
            self._node.update(shown)
        except ConversionError:
            return False
        is_there = self._node.node is not None and (self.is_in_views or not self._was_in_views)
        self._was_in_views = self._was_in_views or self.is_in_views
        return is_there

    def hide(self) -> None:
        """See ``SeriesLoader.hide_first_slices``."""
        if self._node is not None:
            self._node.remove()
            self._node = None
            self.gone()


def _unseen(_node: vtkMRMLScalarVolumeNode) -> None:
    """Before the views are there."""


def _nothing() -> None:
    """Before the views are there."""
