"""Objects that are neither images nor drawn on them: surfaces and registrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import registration as registration_api
from IDCBrowserLib.api import surface as surface_api
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.dicom.sop_classes import DEFORMABLE_REGISTRATION, ENCAPSULATED_STL, SPATIAL_REGISTRATION
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.host.loading.steps import Operation, Work
from IDCBrowserLib.host_interface import LoadRequest, LoadResult, OnProgress
from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item
from IDCBrowserLib.scene.registrations import add_registration, moved_by
from IDCBrowserLib.scene.surfaces import add_surfaces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slicer import vtkMRMLNode, vtkMRMLScene

_SURFACES = (ENCAPSULATED_STL,)
_REGISTRATIONS = (SPATIAL_REGISTRATION, DEFORMABLE_REGISTRATION)


def is_other_object(request: LoadRequest) -> bool:
    """A surface or a registration, by SOP class, else by modality."""
    if request.sop_class_uid:
        return request.sop_class_uid in (*_SURFACES, *_REGISTRATIONS)
    return request.modality.upper() in ("M3D", "REG")


class OtherObjects:
    """Makes their nodes."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine) -> None:
        self._scene = scene
        self._engine = engine

    def work(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadResult]:
        """Gives the ``LoadResult`` of the series. Raises what the engine reports."""
        is_surface = request.sop_class_uid in _SURFACES or (not request.sop_class_uid and request.modality.upper() == "M3D")
        return (yield from (self._surfaces if is_surface else self._registrations)(request, files, on_progress))

    def _surfaces(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadResult]:
        answer: surface_api.Surfaces = yield self._ask(surface_api.READ({"files": list(files)}), on_progress)
        first = answer["surfaces"][0]
        try:
            meshes = [(surface, *(read_array(array) for array in surface["arrays"])) for surface in answer["surfaces"]]
            images = [
                volume
                for volume in provenance.scalar_volumes(self._scene)
                if volume.GetAttribute(provenance.FRAME_ATTRIBUTE) == first["frame_of_reference_uid"]
            ]
            name = f"{first['patient_id'] or request.patient_id} {request.description or first['name']}".strip()
            node = add_surfaces(self._scene, meshes, name, images[-1] if images else None)  # type: ignore[arg-type]
        finally:
            remove_arrays([array for surface in answer["surfaces"] for array in surface["arrays"]])
        place = SeriesPlace(
            series_uid=first["series_uid"] or request.series_uid,
            study_uid=first["study_uid"] or request.study_uid,
            patient_id=first["patient_id"] or request.patient_id,
            patient_name=first["patient_name"],
            series_number=first["series_number"],
            modality=request.modality or "M3D",
            frame_of_reference_uid=first["frame_of_reference_uid"],
        )
        add_series_item(self._scene, place, node)
        self._mark(node, request, first["frame_of_reference_uid"])
        warnings = tuple(dict.fromkeys(warning for surface in answer["surfaces"] for warning in surface["warnings"]))
        triangles = sum(int(surface["arrays"][1]["shape"][0]) for surface in answer["surfaces"])
        return LoadResult(request.series_uid, (node.GetID(),), warnings=warnings, report={"surfaces": len(meshes), "triangles": triangles})

    def _registrations(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadResult]:
        answer: registration_api.Transforms = yield self._ask(registration_api.READ({"files": list(files)}), on_progress)
        nodes = []
        volumes = provenance.scalar_volumes(self._scene)
        warnings = list(answer["warnings"])
        for number, transform in enumerate(answer["transforms"], 1):
            name = f"{request.patient_id} {request.description or 'Registration'} {number}".strip()
            node = add_registration(self._scene, transform["matrix"], transform["from_frame"], transform["to_frame"], name)
            self._mark(node, request, transform["from_frame"])
            nodes.append(node)
            moved = ", ".join(volume.GetName() for volume in moved_by(volumes, node))
            warnings.append(
                f"The registration {node.GetName()} can move {moved}; it is not applied yet."
                if moved
                else f"The registration {node.GetName()} moves images of the frame of reference {transform['from_frame']}, none of which is loaded."
            )
        return LoadResult(request.series_uid, provenance.ids_of(nodes), warnings=tuple(warnings), report={"transforms": len(nodes)})

    def _mark(self, node: vtkMRMLNode, request: LoadRequest, frame: str) -> None:
        values = {
            provenance.SERIES_ATTRIBUTE: request.series_uid,
            provenance.STUDY_ATTRIBUTE: request.study_uid,
            provenance.SOURCE_ATTRIBUTE: "DICOM",
            provenance.FRAME_ATTRIBUTE: frame,
        }
        provenance.mark(node, values)

    def _ask(self, question: Question[Any], on_progress: OnProgress) -> Operation:
        return lambda done, fail: self._engine.ask(question, done, fail, on_progress)
