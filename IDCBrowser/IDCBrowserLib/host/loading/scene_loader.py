"""Series from the database into the scene: images first, then SEG and RTSTRUCT on them. The same for both hosts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from IDCBrowserLib.api import objects as objects_api
from IDCBrowserLib.describe.kinds import VIDEO, kind_of
from IDCBrowserLib.dicom.sop_classes import DRAWN_ON_IMAGES, PARAMETRIC_MAP, PET_IMAGE, RT_DOSE, SURFACES
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, NotFoundError
from IDCBrowserLib.host.loading.labelmap_loader import LabelmapLoader
from IDCBrowserLib.host.loading.memory_guard import Confirm, MemoryGuard, refuse
from IDCBrowserLib.host.loading.origin import Origin
from IDCBrowserLib.host.loading.other_objects import OtherObjects, is_other_object
from IDCBrowserLib.host.loading.slides import MOST_PIXELS, Slides, is_annotation, is_slide
from IDCBrowserLib.host.loading.steps import Around, Operation, Steps, Work
from IDCBrowserLib.host_interface import Cancellable, DicomStore, LoadRequest, LoadResult, OnError, OnProgress, ViewPlace
from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.places import show_in_scene
from IDCBrowserLib.scene.provenance import ids_of, nodes_of_series
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene

logger = logging.getLogger(__name__)

_SEGMENTATION_MODALITIES = {"SEG", "RTSTRUCT"}
# Shown in the quantity that they measure, which needs the engine; no plugin of Slicer's core does it.
_QUANTITIES = (PET_IMAGE, PARAMETRIC_MAP, RT_DOSE)
_QUANTITY_MODALITIES = {"PT", "RTDOSE"}
_READ_FAMILIES = {"report", "key objects", "presentation", "value map", "plan", "document", "waveform"}
_READ_MODALITIES = {"SR", "KO", "PR", "RWV", "RTPLAN", "DOC", "ECG"}
# Modalities whose objects are of one kind each, or told apart where they are loaded; others may hold images as well as videos and maps.
_TELLING_MODALITIES = {"CT", "MR", "SM", "ANN", "REG", "M3D", *_SEGMENTATION_MODALITIES, *_QUANTITY_MODALITIES, *_READ_MODALITIES}
# Surfaces are encapsulated documents as well.
_SHOWN = {kind_of(uid) for uid in SURFACES}
ALREADY_LOADED = "It was already in the scene; nothing was loaded twice."


@dataclass(frozen=True)
class LoadedImages:
    """Volume nodes made of one series; ``report`` is JSON-able. ``drawn`` are the SEG and RTSTRUCT among the files, None where that is not known."""

    nodes: tuple[vtkMRMLNode, ...]
    warnings: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)
    drawn: Sequence[str] | None = None


class ImageLoader(Protocol):
    """How a host turns the files of an image series into volume nodes: Slicer's plugins, or the engine's ``volume.read``."""

    def load_images(
        self, request: LoadRequest, files: Sequence[str], on_done: Callable[[LoadedImages], None], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """Make volume nodes with their subject hierarchy items."""


def is_segmentation(request: LoadRequest) -> bool:
    """SEG or RTSTRUCT. The SOP class decides where it is known: some series that say SEG hold CT images."""
    if request.sop_class_uid:
        return request.sop_class_uid in DRAWN_ON_IMAGES
    return request.modality.upper() in _SEGMENTATION_MODALITIES


def is_quantity(request: LoadRequest) -> bool:
    """PET, dose or a parametric map."""
    if request.sop_class_uid:
        return request.sop_class_uid in _QUANTITIES
    return request.modality.upper() in _QUANTITY_MODALITIES


def _order(request: LoadRequest) -> int:
    """Images, then what is laid over them, then what was drawn on them, then what belongs to their frames of reference."""
    if is_slide(request):
        # What was annotated comes before its annotations.
        return 3 if is_annotation(request) else 0
    return 3 if is_other_object(request) else 2 if is_segmentation(request) else 1 if is_quantity(request) else 0


def is_read(request: LoadRequest) -> bool:
    """Reports, plans, documents, videos: they are read as text, or opened with another program. The SOP class decides where it is known."""
    if not request.sop_class_uid:
        return request.modality.upper() in _READ_MODALITIES
    kind = kind_of(request.sop_class_uid)
    return kind.words == VIDEO or (kind.family in _READ_FAMILIES and kind not in _SHOWN)


class SceneLoader:
    """The ``SeriesLoader`` of both hosts. ``scene`` is the MRML scene; ``confirm`` asks the user before something that may not fit into memory.

    ``quantities`` loads PET, doses and parametric maps where ``images`` does not show them as what they are. What is done to the scene in one turn of
    the event loop is done within what ``around`` gives.
    """

    def __init__(
        self,
        scene: vtkMRMLScene,
        engine: Engine,
        store: DicomStore,
        images: ImageLoader,
        confirm: Confirm | None = None,
        load_as: LoadAs = LoadAs.BOTH,
        quantities: ImageLoader | None = None,
        slide_pixels: Callable[[], int] = lambda: MOST_PIXELS,
        around: Around = nullcontext,
    ) -> None:
        self._scene = scene
        self._around = around
        self._quantities = quantities or images
        self._engine = engine
        self._store = store
        self._images = images
        self._memory_guard = MemoryGuard(engine, confirm or refuse)
        self.origin = Origin(scene, engine)
        self._others = OtherObjects(scene, engine)
        self._slides = Slides(scene, engine, store, slide_pixels)
        self._labelmaps = LabelmapLoader(scene, engine, store, self._memory_guard, load_as)

    def load(self, requests: Sequence[LoadRequest], on_done: Callable[[Sequence[LoadResult]], object], on_progress: OnProgress) -> Cancellable:
        """See ``SeriesLoader``. Image series that a SEG or RTSTRUCT was drawn on are loaded with it when they are in the database;
        they have a result of their own, after those asked for."""
        return Steps(_Loading(self, requests, on_progress).work(), on_done, self._around)

    def show_place(self, place: ViewPlace) -> str:
        """See ``SeriesLoader``."""
        return show_in_scene(self._scene, place)

    def load_image_series(self, request: LoadRequest, on_progress: OnProgress) -> Work[LoadResult]:
        """One image series or slide that something was drawn on; gives its ``LoadResult``. Raises what the store or the image loader report."""
        if is_slide(request):
            return (yield from self.load_other_object(request, on_progress))
        result, _ = yield from self._load_images(request, on_progress)
        return result

    def load_images_and_drawn(self, request: LoadRequest, on_progress: OnProgress) -> Work[list[LoadResult]]:
        """An image series that was asked for, and the SEG and RTSTRUCT objects among its files: some share the series of their images."""
        images, drawn = yield from self._load_images(request, on_progress)
        if not drawn:
            return [images]
        try:
            own, referenced = yield from self._labelmaps.work(request, drawn, self.load_image_series, on_progress)
        except IDCBrowserError as error:
            problem = f"What was drawn on the images is in the same series and cannot be shown: {error}"
            return [replace(images, warnings=(*images.warnings, problem))]
        both = replace(
            images,
            node_ids=(*images.node_ids, *own.node_ids),
            warnings=tuple(dict.fromkeys((*images.warnings, *own.warnings))),
            report={**(images.report or {}), "drawn": own.report},
        )
        return [both, *referenced]

    def _load_images(self, request: LoadRequest, on_progress: OnProgress) -> Work[tuple[LoadResult, Sequence[str]]]:
        """The images of a series, and which of its files were drawn on images."""
        there = nodes_of_series(self._scene, request.series_uid)
        if there:
            return LoadResult(request.series_uid, ids_of(there), warnings=(ALREADY_LOADED,)), ()
        files = yield self.files_of(request)
        self.origin.remember(request.series_uid, files)
        yield from self._memory_guard.check(request, files)
        loader = self._quantities if is_quantity(request) else self._images
        images: LoadedImages = yield lambda done, fail: loader.load_images(request, files, done, fail, on_progress)
        for node in images.nodes:
            provenance.mark(
                node,
                {
                    provenance.SERIES_ATTRIBUTE: request.series_uid,
                    provenance.STUDY_ATTRIBUTE: request.study_uid,
                    provenance.SOURCE_ATTRIBUTE: "DICOM",
                },
            )
        drawn = images.drawn
        if drawn is None:
            drawn = (yield from self._labelmaps.drawn_among(files)) if len(files) > 1 else ()
        return LoadResult(request.series_uid, ids_of(images.nodes), warnings=images.warnings, report=images.report), drawn

    def load_segmentation_series(self, request: LoadRequest, on_progress: OnProgress) -> Work[list[LoadResult]]:
        """One SEG or RTSTRUCT series, and the image series it needs; gives a list of results, its own first."""
        there = nodes_of_series(self._scene, request.series_uid)
        if there and not self._labelmaps.lacks_segmentation(there):
            missing = self._labelmaps.missing(there, request.chosen)
            if missing is None or not missing.numbers:
                return [LoadResult(request.series_uid, ids_of(there), warnings=(ALREADY_LOADED,))]
            request = replace(request, chosen=missing)
        if request.chosen is not None:
            own, referenced = yield from self._labelmaps.work_chosen(request, request.chosen, self.load_image_series, on_progress)
            return [own, *referenced]
        files = yield self.files_of(request)
        # Some series that say SEG hold CT images, and some hold both.
        drawn = files if len(files) == 1 and request.sop_class_uid else (yield from self._labelmaps.drawn_among(files))
        if not drawn:
            return [(yield from self.load_image_series(request, on_progress))]
        self.origin.remember(request.series_uid, files)
        own, referenced = yield from self._labelmaps.work(request, drawn, self.load_image_series, on_progress)
        return [own, *referenced]

    def load_other_object(self, request: LoadRequest, on_progress: OnProgress) -> Work[LoadResult]:
        """A surface, a registration, a slide or annotations on one; gives its ``LoadResult``."""
        there = nodes_of_series(self._scene, request.series_uid)
        if there:
            return LoadResult(request.series_uid, ids_of(there), warnings=(ALREADY_LOADED,))
        files = yield self.files_of(request)
        return (yield from (self._slides if is_slide(request) else self._others).work(request, files, on_progress))

    def with_sop_class(self, request: LoadRequest) -> Work[LoadRequest]:
        """The request with what its first file is, where the catalog did not say. Slicer ends when one of its plugins reads a video."""
        if request.sop_class_uid or request.modality.upper() in _TELLING_MODALITIES:
            return request
        files = yield self.files_of(request)
        question = objects_api.DESCRIBE({"file": files[0]})
        try:
            found: objects_api.Description = yield lambda done, fail: self._engine.ask(question, done, fail)
        except CancelledError:
            raise
        except IDCBrowserError as error:
            # What cannot be read is said by whoever loads it.
            logger.debug("What %s is: %s", request.series_uid, error)
            return request
        return replace(request, sop_class_uid=found["sop_class"])

    def files_of(self, request: LoadRequest) -> Operation:
        """The series' files; ``NotFoundError`` when the database has none."""

        def ask(on_done: Callable[[Sequence[str]], None], on_error: OnError) -> Cancellable:
            def check(files: Sequence[str]) -> None:
                if files:
                    on_done(files)
                else:
                    on_error(NotFoundError(f"The series {label(request)} is not in the DICOM database. Download it, then load it."))

            return self._store.series_files(request.series_uid, check, on_error)

        return ask


