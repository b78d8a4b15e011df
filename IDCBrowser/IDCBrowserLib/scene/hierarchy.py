"""Patient > study > series in the subject hierarchy, with the DICOM attributes that Slicer's own loader sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.context import PATIENT, SERIES, STUDY

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSubjectHierarchyConstants, vtkMRMLSubjectHierarchyNode

# Of nodes; Slicer's own name, by which its export and other extensions find the instances that a node was made of.
INSTANCES_ATTRIBUTE = "DICOM.instanceUIDs"
NO_STUDY_DESCRIPTION = "No study description"


@dataclass(frozen=True)
class SeriesPlace:
    """Where a series belongs. Empty strings where not known.

    ``instance_uids`` are its own, in the order of slices; ``context`` is what ``dicom.context`` reads about patient, study and series.
    """

    series_uid: str
    study_uid: str = ""
    patient_id: str = ""
    patient_name: str = ""
    study_description: str = ""
    study_date: str = ""
    series_description: str = ""
    series_number: str = ""
    modality: str = ""
    referenced_sop_instance_uids: tuple[str, ...] = ()
    frame_of_reference_uid: str = ""
    instance_uids: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)


def add_series_item(scene: vtkMRMLScene, place: SeriesPlace, node: vtkMRMLNode) -> int:
    """Put ``node`` under its study under its patient and give it the series' attributes; items that exist are found by their UID.

    The item id is returned. A patient's UID is its PatientID, as in Slicer.
    """
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    hierarchy = subject_hierarchy(scene)
    study = _study_item(hierarchy, place, Constants)
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        item = hierarchy.CreateItem(study, node)
    hierarchy.SetItemParent(item, study)
    hierarchy.SetItemUID(item, Constants.GetDICOMUIDName(), place.series_uid)
    _attributes(
        hierarchy,
        item,
        {
            **_stated(place, SERIES),
            Constants.GetDICOMSeriesModalityAttributeName(): place.modality,
            Constants.GetDICOMSeriesNumberAttributeName(): place.series_number,
            Constants.GetDICOMFrameOfReferenceUIDAttributeName(): place.frame_of_reference_uid,
            Constants.GetDICOMReferencedInstanceUIDsAttributeName(): " ".join(place.referenced_sop_instance_uids),
        },
    )
    if place.instance_uids:
        # Last: Slicer then looks for segmentations that refer to these instances, and gives them this image.
        hierarchy.SetItemUID(item, Constants.GetDICOMInstanceUIDName(), " ".join(place.instance_uids))
        node.SetAttribute(INSTANCES_ATTRIBUTE, " ".join(place.instance_uids))
    return item


def add_item_beside(scene: vtkMRMLScene, neighbor: vtkMRMLNode, node: vtkMRMLNode) -> int:
    """Put ``node`` under the same parent as ``neighbor`` (a labelmap volume beside its segmentation)."""
    hierarchy = subject_hierarchy(scene)
    beside = hierarchy.GetItemByDataNode(neighbor)
    # A volume that came from no series has no item in a scene without Slicer's plugins.
    parent = hierarchy.GetSceneItemID() if beside == hierarchy.GetInvalidItemID() else hierarchy.GetItemParent(beside)
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        item = hierarchy.CreateItem(parent, node)
    hierarchy.SetItemParent(item, parent)
    return item


def patient_item(scene: vtkMRMLScene, node: vtkMRMLNode) -> int | None:
    """The item of the patient that ``node`` belongs to; None where it belongs to none."""
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    hierarchy = subject_hierarchy(scene)
    item = hierarchy.GetItemByDataNode(node)
    if item == hierarchy.GetInvalidItemID():
        return None
    patient = hierarchy.GetItemAncestorAtLevel(item, Constants.GetDICOMLevelPatient())
    return None if patient == hierarchy.GetInvalidItemID() else patient


def items_of(hierarchy: vtkMRMLSubjectHierarchyNode, above: int | None = None, recursive: bool = True) -> list[int]:
    """Ids of the items below one, by default of all."""
    from vtkmodules.vtkCommonCore import vtkIdList

    found = vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetSceneItemID() if above is None else above, found, recursive)
    return [found.GetId(number) for number in range(found.GetNumberOfIds())]


def items_with_places(hierarchy: vtkMRMLSubjectHierarchyNode, nodes: Iterable[vtkMRMLNode]) -> list[int]:
    """Items of nodes, and of the studies and patients above them: from the bottom up, each once."""
    from slicer import vtkMRMLSubjectHierarchyConstants as Constants

    name, levels = Constants.GetSubjectHierarchyLevelAttributeName(), (Constants.GetDICOMLevelStudy(), Constants.GetDICOMLevelPatient())
    found = [item for node in nodes if (item := hierarchy.GetItemByDataNode(node)) != hierarchy.GetInvalidItemID()]
    below = found
    for level in levels:
        below = [above for item in below if hierarchy.GetItemAttribute(above := hierarchy.GetItemParent(item), name) == level]
        found = [*found, *below]
    return list(dict.fromkeys(found))


def remove_items(hierarchy: vtkMRMLSubjectHierarchyNode, items: Iterable[int]) -> None:
    """Those that are there and have neither a node of the scene nor anything below them."""
    left = set(items_of(hierarchy))
    for item in items:
        node = hierarchy.GetItemDataNode(item) if item in left else None
        has_node = node is not None and node.GetScene() is not None
        if item in left and not has_node and not items_of(hierarchy, item, False):
            hierarchy.RemoveItem(item, False, False)
            left.discard(item)


def subject_hierarchy(scene: vtkMRMLScene) -> vtkMRMLSubjectHierarchyNode:
    """The scene's subject hierarchy node; made when there is none."""
    from slicer import vtkMRMLSubjectHierarchyNode

    return vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


