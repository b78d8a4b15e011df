"""SEG and RTSTRUCT: find the images they were drawn on, let the engine convert, put the labelmap into the scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import labelmap as api
from IDCBrowserLib.api import segments as segments_api
from IDCBrowserLib.api.labelmap import Contours, ConvertParameters, Described, Files, Labelmap, Part
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.segments import LOAD
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import made_of_each, remove_arrays
from IDCBrowserLib.host.loading.memory_guard import MemoryGuard
from IDCBrowserLib.host.loading.referenced_images import LoadReferenced, ReferencedImages
from IDCBrowserLib.host.loading.slide_segmentations import SlideSegmentations
from IDCBrowserLib.host.loading.steps import Operation, Work
from IDCBrowserLib.host_interface import ChosenSegments, DicomStore, LoadRequest, LoadResult, OnProgress
from IDCBrowserLib.labelmap.types import Source
from IDCBrowserLib.scene.hierarchy import add_item_beside
from IDCBrowserLib.scene.phase_sequence import add_phase_sequences
from IDCBrowserLib.scene.provenance import (
    SERIES_ATTRIBUTE,
    SOURCE_ATTRIBUTE,
    STUDY_ATTRIBUTE,
    ids_of,
    mark,
    nodes_of_series,
    volumes_of_series,
)
from IDCBrowserLib.scene.segments.contours import add_contours
from IDCBrowserLib.scene.segments.labelmap_nodes import LabelmapNodes, LoadAs, add_labelmap, series_name
from IDCBrowserLib.scene.segments.segment_voxels import lies_on
from IDCBrowserLib.scene.segments.segmentation import add_segments, numbers_of, segmentations_among
from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLSegmentationNode


class LabelmapLoader:
    """Makes the nodes of SEG and RTSTRUCT series: segmentations, labelmap volumes, or both, as ``load_as`` says."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine, store: DicomStore, memory_guard: MemoryGuard, load_as: LoadAs = LoadAs.BOTH) -> None:
        self._scene = scene
        self._engine = engine
        self._memory_guard = memory_guard
        self._load_as = load_as
        self._images = ReferencedImages(scene, store)
        self._slides = SlideSegmentations(scene, engine, self._images)

    def lacks_segmentation(self, there: Sequence[vtkMRMLNode]) -> bool:
        """Whether a segmentation is wanted and was removed, of a series whose labelmap volume or contours are still ``there``."""
        return self._load_as is not LoadAs.LABELMAP_VOLUME and not segmentations_among(there)

    def missing(self, there: Sequence[vtkMRMLNode], chosen: ChosenSegments | None) -> ChosenSegments | None:
        """Those that are not among the segments of the nodes; None where no segments are chosen."""
        if chosen is None:
            return None
        here = {number for node in segmentations_among(there) for number in numbers_of(node)}
        return replace(chosen, numbers=tuple(number for number in chosen.numbers if number not in here))

    def drawn_among(self, files: Sequence[str]) -> Work[list[str]]:
        """Those of the files that are SEG or RTSTRUCT."""
        answer: Files = yield self._ask(api.DRAWN({"files": list(files)}), lambda _progress: None)
        return list(answer["files"])

    def work(
        self, request: LoadRequest, files: Sequence[str], load_referenced: LoadReferenced, on_progress: OnProgress
    ) -> Work[tuple[LoadResult, list[LoadResult]]]:
        """Convert every instance of the series; gives its ``LoadResult`` and those of image series that were loaded for it."""
        # What is left of it in the scene is not made again.
        left = nodes_of_series(self._scene, request.series_uid)
        nodes: list[vtkMRMLNode] = []
        warnings: list[str] = []
        reports: list[dict[str, Any]] = []
        referenced: dict[str, LoadResult] = {}
        for file in files:
            described: Described = yield self._ask(api.DESCRIBE({"input": file}), on_progress)
            if described["on_slide"]:
                # Its objects may be one segmentation in several sizes.
                return (yield from self._slides.work(request, files, described, load_referenced, on_progress))
            images = yield from self._images.of(described, warnings)
            for uid in list(images)[:1]:
                result = yield from self._images.show(LoadRequest(uid, request.study_uid, request.patient_id), load_referenced, on_progress, warnings)
                if result is not None:
                    referenced.setdefault(uid, result)
            paths = [path for found in images.values() for path in found]
            yield from self._memory_guard.check(request, [file], paths)
            document: Labelmap = yield self._ask(convert_question(file, described, paths), on_progress)
            parts = self._put(request, document, tuple(images), bool(left))
            nodes += [node for made in parts for node in made.nodes]
            self._add_sequences(request, document, parts)
            warnings += document["warnings"]
            for other in document["others"]:
                # A series of several grids or phases: a labelmap over each of its volumes.
                warnings += other["warnings"]
                reports.append(_report(other, file, tuple(images)))
            if document["source"]["kind"] == "RTSTRUCT" and not any(node.IsA("vtkMRMLModelNode") for node in left):
                nodes += yield from self._contours(file, parts[0].nodes[0], on_progress, warnings)
            reports.append(_report(document, file, tuple(images)))
        report = reports[0] if len(reports) == 1 else {"instances": reports}
        own = LoadResult(request.series_uid, ids_of(nodes), warnings=tuple(dict.fromkeys(warnings)), report=report)
        return own, list(referenced.values())

    def work_chosen(
        self, request: LoadRequest, chosen: ChosenSegments, load_referenced: LoadReferenced, on_progress: OnProgress
    ) -> Work[tuple[LoadResult, list[LoadResult]]]:
        """Some segments of a SEG, which need not be in the database; gives as ``work``."""
        if chosen.on_slide:
            return (yield from self._slides.work(request, (), chosen.drawn_on, load_referenced, on_progress))
        warnings: list[str] = []
        images = yield from self._images.of(chosen.drawn_on, warnings)
        referenced = []
        for uid in list(images)[:1]:
            result = yield from self._images.show(LoadRequest(uid, request.study_uid, request.patient_id), load_referenced, on_progress, warnings)
            referenced += [result] if result is not None else []
        paths = [path for found in images.values() for path in found]
        yield from self._memory_guard.check(request, chosen.parameters.get("files") or (), paths)
        question = LOAD({**chosen.parameters, "numbers": list(chosen.numbers), "image_files": paths})
        document: segments_api.ChosenSegments = yield self._ask(question, on_progress)
        parts = self._put(request, document, tuple(images), False)
        warnings += [sentence for part in (document, *document["others"]) for sentence in part["warnings"]]
        if document["bytes_read"]:
            read, whole = human_size(document["bytes_read"]), human_size(document["bytes"])
            warnings.append(f"{read} of {whole} were fetched for the chosen segments. The series itself was not downloaded.")
        nodes = [node for made in parts for node in made.nodes]
        report = _report(document, "", tuple(images))
        return LoadResult(request.series_uid, ids_of(nodes), warnings=tuple(dict.fromkeys(warnings)), report=report), referenced

    def _put(self, request: LoadRequest, document: Labelmap, image_uids: tuple[str, ...], only_segmentation: bool) -> list[LabelmapNodes]:
        parts: list[Part] = [document, *document["others"]]
        # Further segments join those that were chosen before.
        there = segmentations_among(nodes_of_series(self._scene, request.series_uid)) if request.chosen is not None else []
        return made_of_each(parts, lambda part: self._put_part(request, part, image_uids, only_segmentation, there))

    def _put_part(
        self, request: LoadRequest, document: Part, image_uids: tuple[str, ...], only_segmentation: bool, there: list[vtkMRMLSegmentationNode]
    ) -> LabelmapNodes:
        from IDCBrowserLib.labelmap.files.raw import load_labelmap

        # An image that another database brought is in the scene all the same.
        series = dict.fromkeys((*image_uids, *document["source"]["referenced_series_uids"]))
        volumes = [node for uid in series for node in volumes_of_series(self._scene, uid)]
        labelmap, load_as = load_labelmap(document), self._load_as
        if only_segmentation:
            labelmap, load_as = replace(labelmap, annotations=()), LoadAs.SEGMENTATION
        joined = _joined(there, labelmap.geometry, labelmap.label)
        if joined is None:
            return add_labelmap(self._scene, labelmap, request.series_uid, volumes, request.modality, load_as)
        # Its labelmap volume, which somebody may use, stays what it is. Another phase on the same grid joins the next one.
        there.remove(joined)
        add_segments(joined, labelmap)
        return LabelmapNodes(joined, None, ())

    def _add_sequences(self, request: LoadRequest, document: Labelmap, parts: Sequence[LabelmapNodes]) -> None:
        labels = [(part["label"], Geometry.from_json(part)) for part in (document, *document["others"])]
        made = zip(labels, parts, strict=True)
        phases = [(label, geometry, node) for (label, geometry), own in made for node in (own.segmentation, own.labelmap_volume) if node is not None]
        add_phase_sequences(self._scene, series_name(Source.from_json(document["source"]), request.modality), phases, request.series_uid)

    def _contours(self, file: str, voxels: vtkMRMLNode, on_progress: OnProgress, warnings: list[str]) -> Work[list[vtkMRMLNode]]:
        """What was drawn, hidden at first; gives a list of nodes. Without it the voxels are still worth showing."""
        from IDCBrowserLib.labelmap.rtstruct.contour_lines import load_lines

        try:
            document: Contours = yield self._ask(api.CONTOURS({"input": file}), on_progress)
            try:
                lines = load_lines(document)
            finally:
                remove_arrays(document["arrays"])
        except IDCBrowserError as error:
            warnings.append(f"The contours cannot be shown: {error}")
            return []
        node = add_contours(self._scene, lines, f"{voxels.GetName()} contours", voxels)
        if node is None:
            return []
        add_item_beside(self._scene, voxels, node)
        for attribute in (SERIES_ATTRIBUTE, STUDY_ATTRIBUTE, SOURCE_ATTRIBUTE):
            mark(node, {attribute: voxels.GetAttribute(attribute) or ""})
        return [node]

    def _ask(self, question: Question[Any], on_progress: OnProgress) -> Operation:
        return lambda done, fail: self._engine.ask(question, done, fail, on_progress)


