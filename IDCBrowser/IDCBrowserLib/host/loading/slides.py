"""Slides as pictures in their own frame of reference, and annotations on them as a density map with outlines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.dicom.sop_classes import SLIDE_ANNOTATIONS, SLIDES
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.host.loading.steps import Operation, Work
from IDCBrowserLib.host_interface import Cancellable, DicomStore, LoadRequest, LoadResult, OnError, OnProgress
from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.colors import color_table
from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item
from IDCBrowserLib.scene.provenance import ids_of
from IDCBrowserLib.scene.volumes import add_color_volume, add_scalar_volume, show_from
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLVolumeNode

# 4096 x 4096: 50 MB as a picture; larger levels are for programs that show tiles.
MOST_PIXELS = 1 << 24
# Below a hundredth of the highest density the tissue is shown.
_LOWEST_DENSITY = 0.01


def is_slide(request: LoadRequest) -> bool:
    """A slide or annotations on one, by SOP class, else by modality."""
    return request.sop_class_uid in SLIDES if request.sop_class_uid else request.modality.upper() in ("SM", "ANN")


def is_annotation(request: LoadRequest) -> bool:
    """Annotations on a slide, by SOP class, else by modality."""
    return request.sop_class_uid == SLIDE_ANNOTATIONS if request.sop_class_uid else request.modality.upper() == "ANN"


class Slides:
    """Makes their nodes."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine, store: DicomStore, most_pixels: Callable[[], int] = lambda: MOST_PIXELS) -> None:
        """``most_pixels`` of a level that is loaded whole."""
        self._most_pixels = most_pixels
        self._scene = scene
        self._engine = engine
        self._store = store

    def work(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadResult]:
        """Gives the ``LoadResult`` of the series. Raises what the engine reports."""
        return (yield from (self._annotations if is_annotation(request) else self._slide)(request, files, on_progress))

    def _slide(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadResult]:
        answer: api.Slide = yield self._ask(api.OPEN({"files": list(files), "most_pixels": self._most_pixels()}), on_progress)
        level, whole = answer["levels"][answer["level"]], answer["levels"][0]
        nodes = [self._picture(request, answer, answer["picture"], answer["name"], answer["frame_of_reference_uid"])]
        provenance.mark(nodes[0], {provenance.SLIDE_ATTRIBUTE: json.dumps([one["file"] for one in answer["levels"]])})
        if answer["label"] is not None:
            # It is stuck on the glass beside what was scanned: nothing lies over it.
            nodes.append(self._picture(request, answer, answer["label"], f"{answer['name']} [label]", ""))
        warnings = list(answer["warnings"])
        if level != whole:
            text = (
                "The slide has {whole} pixels; its level of {level} pixels is loaded. To look closer, zoom in, or open it in Slim (link in the "
                "details) or QuPath."
            )
            warnings.append(text.format(whole=_size(whole), level=_size(level)))
        report = {"levels": [[one["rows"], one["columns"]] for one in answer["levels"]], "shown": [level["rows"], level["columns"]]}
        return LoadResult(request.series_uid, ids_of(nodes), warnings=tuple(warnings), report=report)

    def _picture(self, request: LoadRequest, answer: api.Slide, picture: api.Picture, name: str, frame: str) -> vtkMRMLVolumeNode:
        try:
            values = read_array(picture)
        finally:
            remove_arrays([picture])
        node = add_color_volume(
            self._scene, values, Geometry.from_json(picture["geometry"]), f"{answer['patient_id'] or request.patient_id} {name}".strip()
        )
        place = replace(_place(request, answer, answer["series_description"], "SM"), frame_of_reference_uid=frame)
        self._finish(node, place, {provenance.UNPLACED_ATTRIBUTE: "true"})
        return node

    def _annotations(self, request: LoadRequest, files: Sequence[str], on_progress: OnProgress) -> Work[LoadResult]:
        nodes: list[vtkMRMLNode] = []
        warnings: list[str] = []
        groups: list[dict[str, Any]] = []
        for file in files:
            referenced: api.Referenced = yield self._ask(api.REFERENCED({"file": file}), on_progress)
            images: Sequence[str] = ()
            for series in referenced["series"]:
                images = images or (yield self._files(series))
            if not images:
                named = referenced["series"][0] if referenced["series"] else "which it does not name"
                raise ConversionError(
                    f"The slide that was annotated, series {named}, is not in the DICOM database. Download it, then load the annotations."
                )
            answer: api.Annotations = yield self._ask(api.ANNOTATIONS({"file": file, "images": list(images)}), on_progress)
            nodes.append(self._density(request, answer))
            warnings += answer["warnings"]
            groups += [dict(group) for group in answer["groups"]]
        counts = ", ".join(f"{human_count(group['count'], 'annotation', 'annotations')} of {group['name']}" for group in groups)
        warnings.append(f"{counts}: shown as a density map, and as outlines where few of them are in sight.")
        return LoadResult(request.series_uid, ids_of(nodes), warnings=tuple(dict.fromkeys(warnings)), report={"groups": groups})

    def _density(self, request: LoadRequest, answer: api.Annotations) -> vtkMRMLVolumeNode:
        try:
            values = read_array(answer["density"])
        finally:
            remove_arrays([answer["density"]])
        highest = max(answer["highest"], 1e-6)
        name = f"{answer['patient_id'] or request.patient_id} {answer['name']}".strip()
        colors = color_table(self._scene, "map")
        node = add_scalar_volume(self._scene, values, Geometry.from_json(answer["geometry"]), name, (highest, highest / 2), color_node_id=colors)
        show_from(node, _LOWEST_DENSITY * highest)
        attributes = {
            provenance.UNITS_ATTRIBUTE: "1/mm2",
            provenance.QUANTITY_ATTRIBUTE: "Density",
            provenance.KIND_ATTRIBUTE: "map",
            provenance.UNPLACED_ATTRIBUTE: "true",
            provenance.OUTLINES_ATTRIBUTE: json.dumps({"arrays": list(answer["outlines"]), "geometry": answer["image_geometry"]}),
        }
        self._finish(node, _place(request, answer, request.description, "ANN"), attributes)
        return node

    def _finish(self, node: vtkMRMLVolumeNode, place: SeriesPlace, attributes: dict[str, str]) -> None:
        add_series_item(self._scene, place, node)
        stated = {
            provenance.SERIES_ATTRIBUTE: place.series_uid,
            provenance.STUDY_ATTRIBUTE: place.study_uid,
            provenance.SOURCE_ATTRIBUTE: "DICOM",
            provenance.FRAME_ATTRIBUTE: place.frame_of_reference_uid,
        }
        provenance.mark(node, {**stated, **attributes})

    def _files(self, series_uid: str) -> Operation:
        def ask(on_done: Callable[[Sequence[str]], None], on_error: OnError) -> Cancellable:
            return self._store.series_files(series_uid, on_done, on_error)

        return ask

    def _ask(self, question: Question[Any], on_progress: OnProgress) -> Operation:
        return lambda done, fail: self._engine.ask(question, done, fail, on_progress)


def _place(request: LoadRequest, answer: api.Slide | api.Annotations, description: str, modality: str) -> SeriesPlace:
    return SeriesPlace(
        series_uid=answer["series_uid"] or request.series_uid,
        study_uid=answer["study_uid"] or request.study_uid,
        patient_id=answer["patient_id"] or request.patient_id,
        patient_name=answer["patient_name"],
        series_description=description,
        series_number=answer["series_number"],
        modality=request.modality or modality,
        frame_of_reference_uid=answer["frame_of_reference_uid"],
    )


def _size(level: api.Level) -> str:
    return f"{level['columns']:,} x {level['rows']:,}"
