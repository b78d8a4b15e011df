"""Slicer's slice views.

Signatures (Slicer 5.12): ``mrmlSliceLogics()`` (Libs/MRML/Widgets/qMRMLLayoutManager.h), ``vtkMRMLSliceLogic.FitSliceToBackground()``, which moves
the slice as well (Libs/MRML/Logic/vtkMRMLSliceLogic.h).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from slicer import vtkMRMLSliceLogic, vtkMRMLVolumeNode

# Until the views have the sizes of a new layout.
LAYOUT_MS = 150


def slice_logics() -> list[vtkMRMLSliceLogic]:
    """One for each slice view, also of those that the layout does not show; none without a main window."""
    import slicer

    manager = slicer.app.layoutManager()
    if manager is None:
        return []
    logics = manager.mrmlSliceLogics()
    return [cast("vtkMRMLSliceLogic", logics.GetItemAsObject(number)) for number in range(logics.GetNumberOfItems())]


def shows(volume: vtkMRMLVolumeNode) -> bool:
    """Whether a volume fills a slice view."""
    return any(logic.GetBackgroundLayer().GetVolumeNode() is volume for logic in slice_logics())