def _joined(there: Sequence[vtkMRMLSegmentationNode], geometry: Geometry, label: str) -> vtkMRMLSegmentationNode | None:
    """The one on this grid. What has no label of a grid or phase is all that was chosen, and joins what is there on another grid as well."""
    fallback = there[0] if there and not label else None
    return next((node for node in there if lies_on(node, geometry)), fallback)


def convert_question(file: str, described: Described, images: Sequence[str]) -> Question[Labelmap]:
    """For the voxels of an object on its images, or on a grid of its own without them."""
    parameters: ConvertParameters = {"input": file, "images": list(images) or None}
    if described["images_needed"] and not images:
        parameters["grid"] = "own"
    return api.CONVERT(parameters)


def _report(document: Part, file: str, image_uids: tuple[str, ...]) -> dict[str, Any]:
    keys = ("number", "label_value", "name", "voxels", "volume_mm3")
    return {
        "kind": document["source"]["kind"],
        "name": document["source"]["series_description"],
        "file": file,
        "image_series_uids": list(image_uids),
        "shape": document["shape"],
        "layers": document["layers"],
        "overlapping_voxels": document["overlapping_voxels"],
        "segments": [{key: value for key, value in segment.items() if key in keys} for segment in document["segments"]],
        "annotations": len(document["annotations"]),
    }
