"""Stores the origin of a node as attributes, so that it survives saving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from IDCBrowserLib.scene.hierarchy import INSTANCES_ATTRIBUTE, subject_hierarchy

if TYPE_CHECKING:
    from slicer import (
        vtkMRMLDisplayableNode,
        vtkMRMLNode,
        vtkMRMLScalarVolumeNode,
        vtkMRMLScene,
        vtkMRMLSegmentationNode,
        vtkMRMLVolumeNode,
    )

Node = TypeVar("Node", bound="vtkMRMLNode")
SERIES_ATTRIBUTE = "IDCBrowser.SeriesInstanceUID"
STUDY_ATTRIBUTE = "IDCBrowser.StudyInstanceUID"
SOURCE_ATTRIBUTE = "IDCBrowser.Source"
# The person who drew a segmentation, as far as it is stated.
CREATOR_ATTRIBUTE = "IDCBrowser.Creator"
FRAME_ATTRIBUTE = "IDCBrowser.FrameOfReferenceUID"
OVERLAP_ATTRIBUTE = "IDCBrowser.OverlappingVoxels"
UNITS_ATTRIBUTE = "IDCBrowser.Units"
# What stands before a value: "SUV".
QUANTITY_ATTRIBUTE = "IDCBrowser.Quantity"
# "pet", "dose" or "map": what is shown over an image of the same frame of reference.
KIND_ATTRIBUTE = "IDCBrowser.Kind"
DOSE_KIND = "dose"
# Set on volumes whose images state no place in the patient: their directions are no anatomical ones.
UNPLACED_ATTRIBUTE = "IDCBrowser.Unplaced"
# Of frames that are played: how many per second the file wants, and its windows as JSON [[center, width, name]].
FRAME_RATE_ATTRIBUTE = "IDCBrowser.FramesPerSecond"
WINDOWS_ATTRIBUTE = "IDCBrowser.Windows"
# What tells one of several phases on one grid: "TriggerTime 100".
PHASE_ATTRIBUTE = "IDCBrowser.Phase"
# Outlines of annotations on a slide, as JSON: arrays in the engine's folder, and the grid of the image (``api.slide``).
OUTLINES_ATTRIBUTE = "IDCBrowser.Outlines"
# Files of the levels of a slide, as JSON: finer ones than the one in the scene are read from them.
SLIDE_ATTRIBUTE = "IDCBrowser.SlideLevels"
# Files of the sizes of a segmentation of a slide, as JSON: tiles of larger ones than the overview in the scene are read from them.
SLIDE_SEGMENTS_ATTRIBUTE = "IDCBrowser.SlideSegments"
REFERENCED_ATTRIBUTE = "IDCBrowser.ReferencedSeriesInstanceUID"
# Keys of ``idc_keys``.
_IN_WORDS = {
    "IDC.idc_version": "IDC v{}",
    "IDC.collection_id": "collection {}",
    "IDC.license": "license {}",
    "IDC.source_doi": "doi:{}",
    "IDC.crdc_series_uuid": "CRDC series {}",
}


def mark(node: vtkMRMLNode, values: Mapping[str, str]) -> None:
    """Set node attributes; empty values are left out."""
    # One event for all: of a segmentation each has all of its segments looked at.
    was_modifying = node.StartModify()
    for name, value in values.items():
        if value:
            node.SetAttribute(name, value)
    node.EndModify(was_modifying)


def state_origin(node: vtkMRMLNode, keys: Mapping[str, str]) -> None:
    """``keys`` of ``idc_keys`` as attributes, and in words as the node's description, where Slicer's trees show it; one that is there stays."""
    was_modifying = node.StartModify()
    mark(node, keys)
    if not node.GetDescription():
        node.SetDescription(origin_in_words(node))
    node.EndModify(was_modifying)


def origin_in_words(node: vtkMRMLNode) -> str:
    """ "IDC v22, collection nlst, license CC BY 4.0, doi:10..., crdc series ..."; empty where nothing is known."""
    return ", ".join(text.format(value) for key, text in _IN_WORDS.items() if (value := node.GetAttribute(key)))


def series_uid_of(scene: vtkMRMLScene, node: vtkMRMLNode) -> str:
    """Of the series that a node was made from, whichever loader made it; "" where none is known."""
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    uid = node.GetAttribute(SERIES_ATTRIBUTE)
    if not uid:
        # Slicer's own loaders write it on the item.
        hierarchy = subject_hierarchy(scene)
        item = hierarchy.GetItemByDataNode(node)
        uid = hierarchy.GetItemUID(item, Constants.GetDICOMUIDName()) if item != hierarchy.GetInvalidItemID() else ""
    return uid or ""


def nodes_of_series(scene: vtkMRMLScene, series_uid: str) -> tuple[vtkMRMLNode, ...]:
    """The nodes in ``scene`` made from a series: by this program (in the order of their creation), else by Slicer's own DICOM loader."""
    marked = tuple(node for node in displayable_nodes(scene) if node.GetAttribute(SERIES_ATTRIBUTE) == series_uid)
    return marked or _node_by_uid(scene, series_uid)