def _study_item(hierarchy: vtkMRMLSubjectHierarchyNode, place: SeriesPlace, constants: type[vtkMRMLSubjectHierarchyConstants]) -> int:
    uid_name = constants.GetDICOMUIDName()
    patient = _found(hierarchy, uid_name, _patient_uid(place))
    if patient is None:
        patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), _patient_label(place))
        if _patient_uid(place):
            hierarchy.SetItemUID(patient, uid_name, _patient_uid(place))
    attributes = {
        **_stated(place, PATIENT),
        constants.GetDICOMPatientIDAttributeName(): place.patient_id,
        constants.GetDICOMPatientNameAttributeName(): place.patient_name,
    }
    _attributes(hierarchy, patient, _missing(hierarchy, patient, attributes))
    study = _found(hierarchy, uid_name, place.study_uid)
    if study is None:
        study = hierarchy.CreateStudyItem(patient, _study_label(place))
        if place.study_uid:
            hierarchy.SetItemUID(study, uid_name, place.study_uid)
    elif hierarchy.GetItemName(study) == NO_STUDY_DESCRIPTION:
        hierarchy.SetItemName(study, _study_label(place))
    attributes = {
        **_stated(place, STUDY),
        constants.GetDICOMStudyInstanceUIDAttributeName(): place.study_uid,
        constants.GetDICOMStudyDescriptionAttributeName(): _description(place),
        constants.GetDICOMStudyDateAttributeName(): _date(place),
    }
    _attributes(hierarchy, study, _missing(hierarchy, study, attributes))
    return study


def _patient_uid(place: SeriesPlace) -> str:
    """As Slicer makes one for files without a PatientID."""
    return place.patient_id or (f"Patient-{place.study_uid}" if place.study_uid else "")


def _stated(place: SeriesPlace, keywords: Iterable[str]) -> dict[str, str]:
    return {f"DICOM.{keyword}": place.context.get(keyword, "") for keyword in keywords}


def _missing(hierarchy: vtkMRMLSubjectHierarchyNode, item: int, values: Mapping[str, str]) -> dict[str, str]:
    """Those that an item lacks: what another loader has set stays."""
    return {name: value for name, value in values.items() if not hierarchy.GetItemAttribute(item, name)}


def _description(place: SeriesPlace) -> str:
    return place.study_description or place.context.get("StudyDescription", "")


def _date(place: SeriesPlace) -> str:
    return place.study_date or place.context.get("StudyDate", "")


def _found(hierarchy: vtkMRMLSubjectHierarchyNode, uid_name: str, uid: str) -> int | None:
    item = hierarchy.GetItemByUID(uid_name, uid) if uid else hierarchy.GetInvalidItemID()
    return None if item == hierarchy.GetInvalidItemID() else item


def _attributes(hierarchy: vtkMRMLSubjectHierarchyNode, item: int, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if value:
            hierarchy.SetItemAttribute(item, name, value)


def _patient_label(place: SeriesPlace) -> str:
    """As Slicer shows it: "Name (ID)"."""
    name = place.patient_name.replace("^", " ").strip()
    if name and place.patient_id and name != place.patient_id:
        return f"{name} ({place.patient_id})"
    return name or place.patient_id or "No patient"


def _study_label(place: SeriesPlace) -> str:
    date = _date(place)
    if len(date) == 8 and date.isdigit():
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    label = _description(place)
    if label and date:
        return f"{label} ({date})"
    return label or date or NO_STUDY_DESCRIPTION
