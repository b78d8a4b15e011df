"""Slicer's layout of two slice views beside each other, and back.

Signatures (Slicer 5.12): ``SlicerLayoutSideBySideView`` and ``GetViewArrangement`` (Libs/MRML/Core/vtkMRMLLayoutNode.h), slot ``setLayout(int)``
(Libs/MRML/Widgets/qMRMLLayoutManager.h).
"""

from __future__ import annotations

from IDCBrowserLib.host.slicer.views.slice_views import LAYOUT_MS, slice_logics
from IDCBrowserLib.qtbinding import QtCore


class TwoViews:
    """``arrange(on)``; a layout that the user chose meanwhile stays."""

    def __init__(self) -> None:
        self._before: int | None = None

    def arrange(self, on: bool) -> None:
        """Show two slice views, or what was there before."""
        import slicer

        manager = slicer.app.layoutManager()
        if manager is None:
            return
        wanted = slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView
        current = manager.layoutLogic().GetLayoutNode().GetViewArrangement()
        before, self._before = self._before, None
        if on and current != wanted:
            self._before = current
            manager.setLayout(wanted)
        elif not on and current == wanted and before is not None:
            manager.setLayout(before)
        else:
            return
        # Views that change their size zoom; they have their new one only after the layout.
        QtCore.QTimer.singleShot(LAYOUT_MS, _fit)


def _fit() -> None:
    """The whole image in each view, at the slice that it showed."""
    for logic in slice_logics():
        view = logic.GetSliceNode()
        offset = view.GetSliceOffset()
        logic.FitSliceToBackground()
        view.SetSliceOffset(offset)
