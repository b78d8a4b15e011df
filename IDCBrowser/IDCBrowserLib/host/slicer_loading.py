"""Images into the scene through Slicer's DICOM plugins, so that PET, 4D, ultrasound and what else is installed load as they do everywhere.

Signatures (Modules/Scripted/DICOMLib/DICOMUtils.py, Slicer 5.12):
``getLoadablesFromFileLists(fileLists, pluginClassNames, messages, progressCallback, pluginInstances)`` -> (loadables by plugin, enabled),
``selectHighestConfidenceLoadables(loadablesByPlugin)``,
``loadLoadables(loadablesByPlugin, messages, progressCallback)`` -> node ids; a callback that gives True cancels.
``ctkDICOMDatabase.fileValue(path, "gggg,eeee")`` (ctkDICOMDatabase.h).
``loadSeriesByUID`` is not used: it hands neither messages nor progress to the loading.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from IDCBrowserLib.errors import CancelledError, ConversionError, IDCBrowserError
from IDCBrowserLib.host.interface import Cancellable, DicomStore, LoadRequest, OnError, OnProgress
from IDCBrowserLib.host.loading import LoadedImages, SceneLoader
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, mark
from IDCBrowserLib.task import Progress
from IDCBrowserLib.ui.qtbinding import QtCore

_VOLUME = "vtkMRMLVolumeNode"
_FRAME_OF_REFERENCE_UID = "0020,0052"


def make_loader(client: Any, store: DicomStore) -> SceneLoader:
    """The loader of this Slicer's scene."""
    import slicer

    return SceneLoader(slicer.mrmlScene, client, store, SlicerImages())


class SlicerImages:
    """``ImageLoader`` on Slicer's plugins. They work in the main thread, so a step of theirs can hold the window."""

    def load_images(
        self, request: LoadRequest, files: Sequence[str], on_done: Callable[[LoadedImages], None], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``ImageLoader``. Starts in the next turn of the event loop, so that the progress is seen first."""
        work = _PluginLoad(request, list(files), on_done, on_error, on_progress)
        QtCore.QTimer.singleShot(0, work.run)
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
            images = self._load()
        except IDCBrowserError as error:
            if not self._cancelled:
                self._on_error(error)
            return
        if not self._cancelled:
            self._on_done(images)

    def _load(self) -> LoadedImages:
        import slicer
        from DICOMLib import DICOMUtils

        messages: list[str] = []
        loadables, _enabled = DICOMUtils.getLoadablesFromFileLists([self._files], None, messages, self._progressed)
        DICOMUtils.selectHighestConfidenceLoadables(loadables)
        warnings = [str(loadable.warning) for plugin in loadables for loadable in loadables[plugin] if loadable.selected and loadable.warning]
        identifiers = DICOMUtils.loadLoadables(loadables, messages, self._progressed)
        if self._cancelled:
            raise CancelledError
        nodes = [node for node in map(slicer.mrmlScene.GetNodeByID, identifiers) if node is not None]
        if not nodes:
            reason = " ".join(messages) or "no installed DICOM plugin can load it."
            raise ConversionError(f"The series {self._request.description or self._request.series_uid} was not loaded: {reason}")
        volumes = [node for node in nodes if node.IsA(_VOLUME)]
        # A SEG that names no image series is placed by its frame of reference.
        frame_uid = str(slicer.dicomDatabase.fileValue(self._files[0], _FRAME_OF_REFERENCE_UID))
        for node in volumes:
            mark(node, {FRAME_ATTRIBUTE: frame_uid})
        report = {"volumes": [node.GetName() for node in volumes]}
        return LoadedImages(tuple(volumes or nodes), (*warnings, *messages), report)

    def _progressed(self, label: str, percent: float) -> bool:
        self._on_progress(Progress("Loading", percent, 100, "", str(label)))
        return self._cancelled
