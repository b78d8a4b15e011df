"""Slicer's layout of two slice views beside each other, and back.

Signatures (Slicer 5.12): ``SlicerLayoutSideBySideView`` and ``GetViewArrangement`` (Libs/MRML/Core/vtkMRMLLayoutNode.h), slot ``setLayout(int)``
``mrmlSliceLogics()`` (Libs/MRML/Widgets/qMRMLLayoutManager.h), ``vtkMRMLSliceLogic.FitSliceToBackground()``, which moves the slice as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.qtbinding import QtCore

if TYPE_CHECKING:
    from slicer import vtkMRMLSliceNode

# Until the views have the sizes of a new layout.
_LAYOUT_MS = 150


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
        QtCore.QTimer.singleShot(_LAYOUT_MS, _fit)


def _fit() -> None:
    """The whole image in each view, at the slice that it showed."""
    import slicer

    manager = slicer.app.layoutManager()
    logics = manager.mrmlSliceLogics() if manager is not None else None
    found: list[Any] = [logics.GetItemAsObject(number) for number in range(logics.GetNumberOfItems())] if logics is not None else []
    for logic in found:
        view: vtkMRMLSliceNode = logic.GetSliceNode()
        offset = view.GetSliceOffset()
        logic.FitSliceToBackground()
        view.SetSliceOffset(offset)
