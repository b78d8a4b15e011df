"""Describes a node by its patient and series in the subject hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.scene.first_slices import first_slices_lines
from IDCBrowserLib.scene.hierarchy import NO_STUDY_DESCRIPTION, subject_hierarchy

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSubjectHierarchyNode


def node_lines(scene: vtkMRMLScene, node: vtkMRMLNode) -> tuple[str, ...]:
    """Patient, study and series; fewer where they are not known. Of a series that is still downloaded how much of it is here."""
    first_slices = first_slices_lines(node)
    if first_slices:
        return first_slices
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    hierarchy = subject_hierarchy(scene)
    name = node.GetName()
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        return (name,)
    study = hierarchy.GetItemAncestorAtLevel(item, Constants.GetDICOMLevelStudy())
    patient = hierarchy.GetItemAncestorAtLevel(item, Constants.GetDICOMLevelPatient())
    patient_id = hierarchy.GetItemAttribute(patient, Constants.GetDICOMPatientIDAttributeName()) if patient else ""
    lines = [hierarchy.GetItemName(patient) if patient else "", _study_name(hierarchy, study), name.removeprefix(f"{patient_id} ")]
    return tuple(line for line in lines if line)


def _study_name(hierarchy: vtkMRMLSubjectHierarchyNode, study: int) -> str:
    name = hierarchy.GetItemName(study) if study else ""
    return "" if name == NO_STUDY_DESCRIPTION else name
