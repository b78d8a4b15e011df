"""Images into the scene through Slicer's DICOM plugins, so that PET, 4D, ultrasound and what else is installed load as they do everywhere.

Signatures (Modules/Scripted/DICOMLib/DICOMUtils.py, Slicer 5.12):
``getLoadablesFromFileLists(fileLists, pluginClassNames, messages, progressCallback, pluginInstances)`` -> (loadables by plugin, enabled),
``selectHighestConfidenceLoadables(loadablesByPlugin)``,
``loadLoadables(loadablesByPlugin, messages, progressCallback)`` -> node ids; a callback that gives True cancels.
``ctkDICOMDatabase.fileValue(path, "gggg,eeee")`` (ctkDICOMDatabase.h).
``loadSeriesByUID`` is not used: it hands neither messages nor progress to the loading.
``vtkMRMLScene::StartCloseEvent`` (Libs/MRML/Core/vtkMRMLScene.h).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from IDCBrowserLib.api.first_slices import Shown
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import CancelledError, ConversionError, IDCBrowserError
from IDCBrowserLib.host.loading.answered_ahead import AnsweredAhead
from IDCBrowserLib.host.loading.engine_images import EngineImageLoader
from IDCBrowserLib.host.loading.memory_guard import Confirm, refuse
from IDCBrowserLib.host.loading.read_ahead import ReadAhead
from IDCBrowserLib.host.loading.scene_loader import LoadedImages, SceneLoader, label
from IDCBrowserLib.host.loading.slides import MOST_PIXELS
from IDCBrowserLib.host.slicer.dicom.load_as import nodes_to_load
from IDCBrowserLib.host.slicer.dicom.plain_images import PlainImages
from IDCBrowserLib.host.slicer.modal_errors import ModalErrors
from IDCBrowserLib.host.slicer.views.first_look import has_data
from IDCBrowserLib.host.slicer.views.first_slices import FirstSlicesInSlicer
from IDCBrowserLib.host.slicer.views.rendering import paused
from IDCBrowserLib.host.slicer.what_shows_it import what_shows_it
from IDCBrowserLib.host_interface import Cancellable, DicomStore, LoadRequest, LoadResult, OnError, OnProgress, ViewPlace
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import SUV_BY_WEIGHT
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.loaded_series import LoadedSeries
from IDCBrowserLib.scene.places import show_in_scene
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, ids_of, mark, nodes_of_series
from IDCBrowserLib.scene.removing import remove_series
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

if TYPE_CHECKING:
    from DICOMLib import DICOMLoadable
    from slicer import vtkMRMLNode, vtkMRMLScalarVolumeNode, vtkMRMLScene

logger = logging.getLogger(__name__)

_FRAME_OF_REFERENCE_UID = "0020,0052"


class SlicerLoader:
    """``SeriesLoader`` into Slicer's scene. Closing the scene ends what is being loaded: the rest is reported as not loaded."""

    def __init__(
        self,
        client: EngineClient,
        store: DicomStore,
        defer: Callable[[Callable[[], None]], None] | None = None,
        confirm: Confirm = refuse,
        suv_kind: Callable[[], str] = lambda: SUV_BY_WEIGHT,
        slide_pixels: Callable[[], int] = lambda: MOST_PIXELS,
    ) -> None:
        self._engine = AnsweredAhead(client)
        self._read_ahead = ReadAhead(self._engine, store, suv_kind, images_as_they_come=True)
        self._store = store
        self._confirm = confirm
        self._suv_kind = suv_kind
        self._slide_pixels = slide_pixels
        self._defer = defer or _soon
        self._running: list[_GuardedLoad] = []
        # Called with the results before those who asked are told.
        self.loaded: Callable[[Sequence[LoadResult]], object] = _nobody
        # Called with a volume when its first slices are there, and before anything is loaded.
        self.seen: Callable[[vtkMRMLScalarVolumeNode], object] = _unseen
        self.begins: Callable[[], object] = _nothing
        # Called with the nodes of a series that is to be seen.
        self.wanted: Callable[[Sequence[str]], object] = _nobody_looks
        self.loaded_changed: Signal[[]] = Signal()
        self.first_slices = FirstSlicesInSlicer()
        self._loaded: LoadedSeries | None = None

    def load(self, requests: Sequence[LoadRequest], on_done: Callable[[Sequence[LoadResult]], object], on_progress: OnProgress) -> Cancellable:
        """See ``SeriesLoader``."""
        import slicer

        self._running = [work for work in self._running if not work.is_over]
        self._read_ahead.pause(requests)
        self.begins()
        quantities = EngineImageLoader(slicer.mrmlScene, self._engine, self._suv_kind, with_color_legends=True)
        loader = SceneLoader(
            slicer.mrmlScene,
            self._engine,
            self._store,
            PlainImages(slicer.mrmlScene, self._engine, SlicerImages(self._defer), quantities, self._see),
            self._confirm,
            nodes_to_load(),
            quantities,
            self._slide_pixels,
            paused,
        )

        def done(results: Sequence[LoadResult]) -> None:
            self.loaded(results)
            if self._loaded is not None:
                # Else nobody has asked: what is loaded from scripts leaves no observer behind.
                self._loaded.look()
            on_done(results)

        work = _GuardedLoad(slicer.mrmlScene, requests, done)
        self._running.append(work)

        def begin(finish: Callable[[Sequence[LoadResult]], object]) -> Cancellable:
            def later(results: Sequence[LoadResult]) -> None:
                finish(results)

            # What the views make of it begins in a turn of its own: the last nodes took theirs.
            return loader.load(requests, lambda results: self._defer(partial(later, results)), on_progress)

        work.start(begin)
        return work

    def read_ahead(self, entries: Sequence[Sequence[LoadRequest]]) -> None:
        """See ``SeriesLoader``."""
        self._read_ahead.start(entries)

    def _see(self, node: vtkMRMLScalarVolumeNode) -> None:
        # What came while it was downloaded shows more than the first slices that are read again.
        if not self.first_slices.is_in_views:
            self.seen(node)

    def views_are_free(self) -> bool:
        """See ``SeriesLoader``."""
        import slicer

        return not has_data(slicer.mrmlScene)

    def show_first_slices(self, shown: Shown) -> bool:
        """See ``SeriesLoader``."""
        with paused():
            return self.first_slices.show(shown)

    def hide_first_slices(self) -> None:
        """See ``SeriesLoader``."""
        with paused():
            self.first_slices.hide()

    def loaded_series(self) -> frozenset[str]:
        """See ``SeriesLoader``."""
        return self._scene_series().uids

    def show_series(self, series_uid: str) -> bool:
        """See ``SeriesLoader``."""
        import slicer

        nodes = nodes_of_series(slicer.mrmlScene, series_uid)
        if nodes:
            self.wanted(ids_of(nodes))
        return bool(nodes)

    def remove_series(self, series_uids: Sequence[str]) -> bool:
        """See ``SeriesLoader``."""
        import slicer

        return remove_series(slicer.mrmlScene, series_uids)

    def _scene_series(self) -> LoadedSeries:
        """Looks up the scene when it is first used."""
        import slicer

        if self._loaded is None:
            self._loaded = LoadedSeries(slicer.mrmlScene, self._defer, self.loaded_changed.emit)
        return self._loaded

    def show_place(self, place: ViewPlace) -> str:
        """See ``SeriesLoader``."""
        import slicer

        return show_in_scene(slicer.mrmlScene, place)

    def close(self) -> None:
        """Stop what runs; nobody is told."""
        for work in self._running:
            work.cancel()
        self._running.clear()
        self.first_slices.hide()
        if self._loaded is not None:
            self._loaded.close()


