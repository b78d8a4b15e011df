"""The images of a scene on which segmentations can be drawn, and which segmentations lie over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.hierarchy import subject_hierarchy
from IDCBrowserLib.scene.provenance import KIND_ATTRIBUTE, UNPLACED_ATTRIBUTE, scalar_volumes, series_uid_of

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLVolumeNode

_CLASS = "vtkMRMLScalarVolumeNode"
# They show what was computed, not anatomy.
_COMPUTED = ("dose", "map")


@dataclass(frozen=True)
class ImageRow:
    """One scalar volume. ``series_uid`` and ``modality`` are "" for what is no DICOM series."""

    node_id: str
    name: str
    series_uid: str = ""
    modality: str = ""


def image_rows(scene: vtkMRMLScene) -> tuple[ImageRow, ...]:
    """Volumes with a place in the patient, in the order of the scene."""
    return tuple(_row(scene, node) for node in scalar_volumes(scene) if node.GetClassName() == _CLASS and _is_image(node))


def _is_image(node: vtkMRMLVolumeNode) -> bool:
    return node.GetAttribute(KIND_ATTRIBUTE) not in _COMPUTED and not node.GetAttribute(UNPLACED_ATTRIBUTE) and node.GetImageData() is not None


def _row(scene: vtkMRMLScene, node: vtkMRMLVolumeNode) -> ImageRow:
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    hierarchy = subject_hierarchy(scene)
    item = hierarchy.GetItemByDataNode(node)
    known = item != hierarchy.GetInvalidItemID()
    modality = hierarchy.GetItemAttribute(item, Constants.GetDICOMSeriesModalityAttributeName()) if known else ""
    return ImageRow(node.GetID(), node.GetName() or "", series_uid_of(scene, node), modality or "")
