"""PET, dose and maps over an image: what lies below, what above, and in which colors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.colors import color_table
from IDCBrowserLib.scene.isodose import show_isodoses_of
from IDCBrowserLib.scene.provenance import DOSE_KIND, FRAME_ATTRIBUTE, KIND_ATTRIBUTE

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLVolumeNode

_INVERTED_GREY = "vtkMRMLColorTableNodeInvertedGrey"
# Of the overlay at first.
_OPACITIES = {"pet": 0.5, DOSE_KIND: 0.4, "map": 0.6}


@dataclass(frozen=True)
class Arrangement:
    """``below`` fills the views; ``above`` is laid over it with ``opacity`` from 0 to 1, None where nothing is."""

    below: vtkMRMLVolumeNode | None
    above: vtkMRMLVolumeNode | None = None
    opacity: float = 0.0


def is_overlay(volume: vtkMRMLVolumeNode) -> bool:
    """PET, dose or a map."""
    return volume.GetAttribute(KIND_ATTRIBUTE) in _OPACITIES


def arrange(volumes: Sequence[vtkMRMLVolumeNode], chosen: vtkMRMLVolumeNode | None, newest_above: bool = False) -> Arrangement:
    """How to show ``chosen``, one of all ``volumes``: an overlay over the last image of its frame of reference, an image alone.

    With ``newest_above`` an image gets the last overlay of its frame of reference.
    """
    if chosen is None:
        return Arrangement(None)
    beside = [other for other in volumes if other is not chosen and _same_frame(other, chosen)]
    if is_overlay(chosen):
        images = [other for other in beside if not is_overlay(other)]
        return _over(images[-1], chosen) if images else Arrangement(chosen)
    overlays = [other for other in beside if is_overlay(other)] if newest_above else []
    return _over(chosen, overlays[-1]) if overlays else Arrangement(chosen)


def dress(scene: vtkMRMLScene, arrangement: Arrangement) -> None:
    """PET alone is read in inverted gray; over an image its heat is shown. Isodose lines belong to the dose that is shown."""
    shown = arrangement.above or arrangement.below
    show_isodoses_of(scene, shown)
    for volume, color in ((arrangement.above, "over"), (arrangement.below, "alone")):
        display = volume.GetDisplayNode() if volume is not None else None
        if volume is not None and display is not None and volume.GetAttribute(KIND_ATTRIBUTE) == "pet":
            display.SetAndObserveColorNodeID(color_table(scene, "pet") if color == "over" else _INVERTED_GREY)


def _over(below: vtkMRMLVolumeNode, above: vtkMRMLVolumeNode) -> Arrangement:
    return Arrangement(below, above, _OPACITIES[above.GetAttribute(KIND_ATTRIBUTE) or "map"])


def _same_frame(one: vtkMRMLVolumeNode, other: vtkMRMLVolumeNode) -> bool:
    frame = one.GetAttribute(FRAME_ATTRIBUTE)
    return bool(frame) and frame == other.GetAttribute(FRAME_ATTRIBUTE)