def ids_of(nodes: Iterable[vtkMRMLNode]) -> tuple[str, ...]:
    """By which the scene knows them."""
    return tuple(node.GetID() for node in nodes)


def volumes_of_series(scene: vtkMRMLScene, series_uid: str) -> list[vtkMRMLVolumeNode]:
    """Its volumes: Slicer's plugins may have made something else of the series, such as a sequence or a plot."""
    from slicer import vtkMRMLVolumeNode

    return [node for node in nodes_of_series(scene, series_uid) if isinstance(node, vtkMRMLVolumeNode)]


def instances_of(scene: vtkMRMLScene, node: vtkMRMLNode) -> tuple[str, ...]:
    """SOP Instance UIDs that a node was made of, in the order of slices where it is an image; whichever loader made it."""
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    stated = node.GetAttribute(INSTANCES_ATTRIBUTE) or ""
    if not stated:
        hierarchy = subject_hierarchy(scene)
        item = hierarchy.GetItemByDataNode(node)
        stated = hierarchy.GetItemUID(item, Constants.GetDICOMInstanceUIDName()) if item != hierarchy.GetInvalidItemID() else ""
    return tuple(stated.split())


def other_phases(node: vtkMRMLNode, among: Iterable[Node]) -> list[Node]:
    """Those ``among`` that were made of the same object for another phase on the same grid: together they would look like a union."""
    if not node.GetAttribute(PHASE_ATTRIBUTE):
        return []
    source = node.GetAttribute(SOURCE_ATTRIBUTE)
    return [other for other in among if other is not node and other.GetAttribute(PHASE_ATTRIBUTE) and other.GetAttribute(SOURCE_ATTRIBUTE) == source]


def image_series_in_frame(scene: vtkMRMLScene, frame_of_reference_uid: str) -> tuple[str, ...]:
    """Series UIDs of the scalar volumes and slides in ``scene`` that lie in this frame of reference, in the order of their creation."""
    nodes = [node for node in displayable_nodes(scene) if not node.GetAttribute(OUTLINES_ATTRIBUTE)]
    volumes = [node for node in nodes if node.GetClassName() == "vtkMRMLScalarVolumeNode" or node.GetAttribute(SLIDE_ATTRIBUTE)]
    here = [node for node in volumes if frame_of_reference_uid and node.GetAttribute(FRAME_ATTRIBUTE) == frame_of_reference_uid]
    return tuple(dict.fromkeys(uid for node in here if (uid := node.GetAttribute(SERIES_ATTRIBUTE))))


def displayable_nodes(scene: vtkMRMLScene) -> Iterator[vtkMRMLDisplayableNode]:
    """In the order of their creation."""
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLDisplayableNode")):
        yield scene.GetNthNodeByClass(index, "vtkMRMLDisplayableNode")


def segmentation_nodes(scene: vtkMRMLScene) -> list[vtkMRMLSegmentationNode]:
    """In the order of their creation."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    return [scene.GetNthNodeByClass(index, "vtkMRMLSegmentationNode") for index in range(count)]


def scalar_volumes(scene: vtkMRMLScene) -> list[vtkMRMLScalarVolumeNode]:
    """In the order of their creation, labelmap volumes among them; none of those that are hidden."""
    count = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    nodes = (scene.GetNthNodeByClass(index, "vtkMRMLScalarVolumeNode") for index in range(count))
    return [node for node in nodes if not node.GetHideFromEditors()]


def _node_by_uid(scene: vtkMRMLScene, series_uid: str) -> tuple[vtkMRMLNode, ...]:
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    hierarchy = subject_hierarchy(scene)
    item = hierarchy.GetItemByUID(Constants.GetDICOMUIDName(), series_uid)
    node = None if item == hierarchy.GetInvalidItemID() else hierarchy.GetItemDataNode(item)
    return () if node is None else (node,)
