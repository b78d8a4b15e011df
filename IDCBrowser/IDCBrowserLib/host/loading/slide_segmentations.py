"""Segmentations of slides into the scene: an overview of each as a segmentation, over the level of the slide that is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.api.labelmap import Described
from IDCBrowserLib.dicom.sop_classes import SLIDE_IMAGE
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.host.loading.array_files import made_of_each
from IDCBrowserLib.host.loading.referenced_images import LoadReferenced, ReferencedImages
from IDCBrowserLib.host.loading.steps import Work
from IDCBrowserLib.host_interface import LoadRequest, LoadResult, OnProgress
from IDCBrowserLib.scene.labelmap_nodes import LoadAs, add_labelmap
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, SLIDE_SEGMENTS_ATTRIBUTE, ids_of, mark, volumes_of_series
from IDCBrowserLib.scene.volumes import geometry_of_volume

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene, vtkMRMLVolumeNode

# 2048 x 2048: as fine as a large screen shows a whole slide.
_MOST_PIXELS = 1 << 22


class SlideSegmentations:
    """Makes their nodes."""

    def __init__(self, scene: vtkMRMLScene, engine: Engine, images: ReferencedImages) -> None:
        self._scene = scene
        self._engine = engine
        self._images = images

    def work(
        self, request: LoadRequest, files: Sequence[str], described: Described, load_referenced: LoadReferenced, on_progress: OnProgress
    ) -> Work[tuple[LoadResult, list[LoadResult]]]:
        """All objects of a series; gives its ``LoadResult`` and that of the slide that was loaded for it. Raises what the engine reports."""
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
        question = api.SEGMENTATIONS({"files": list(files), "images": list(paths), "picture": picture, "most_pixels": _MOST_PIXELS})
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
        made = add_labelmap(self._scene, labelmap, request.series_uid, pictures, modality, LoadAs.SEGMENTATION)
        attributes = {
            SLIDE_SEGMENTS_ATTRIBUTE: json.dumps(list(document["files"])),
            FRAME_ATTRIBUTE: document["source"]["frame_of_reference_uid"],
        }
        for node in made.nodes:
            mark(node, attributes)
        return made.nodes


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
