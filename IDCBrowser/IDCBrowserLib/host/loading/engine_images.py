"""Image series read by the engine, mapped into volumes in the quantity that they measure: PET in SUV, dose in Gy, maps with their unit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.volume import READ, Plain, Volume
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.host.loading.array_files import map_array, read_array, remove_arrays
from IDCBrowserLib.host.loading.scene_loader import LoadedImages
from IDCBrowserLib.host.loading.steps import Operation, Work, answered
from IDCBrowserLib.host_interface import Cancellable, LoadRequest, OnError, OnProgress
from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.color_legend import add_color_legend
from IDCBrowserLib.scene.colors import color_table
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_item_beside, add_series_item
from IDCBrowserLib.scene.isodose import add_isodoses
from IDCBrowserLib.scene.phase_sequence import add_phase_sequences
from IDCBrowserLib.scene.volumes import add_color_volume, add_scalar_volume, set_quantity, show_from
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.phases import MOST_PHASES

if TYPE_CHECKING:
    from slicer import vtkMRMLDisplayableNode, vtkMRMLModelNode, vtkMRMLScene, vtkMRMLVolumeNode

# Part of the highest dose below which nothing is laid over the image.
_LOWEST_DOSE = 0.05


class EngineImageLoader:
    """The ``ImageLoader`` of the standalone program; in Slicer that of the kinds that its plugins do not show as what they are."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine, suv_kind: Callable[[], str], with_color_legends: bool = False) -> None:
        """``suv_kind`` gives what PET is shown as: "bw", "lbm", "bsa", or "" as stored."""
        self._scene = scene
        self._engine = engine
        self._suv_kind = suv_kind
        self._with_color_legends = with_color_legends

    def load_images(
        self, request: LoadRequest, files: Sequence[str], on_done: Callable[[LoadedImages], None], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``ImageLoader``. Every grid of the series becomes a volume, the largest first."""
        return answered(request, self._work(request, files, on_progress), on_done, on_error)

    def _work(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadedImages]:
        first: Volume = yield self._read(files, 0, on_progress)
        warnings = list(first["warnings"])
        nodes: list[vtkMRMLDisplayableNode] = [volume := self._add(request, first)]
        phases = [(first["label"], Geometry.from_json(first["geometry"]), nodes[0])]
        lines = self._isodoses(volume, first)
        report = [_described(first, files)]
        others = first["others"]
        for other in others[: MOST_PHASES - 1]:
            document: Volume = yield self._read(files, other["grid"], on_progress)
            nodes.append(self._add(request, document))
            phases.append((document["label"], Geometry.from_json(document["geometry"]), nodes[-1]))
            warnings += document["warnings"]
            report.append(_described(document, files))
        add_phase_sequences(self._scene, nodes[0].GetName().partition(" [")[0], phases, request.series_uid)
        left_out = len(others) - (len(nodes) - 1)
        if left_out > 0:
            count = len(others) + 1
            warnings.append(f"The series contains {count} volumes; the {len(nodes)} largest are shown; {left_out} were skipped to save memory.")
        if lines is not None:
            nodes.append(lines)
        return LoadedImages(tuple(nodes), tuple(dict.fromkeys(warnings)), {"volumes": report}, first["drawn"])

    def _read(self, files: Sequence[str], grid: int, on_progress: OnProgress) -> Operation:
        question = read_question(files, grid, self._suv_kind())
        return lambda done, fail: self._engine.ask(question, done, fail, on_progress)

    def _add(self, request: LoadRequest, document: Volume) -> vtkMRMLVolumeNode:
        center, width = document["window"]
        patient = document["patient_id"] or request.patient_id
        array = map_array(document, document["name"])
        remove_arrays([document])
        geometry = Geometry.from_json(document["geometry"])
        name = f"{patient} {document['name']}".strip()
        node: vtkMRMLVolumeNode
        if document["color"]:
            node = add_color_volume(self._scene, array, geometry, name)
        else:
            colors = color_table(self._scene, document["kind"]) if document["kind"] in ("dose", "map") else ""
            volume = add_scalar_volume(self._scene, array, geometry, name, (width, center), inverted=document["inverted"], color_node_id=colors)
            set_quantity(volume, document["quantity_code"], document["unit_code"])
            if document["kind"] == "dose":
                show_from(volume, _LOWEST_DOSE * width)
            node = volume
        add_series_item(self._scene, series_place(request, document), node)
        provenance.mark(
            node,
            {
                provenance.FRAME_ATTRIBUTE: document["frame_of_reference_uid"],
                provenance.UNITS_ATTRIBUTE: document["unit"],
                provenance.QUANTITY_ATTRIBUTE: document["short"],
                provenance.KIND_ATTRIBUTE: document["kind"],
                provenance.UNPLACED_ATTRIBUTE: "" if document["placed"] else "true",
                provenance.FRAME_RATE_ATTRIBUTE: f"{document['frames_per_second']:g}" if document["frames_per_second"] else "",
                provenance.WINDOWS_ATTRIBUTE: json.dumps(list(document["windows"])) if document["windows"] else "",
            },
        )
        if self._with_color_legends and document["kind"]:
            add_color_legend(node, f"{document['short']} {document['unit']}".strip())
        return node

    def _isodoses(self, dose: vtkMRMLVolumeNode, document: Volume) -> vtkMRMLModelNode | None:
        """Lines of equal dose beside the volume."""
        from slicer import vtkMRMLScalarVolumeNode

        if not document["isodoses"] or not isinstance(dose, vtkMRMLScalarVolumeNode):
            return None
        try:
            points, triangles, doses = (read_array(array) for array in document["isodoses"])
        finally:
            remove_arrays(document["isodoses"])
        # The window of a dose is from 0 to its maximum.
        lines = add_isodoses(self._scene, dose, points, triangles, doses, document["window"][1])
        if lines is not None:
            add_item_beside(self._scene, dose, lines)
        return lines


def read_question(files: Sequence[str], grid: int, suv_kind: str) -> Question[Volume]:
    """For one volume of a series."""
    return READ({"files": [str(file) for file in files], "grid": grid, "suv": suv_kind})


def series_place(request: LoadRequest, document: Volume | Plain) -> SeriesPlace:
    """Where the subject hierarchy puts it."""
    return SeriesPlace(
        series_uid=document["series_uid"] or request.series_uid,
        study_uid=document["study_uid"] or request.study_uid,
        patient_id=document["patient_id"] or request.patient_id,
        patient_name=document["patient_name"],
        series_description=document["series_description"],
        series_number=document["series_number"],
        modality=document["modality"] or request.modality,
        frame_of_reference_uid=document["frame_of_reference_uid"],
        instance_uids=tuple(document["instances"]),
        context=document["context"],
    )


def _described(document: Volume, files: Sequence[str]) -> dict[str, Any]:
    known = {"name": document["name"], "shape": document["shape"], "spacing": document["geometry"]["spacing"], "modality": document["modality"]}
    # Histograms are computed of the files.
    return {**known, "kind": "dose", "files": list(files)} if document["kind"] == "dose" else known
