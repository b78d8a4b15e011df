"""Everything that one labelmap becomes in the scene, placed under its study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.context import CREATORS
from IDCBrowserLib.labelmap.types import Labelmap, Source
from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.annotations import add_annotations
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_item_beside, add_series_item
from IDCBrowserLib.scene.provenance import instances_of
from IDCBrowserLib.scene.segments.labelmap_volume import add_labelmap_volume
from IDCBrowserLib.scene.segments.segmentation import add_segmentation
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLLabelMapVolumeNode, vtkMRMLMarkupsNode, vtkMRMLScene, vtkMRMLSegmentationNode, vtkMRMLVolumeNode


class LoadAs(str, Enum):
    """What a labelmap is to become."""

    BOTH = "both"
    SEGMENTATION = "segmentation"
    LABELMAP_VOLUME = "labelmap volume"


@dataclass(frozen=True)
class LabelmapNodes:
    """What was made; ``segmentation`` or ``labelmap_volume`` is None when it was not wanted."""

    segmentation: vtkMRMLSegmentationNode | None
    labelmap_volume: vtkMRMLLabelMapVolumeNode | None
    annotations: tuple[vtkMRMLMarkupsNode, ...]

    @property
    def nodes(self) -> tuple[vtkMRMLDisplayableNode, ...]:
        """All of it, the one that stands for the series first."""
        return (*(node for node in (self.segmentation, self.labelmap_volume) if node is not None), *self.annotations)


def add_labelmap(
    scene: vtkMRMLScene,
    labelmap: Labelmap,
    series_uid: str,
    volumes: Sequence[vtkMRMLVolumeNode],
    modality: str = "",
    load_as: LoadAs = LoadAs.BOTH,
) -> LabelmapNodes:
    """A segmentation, a labelmap volume with its color table, and Markups for annotations, all marked with ``series_uid``.

    The labelmap volume also carries how many voxels belong to more than one segment, of which it can hold only one.
    ``volumes`` are candidates for the reference image: of those on the labelmap's grid the one of its phase, else the first; else the first of all.
    Nodes of one phase or grid among several are named by it, as the volumes are: "4: Lesion [TriggerTime 100]".
    """
    source = labelmap.source
    name = series_name(source, modality)
    if labelmap.label:
        name = f"{name} [{labelmap.label}]"
    segmentation = labelmap_volume = None
    image = _reference(labelmap, volumes)
    # An object that names a series alone refers to all of its images.
    referenced = source.referenced_instance_uids or (instances_of(scene, image) if image is not None else ())
    if load_as is not LoadAs.LABELMAP_VOLUME:
        segmentation = add_segmentation(scene, labelmap, name, image)
    if load_as is not LoadAs.SEGMENTATION:
        labelmap_volume = add_labelmap_volume(scene, labelmap, f"{name} label")
        provenance.mark(labelmap_volume, {provenance.OVERLAP_ATTRIBUTE: str(labelmap.overlapping_voxels)})
    made = LabelmapNodes(segmentation, labelmap_volume, add_annotations(scene, labelmap.annotations))
    first, *others = made.nodes
    add_series_item(scene, _place(source, series_uid, modality, referenced), first)
    for node in others:
        add_item_beside(scene, first, node)
    for node in made.nodes:
        provenance.mark(
            node,
            {
                provenance.SERIES_ATTRIBUTE: series_uid,
                provenance.STUDY_ATTRIBUTE: source.study_uid,
                provenance.SOURCE_ATTRIBUTE: f"{source.kind} {source.sop_instance_uid}".strip(),
                provenance.REFERENCED_ATTRIBUTE: " ".join(source.referenced_series_uids),
                provenance.CREATOR_ATTRIBUTE: _creator(source),
            },
        )
    return made


def series_name(source: Source, modality: str = "") -> str:
    """Patient and series: "UCSF-BR-06 4: Lesion"."""
    description = source.series_description or modality or source.kind or "Segmentation"
    series = f"{source.series_number}: {description}" if source.series_number else description
    return f"{source.patient_id} {series}".strip()


def _creator(source: Source) -> str:
    """Names in DICOM have their parts between carets."""
    names = (source.context.get(keyword, "") for keyword in CREATORS)
    return " ".join(next(filter(None, names), "").partition("=")[0].replace("^", " ").split())


def _place(source: Source, series_uid: str, modality: str, referenced: tuple[str, ...]) -> SeriesPlace:
    return SeriesPlace(
        series_uid=series_uid,
        study_uid=source.study_uid,
        patient_id=source.patient_id,
        patient_name=source.patient_name,
        series_description=source.series_description,
        series_number=source.series_number,
        modality=modality or source.kind,
        referenced_sop_instance_uids=referenced,
        frame_of_reference_uid=source.frame_of_reference_uid,
        instance_uids=(source.sop_instance_uid,) if source.sop_instance_uid else (),
        context=source.context,
    )


def _reference(labelmap: Labelmap, volumes: Sequence[vtkMRMLVolumeNode]) -> vtkMRMLVolumeNode | None:
    here = [volume for volume in volumes if _is_on_grid(labelmap.geometry, volume)]
    of_phase = [volume for volume in here if labelmap.label and volume.GetName().endswith(f"[{labelmap.label}]")]
    return next(iter([*of_phase, *here, *volumes]), None)


def _is_on_grid(geometry: Geometry, volume: vtkMRMLVolumeNode) -> bool:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    image = volume.GetImageData()
    if image is None or tuple(image.GetDimensions()) != geometry.shape[::-1]:
        return False
    matrix = vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    expected = geometry.index_to_ras()
    return all(abs(matrix.GetElement(row, column) - expected[row, column]) < 1e-3 for row in range(3) for column in range(4))