class _Loading:
    """One call of ``SceneLoader.load``."""

    def __init__(self, loader: SceneLoader, requests: Sequence[LoadRequest], on_progress: OnProgress) -> None:
        self._loader = loader
        unique = list({request.series_uid: request for request in requests}.values())
        self._requests = sorted(unique, key=_order)
        self._wanted = [request.series_uid for request in unique]
        self._on_progress = on_progress
        self._results: dict[str, LoadResult] = {}

    def work(self) -> Work[list[LoadResult]]:
        """Load one after the other; gives the results, those asked for first, in their order."""
        for number, request in enumerate(self._requests):
            self._report(number, request, None)
            for result in (yield from self._one(request, partial(self._report, number, request))):
                self._results.setdefault(result.series_uid, result)
        yield from self._loader.origin.mark_nodes()
        extra = [uid for uid in self._results if uid not in self._wanted]
        return [self._results[uid] for uid in [*self._wanted, *extra]]

    def _one(self, request: LoadRequest, on_progress: OnProgress) -> Work[list[LoadResult]]:
        try:
            request = yield from self._loader.with_sop_class(request)
            if is_other_object(request) or is_slide(request):
                return [(yield from self._loader.load_other_object(request, on_progress))]
            if is_read(request):
                files = yield self._loader.files_of(request)
                return [LoadResult(request.series_uid, texts=tuple(files))]
            if is_segmentation(request):
                return (yield from self._loader.load_segmentation_series(request, on_progress))
            return (yield from self._loader.load_images_and_drawn(request, on_progress))
        except IDCBrowserError as error:
            return [LoadResult(request.series_uid, error=str(error))]
        except Exception as error:
            # The seam to Slicer's and VTK's code: one series that it cannot digest must not stop the others.
            logger.exception("Loading %s", request.series_uid)
            return [LoadResult(request.series_uid, error=f"{label(request)} cannot be shown ({type(error).__name__}: {error}). Please report this.")]

    def _report(self, number: int, request: LoadRequest, inner: Progress | None) -> None:
        fraction = inner.fraction if inner is not None else None
        message = f"{label(request)}: {inner.step}" if inner is not None else label(request)
        outer = Progress("Loading", number + (fraction or 0.0), len(self._requests), "series", message)
        self._on_progress(replace(outer, seconds_left=None))


def label(request: LoadRequest) -> str:
    """How messages name a series."""
    named = " ".join(part for part in (request.modality, request.description) if part)
    return f"{named} ({request.series_uid})" if named else request.series_uid


def summary(results: Sequence[LoadResult]) -> str:
    """One line for logs: how many were loaded and failed."""
    failed = sum(1 for result in results if result.error)
    return f"{human_count(len(results) - failed, 'series', 'series')} loaded, {failed} failed"
