"""Modules of other extensions that segment images: opened with an image as their input, never started.

Facts, from their sources (2026): module TotalSegmentator (github.com/lassoan/SlicerTotalSegmentator, 2026-05) has the selectors
``inputVolumeSelector`` and ``outputSegmentationSelector``; MONAIAuto3DSeg (github.com/lassoan/SlicerMONAIAuto3DSeg, 2026-03) ``inputNodeSelector0``,
shown once a model is chosen, and ``outputSegmentationSelector``; both read their parameter node (``InputVolume`` and ``InputNode0``,
``OutputSegmentation``) and make a new segmentation where no output is chosen, on the geometry of the image. SlicerNNInteractive (extension
NNInteractive, github.com/coendevente/SlicerNNInteractive, 2026-07) works on segmentation and image of its ``editor_widget``, a
qMRMLSegmentEditorWidget. Slicer 5.12: ``slicer.util.selectModule`` (RuntimeError without a main window), ``slicer.util.getModuleWidget``, slot
``openExtensionsManagerDialog()`` of ``slicer.app``, which builds without Extensions Manager do not have (Base/QTGUI/qSlicerApplication.h).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.host_interface import Segmenter
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.hierarchy import add_item_beside
from IDCBrowserLib.scene.names import unique_name
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE
from IDCBrowserLib.scene.segments.segmentation import reference_volume

logger = logging.getLogger(__name__)

_TROUBLES = (AttributeError, RuntimeError, TypeError, ValueError, KeyError)


@dataclass(frozen=True)
class _Module:
    """``give(widget, image)`` makes an image the input of a module's widget."""

    name: str
    module: str
    extension: str
    give: Callable[[Any, Any], None]


class SlicerSegmenters:
    """See ``Segmenters``."""

    def known(self) -> Sequence[Segmenter]:
        """See ``Segmenters``."""
        import slicer

        return [Segmenter(one.name, one.extension, hasattr(slicer.modules, one.module.lower())) for one in _MODULES]

    def hand_over(self, name: str, image_id: str) -> str:
        """See ``Segmenters``."""
        import slicer

        one = next(module for module in _MODULES if module.name == name)
        image = slicer.mrmlScene.GetNodeByID(image_id)
        try:
            slicer.util.selectModule(one.module)
        except RuntimeError:
            return _("{module} cannot be shown without Slicer's main window.").format(module=name)
        if image is None:
            return _("The image is no longer in the scene. Choose it in {module}.").format(module=name)
        try:
            one.give(slicer.util.getModuleWidget(one.module), image)
        except _TROUBLES:
            # Of another version than those that were looked at.
            logger.warning("%s did not take the image.", one.module, exc_info=True)
            return _("{module} is open. Choose the image {image} there.").format(module=name, image=(image.GetName() or "")[:100])
        return _('{module} is open with the image {image}. Start it there, then come back and press "Compare result".').format(
            module=name, image=(image.GetName() or "")[:100]
        )

    def get_extension(self) -> bool:
        """See ``Segmenters``."""
        import slicer

        if not hasattr(slicer.app, "openExtensionsManagerDialog"):
            return False
        # It is modal: whoever asked for it goes on first.
        QtCore.QTimer.singleShot(0, _open_extensions)
        return True


def _open_extensions() -> None:
    import slicer

    application: Any = slicer.app
    application.openExtensionsManagerDialog()


def _to_total_segmentator(widget: Any, image: Any) -> None:
    _select(widget, image, "InputVolume", widget.ui.inputVolumeSelector)


def _to_monai(widget: Any, image: Any) -> None:
    _select(widget, image, "InputNode0", widget.ui.inputNodeSelector0)


def _select(widget: Any, image: Any, role: str, selector: Any) -> None:
    """The selector tells the parameter node; where it is hidden it would not, and both have to say the same. No output means a new one: what is
    there stays."""
    selector.setCurrentNode(image)
    widget.ui.outputSegmentationSelector.setCurrentNode(None)
    widget.logic.getParameterNode().SetNodeReferenceID(role, image.GetID())


def _to_nn_interactive(widget: Any, image: Any) -> None:
    """In a new segmentation over the image: prompts change the one that is open there."""
    import slicer

    editor, scene = widget.ui.editor_widget, slicer.mrmlScene
    current = editor.segmentationNode()
    if current is not None and not current.GetAttribute(SERIES_ATTRIBUTE) and reference_volume(current) is image:
        # The user's own, begun before.
        editor.setSourceVolumeNode(image)
        return
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", unique_name(scene, f"{image.GetName() or ''} nnInteractive".strip()))
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(image)
    add_item_beside(scene, image, node)
    editor.setSegmentationNode(node)
    editor.setSourceVolumeNode(image)


_MODULES = (
    _Module("TotalSegmentator", "TotalSegmentator", "TotalSegmentator", _to_total_segmentator),
    _Module("MONAI Auto3DSeg", "MONAIAuto3DSeg", "MONAIAuto3DSeg", _to_monai),
    _Module("nnInteractive", "SlicerNNInteractive", "NNInteractive", _to_nn_interactive),
)