class _GuardedLoad:
    """One call of ``load``, observing the scene while it runs."""

    def __init__(self, scene: vtkMRMLScene, requests: Sequence[LoadRequest], on_done: Callable[[Sequence[LoadResult]], object]) -> None:
        self._scene = scene
        self._requests = requests
        self._on_done = on_done
        self._work: Cancellable | None = None
        self._tag: int | None = scene.AddObserver(scene.StartCloseEvent, self._scene_closes)
        self.is_over = False

    def start(self, begin: Callable[[Callable[[Sequence[LoadResult]], object]], Cancellable]) -> None:
        """``begin`` loads and may be done before it returns."""
        work = begin(self._finish)
        if self.is_over:
            work.cancel()
        else:
            self._work = work

    def cancel(self) -> None:
        """See ``Cancellable``."""
        self.is_over = True
        if self._tag is not None:
            self._scene.RemoveObserver(self._tag)
            self._tag = None
        work, self._work = self._work, None
        if work is not None:
            work.cancel()

    def _finish(self, results: Sequence[LoadResult]) -> None:
        if not self.is_over:
            self._work = None
            self.cancel()
            self._on_done(results)

    def _scene_closes(self, _scene: vtkMRMLScene, _event: str) -> None:
        if not self.is_over:
            self.cancel()
            text = _("The scene was closed during loading. Load the series again.")
            self._on_done([LoadResult(request.series_uid, error=text) for request in self._requests])


