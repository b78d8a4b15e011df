"""What to write beside a picture of a node: patient and series, as the subject hierarchy knows them."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.scene.hierarchy import NO_STUDY_DESCRIPTION, subject_hierarchy


def node_lines(scene: Any, node: Any) -> tuple[str, ...]:
    """Patient, study and series; fewer where they are not known."""
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    hierarchy = subject_hierarchy(scene)
    name = str(node.GetName())
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        return (name,)
    study = hierarchy.GetItemAncestorAtLevel(item, Constants.GetDICOMLevelStudy())
    patient = hierarchy.GetItemAncestorAtLevel(item, Constants.GetDICOMLevelPatient())
    patient_id = hierarchy.GetItemAttribute(patient, Constants.GetDICOMPatientIDAttributeName()) if patient else ""
    lines = [hierarchy.GetItemName(patient) if patient else "", _study_name(hierarchy, study), name.removeprefix(f"{patient_id} ")]
    return tuple(line for line in lines if line)


def _study_name(hierarchy: Any, study: int) -> str:
    name = str(hierarchy.GetItemName(study)) if study else ""
    return "" if name == NO_STUDY_DESCRIPTION else name
