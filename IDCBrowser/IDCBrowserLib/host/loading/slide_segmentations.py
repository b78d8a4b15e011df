"""Segmentations of slides into the scene: an overview of each as a segmentation, over the level of the slide that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.api.labelmap import DrawnOn
from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.dicom.sop_classes import SLIDE_IMAGE
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.host.loading.array_files import made_of_each
from IDCBrowserLib.host.loading.referenced_images import LoadReferenced, ReferencedImages
from IDCBrowserLib.host.loading.steps import Work
from IDCBrowserLib.host_interface import LoadRequest, LoadResult, OnProgress
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, ids_of, mark, nodes_of_series, volumes_of_series
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs, add_labelmap
from IDCBrowserLib.scene.segments.segment_voxels import lies_on
from IDCBrowserLib.scene.segments.segmentation import add_segments, numbers_of, segmentations_among
from IDCBrowserLib.scene.segments.slide_segments import SlideSegmentFiles
from IDCBrowserLib.scene.volumes import geometry_of_volume

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLVolumeNode


class SlideSegmentations:
    """Makes their nodes."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine, images: ReferencedImages) -> None:
        self._scene = scene
        self._engine = engine
        self._images = images

    def work(
        self, request: LoadRequest, files: Sequence[str], described: DrawnOn, load_referenced: LoadReferenced, on_progress: OnProgress
    ) -> Work[tuple[LoadResult, list[LoadResult]]]:
        """All objects of a series, or the segments that were chosen of it, which need not be here; gives its ``LoadResult`` and that of the slide
        that was loaded for it. Raises what the engine reports.
        """
        warnings: list[str] = []
        slides = yield from self._images.of(described, warnings)
        uid, paths = next(iter(slides.items()), ("", ()))
        shown = None
        if uid:
            slide = LoadRequest(uid, request.study_uid, request.patient_id, sop_class_uid=SLIDE_IMAGE)
            shown = yield from self._images.show(slide, load_referenced, on_progress, warnings)
        # The level comes before the label.
        pictures = volumes_of_series(self._scene, uid)[:1] if uid else []
        grid = geometry_of_volume(pictures[0]) if pictures else None
        picture = grid.to_json() if grid is not None else None
        question = api.SEGMENTATIONS(
            {
                **(request.chosen.parameters if request.chosen is not None else SeriesParameters(series=request.series_uid, files=list(files))),
                "images": list(paths),
                "picture": picture,
                "most_pixels": api.OVERVIEW_PIXELS,
                "numbers": list(request.chosen.numbers) if request.chosen is not None else None,
            }
        )
        answer: api.Segmentations = yield lambda done, fail: self._engine.ask(question, done, fail, on_progress)
        warnings += answer["warnings"]
        nodes = [node for made in made_of_each(answer["segmentations"], lambda one: self._put(request, one, pictures)) for node in made]
        warnings += [sentence for one in answer["segmentations"] for sentence in one["warnings"]]
        reports = [_report(one, uid) for one in answer["segmentations"]]
        own = LoadResult(
            request.series_uid,
            ids_of(nodes),
            warnings=tuple(dict.fromkeys(warnings)),
            report=reports[0] if len(reports) == 1 else {"instances": reports},
        )
        return own, [shown] if shown is not None else []

    def _put(self, request: LoadRequest, document: api.Segmentation, pictures: Sequence[vtkMRMLVolumeNode]) -> tuple[vtkMRMLNode, ...]:
        from IDCBrowserLib.labelmap.files.raw import load_labelmap

        labelmap, modality = load_labelmap(document), request.modality or "SEG"
        numbers = tuple(request.chosen.numbers) if request.chosen is not None else None
        joined = next(
            (node for node in segmentations_among(nodes_of_series(self._scene, request.series_uid)) if numbers and lies_on(node, labelmap.geometry)),
            None,
        )
        if joined is not None and numbers is not None:
            # Further segments join those that were chosen before.
            add_segments(joined, labelmap)
            numbers = tuple(sorted({*numbers, *numbers_of(joined)}))
        nodes = (
            (joined,)
            if joined is not None
            else add_labelmap(self._scene, labelmap, request.series_uid, pictures, modality, LoadAs.SEGMENTATION).nodes
        )
        for node in nodes:
            SlideSegmentFiles(tuple(document["files"]), document["series"], numbers).mark(node)
            mark(node, {FRAME_ATTRIBUTE: document["source"]["frame_of_reference_uid"]})
        return nodes


def _report(document: api.Segmentation, slide_uid: str) -> dict[str, Any]:
    keys = ("number", "label_value", "name", "voxels")
    return {
        "kind": "SEG",
        "name": document["source"]["series_description"],
        "file": document["files"][0],
        "image_series_uids": [slide_uid] if slide_uid else [],
        "shape": document["shape"],
        "layers": document["layers"],
        "overlapping_voxels": document["overlapping_voxels"],
        "segments": [{key: value for key, value in segment.items() if key in keys} for segment in document["segments"]],
    }