class SlicerImages:
    """``ImageLoader`` on Slicer's plugins. They work in the main thread, so a step of theirs can hold the window."""

    def __init__(self, defer: Callable[[Callable[[], None]], None]) -> None:
        self._defer = defer

    def load_images(
        self, request: LoadRequest, files: Sequence[str], on_done: Callable[[LoadedImages], None], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``ImageLoader``. Starts in the next turn of the event loop, so that the progress is seen first."""
        work = _PluginLoad(request, list(files), on_done, on_error, on_progress)
        self._defer(work.run)
        return work


class _PluginLoad:
    def __init__(self, request: LoadRequest, files: list[str], on_done: Callable[[LoadedImages], None], on_error: OnError, on_progress: OnProgress):
        self._request = request
        self._files = files
        self._on_done = on_done
        self._on_error = on_error
        self._on_progress = on_progress
        self._cancelled = False

    def cancel(self) -> None:
        """Stop at the next step of a plugin; nothing is told any more."""
        self._cancelled = True

    def run(self) -> None:
        """Examine, choose, load."""
        if self._cancelled:
            return
        try:
            with paused():
                images = self._load()
        except IDCBrowserError as error:
            self._fail(error)
            return
        except Exception as error:
            # The seam to plugins of every origin: whatever they raise, the load must be answered.
            logger.exception("Loading %s", self._request.series_uid)
            self._fail(ConversionError(f"{label(self._request)} was not loaded: a DICOM plugin failed ({type(error).__name__}: {error})."))
            return
        if not self._cancelled:
            self._on_done(images)

    def _fail(self, error: IDCBrowserError) -> None:
        if not self._cancelled:
            self._on_error(error)

    def _load(self) -> LoadedImages:
        import slicer

        with ModalErrors() as boxes:
            nodes, loadables, messages = self._by_plugins()
        reasons = (*messages, *boxes.texts)
        selected = [loadable for plugin in loadables for loadable in loadables[plugin] if loadable.selected]
        succeeded = [loadable for loadable in selected if getattr(loadable, "loadSuccess", True)]
        if not nodes or not succeeded:
            # What a failed plugin leaves behind is not the series: a report without its table, for instance.
            for node in nodes:
                slicer.mrmlScene.RemoveNode(node)
            reason = " ".join(reasons) or what_shows_it(self._request.sop_class_uid, self._request.modality)
            raise ConversionError(f"{label(self._request)} was not loaded: {reason}")
        warnings = [str(loadable.warning) for loadable in selected if loadable.warning]
        volumes = [node for node in nodes if isinstance(node, slicer.vtkMRMLVolumeNode)]
        # A SEG that names no image series is placed by its frame of reference.
        database = slicer.app.dicomDatabase()
        frame_uid = str(database.fileValue(self._files[0], _FRAME_OF_REFERENCE_UID)) if database is not None else ""
        for node in volumes:
            mark(node, {FRAME_ATTRIBUTE: frame_uid})
        report = {"volumes": [{"name": node.GetName()} for node in volumes]}
        return LoadedImages(tuple(volumes or nodes), (*warnings, *reasons), report)

    def _by_plugins(self) -> tuple[list[vtkMRMLNode], dict[str, list[DICOMLoadable]], list[str]]:
        """The nodes that plugins made, what they offered, and what DICOMLib says about it."""
        import slicer
        from DICOMLib import DICOMUtils

        messages: list[str] = []
        loadables, _enabled = DICOMUtils.getLoadablesFromFileLists([self._files], None, messages, self._progressed)
        DICOMUtils.selectHighestConfidenceLoadables(loadables)
        if self._cancelled:
            raise CancelledError
        identifiers = DICOMUtils.loadLoadables(loadables, messages, self._progressed)
        if self._cancelled:
            raise CancelledError
        # A plugin's temporary nodes are gone by now, and have no ID any more.
        found = (slicer.mrmlScene.GetNodeByID(identifier) for identifier in identifiers if identifier)
        return [node for node in found if node is not None], loadables, messages

    def _progressed(self, what: str, percent: float) -> bool:
        self._on_progress(Progress("Loading", percent, 100, "", str(what)))
        return self._cancelled


def _soon(function: Callable[[], None]) -> None:
    QtCore.QTimer.singleShot(0, function)


def _unseen(_node: vtkMRMLScalarVolumeNode) -> None:
    """Nobody looks."""


def _nothing() -> None:
    """Nobody is told."""


def _nobody_looks(_node_ids: Sequence[str]) -> None:
    """There are no views."""


def _nobody(_results: Sequence[LoadResult]) -> None:
    """Nobody wants to know."""
