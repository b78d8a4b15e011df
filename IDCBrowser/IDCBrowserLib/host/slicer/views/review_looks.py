"""How Slicer arranges views for a review list, and Segment Editor for its corrections.

Signatures (Slicer 5.12): ``slicer.util.selectModule(name)`` (RuntimeError without a main window), ``slicer.modules.segmenteditor``, whose
widget has ``editor``, a qMRMLSegmentEditorWidget with ``setSegmentationNode`` and ``setSourceVolumeNode``
(Modules/Scripted/SegmentEditor/SegmentEditor.py).
"""

from __future__ import annotations

import logging
from typing import Any

from IDCBrowserLib.host.slicer.views.layout import LAYOUT_ID
from IDCBrowserLib.host.slicer.views.rendering import paused
from IDCBrowserLib.scene.review import Looks
from IDCBrowserLib.scene.segments.segmentation import reference_volume

logger = logging.getLogger(__name__)

_TROUBLES = (AttributeError, RuntimeError, TypeError)


def slicer_looks() -> Looks:
    """Layouts by their number; segments are corrected in the module Segment Editor."""
    return Looks(_layout, _set_layout, _correct, paused)


def _layout() -> str:
    import slicer

    manager = slicer.app.layoutManager()
    number = LAYOUT_ID if manager is None else int(manager.layoutLogic().GetLayoutNode().GetViewArrangement())
    return "" if number == LAYOUT_ID else str(number)


def _set_layout(name: str) -> None:
    """While the browser has the views' place they are arranged once it gives that back."""
    import slicer

    manager = slicer.app.layoutManager()
    if manager is not None and name.isdecimal() and _layout():
        manager.setLayout(int(name))


def _correct(node_id: str) -> None:
    import slicer

    node = slicer.mrmlScene.GetNodeByID(node_id)
    if not isinstance(node, slicer.vtkMRMLSegmentationNode):
        return
    try:
        slicer.util.selectModule("SegmentEditor")
        modules: Any = slicer.modules
        editor = modules.segmenteditor.widgetRepresentation().self().editor
        editor.setSegmentationNode(node)
        image = reference_volume(node)
        if image is not None:
            editor.setSourceVolumeNode(image)
    except _TROUBLES:
        logger.warning("Segment Editor could not be opened.", exc_info=True)
