"""CT and MR series that the engine reads as Slicer's own reader would: the window goes on meanwhile, and slices are seen as they come.

A few phases on one grid are a sequence, which no plugin of Slicer's core makes of them: it gives a volume for each, the last one first.

What is set on the nodes is what ``setVolumeNodeProperties`` sets (Modules/Scripted/DICOMPlugins/DICOMScalarVolumePlugin.py, Slicer 5.12): attributes
``DICOM.instanceUIDs`` and ``DICOM.instanceNumbers``, items of the subject hierarchy, presets of the window, codes of quantity and unit.
Signatures: ``vtkMRMLScalarVolumeDisplayNode.AddWindowLevelPreset(width, center)``, ``SetWindowLevelFromPreset(number)``
(Libs/MRML/Core/vtkMRMLScalarVolumeDisplayNode.h).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api.values import Code
from IDCBrowserLib.api.volume import FILL, PLAIN, Plain
from IDCBrowserLib.dicom.sop_classes import CT_IMAGE, MR_IMAGE, PARAMETRIC_MAP
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.errors import CancelledError, IDCBrowserError, PhasesError
from IDCBrowserLib.host.loading.array_files import map_array, remove_arrays
from IDCBrowserLib.host.loading.engine_images import series_place
from IDCBrowserLib.host.loading.scene_loader import ImageLoader, LoadedImages
from IDCBrowserLib.host.loading.steps import Work, answered
from IDCBrowserLib.host.slicer.dicom.drawn_on import SOP_CLASS_UID
from IDCBrowserLib.host.slicer.views.look_settings import SOFT_TISSUE, Look, wants
from IDCBrowserLib.host.slicer.views.rendering import paused
from IDCBrowserLib.host_interface import Cancellable, LoadRequest, OnError, OnProgress
from IDCBrowserLib.scene import provenance
from IDCBrowserLib.scene.hierarchy import add_series_item
from IDCBrowserLib.scene.removing import remove_nodes
from IDCBrowserLib.scene.volumes import add_scalar_volume, set_quantity
from IDCBrowserLib.task import Progress
from IDCBrowserLib.volume.geometry import Geometry

if TYPE_CHECKING:
    from slicer import vtkMRMLScalarVolumeNode, vtkMRMLScene

logger = logging.getLogger(__name__)

# Between two looks at the slices that have come.
_LOOK_S = 0.3
# Until voxels are there that say a better one: Slicer's own choice reads all of them, again at each change.
_ANY_WINDOW = (255.0, 127.5)
# Voxels and slices looked at for a window, and parts of them, in percent, that are darker than black and brighter than white.
_SAMPLE, _PLANES, _ENDS = 200_000, 32, (0.1, 99.9)
_QUANTITIES: dict[str, tuple[Code, Code]] = {
    CT_IMAGE: (
        {"value": "112031", "scheme": "DCM", "meaning": "Attenuation Coefficient"},
        {"value": "[hnsf'U]", "scheme": "UCUM", "meaning": "Hounsfield unit"},
    ),
    MR_IMAGE: (
        {"value": "110852", "scheme": "DCM", "meaning": "MR signal intensity"},
        {"value": "1", "scheme": "UCUM", "meaning": "no units"},
    ),
}


class PlainImages:
    """An ``ImageLoader``: the engine where it makes the same as Slicer, else ``plugins``; ``own`` for parametric maps and phases.

    ``seen`` gets the volume when its first slices are there.
    """

    def __init__(
        self,
        scene: vtkMRMLScene,
        engine: Engine,
        plugins: ImageLoader,
        own: ImageLoader,
        seen: Callable[[vtkMRMLScalarVolumeNode], object],
    ) -> None:
        self._scene = scene
        self._own = own
        self._engine = engine
        self._plugins = plugins
        self._seen = seen

    def load_images(
        self, request: LoadRequest, files: Sequence[str], on_done: Callable[[LoadedImages], None], on_error: OnError, on_progress: OnProgress
    ) -> Cancellable:
        """See ``ImageLoader``."""
        # The modality of a map is that of the images it was computed from; Slicer's plugin for maps needs a program that not every Slicer has.
        if not request.sop_class_uid and _sop_class_of(files[0]) == PARAMETRIC_MAP:
            return self._own.load_images(request, files, on_done, on_error, on_progress)
        if request.sop_class_uid not in ("", *_QUANTITIES) or request.modality.upper() not in ("", "CT", "MR"):
            return self._plugins.load_images(request, files, on_done, on_error, on_progress)
        return answered(request, self._plain_or_plugins(request, list(files), on_progress), on_done, on_error, paused)

    def _plain_or_plugins(self, request: LoadRequest, files: list[str], on_progress: OnProgress) -> Work[LoadedImages]:
        try:
            made = yield from self._plain(request, files, on_progress)
        except PhasesError:
            made = yield lambda done, fail: self._own.load_images(request, files, done, fail, on_progress)
        if made is None:
            made = yield lambda done, fail: self._plugins.load_images(request, files, done, fail, on_progress)
        return made

    def _plain(self, request: LoadRequest, files: list[str], on_progress: OnProgress) -> Work[LoadedImages | None]:
        """None where a plugin has to load it. Raises ``PhasesError``."""
        try:
            document: Plain = yield lambda done, fail: self._engine.ask(PLAIN({"files": files}), done, fail, on_progress)
        except (CancelledError, PhasesError):
            raise
        except IDCBrowserError as error:
            logger.debug("Slicer's plugins load %s: %s", request.series_uid, error)
            return None
        node = self._add(request, document)
        whole = False
        try:
            watched = _Watched(node, self._seen, on_progress, _stated_window(document) is None)
            question = FILL({"files": files, "array": document["array"]})
            yield lambda done, fail: self._engine.ask(question, done, fail, watched.progressed)
            whole = True
        except CancelledError:
            raise
        except IDCBrowserError as error:
            logger.info("Slicer's plugins load %s: %s", request.series_uid, error)
            return None
        finally:
            remove_arrays([document])
            if not whole and node.GetScene() is not None:
                # Canceled or failed: half a volume is none.
                remove_nodes(self._scene, [node])
        watched.look(whole=True)
        report = {"volumes": [{"name": node.GetName()}], "shape": list(document["shape"])}
        # What was drawn would have made it no plain series.
        return LoadedImages((node,), (), report, ())

    def _add(self, request: LoadRequest, document: Plain) -> vtkMRMLScalarVolumeNode:
        from slicer import vtkMRMLScalarVolumeDisplayNode

        windows = document["windows"]
        first = _stated_window(document) or _ANY_WINDOW
        node = add_scalar_volume(self._scene, map_array(document, document["name"]), Geometry.from_json(document["geometry"]), _name(document), first)
        display = node.GetDisplayNode()
        assert isinstance(display, vtkMRMLScalarVolumeDisplayNode), "it was made with its volume"
        for center, width in windows:
            display.AddWindowLevelPreset(width, center)
        if windows:
            display.SetWindowLevelFromPreset(0)
        set_quantity(node, *_QUANTITIES[document["sop_class"]])
        add_series_item(self._scene, series_place(request, document), node)
        node.SetAttribute("DICOM.instanceNumbers", " ".join(_instance_numbers(document["instance_numbers"])))
        provenance.mark(node, {provenance.FRAME_ATTRIBUTE: document["frame_of_reference_uid"]})
        return node


class _Watched:
    """Shows the slices that have come, at most a few times a second; ``sets_window``: in a window that fits them."""

    def __init__(
        self, node: vtkMRMLScalarVolumeNode, seen: Callable[[vtkMRMLScalarVolumeNode], object], on_progress: OnProgress, sets_window: bool
    ) -> None:
        self._node = node
        self._window: tuple[float, float] | None = _ANY_WINDOW if sets_window else None
        self._seen: Callable[[vtkMRMLScalarVolumeNode], object] | None = seen
        self._on_progress = on_progress
        self._last = time.monotonic()

    def progressed(self, progress: Progress) -> None:
        self._on_progress(progress)
        if progress.done and time.monotonic() - self._last > _LOOK_S:
            self.look()

    def look(self, whole: bool = False) -> None:
        """At what is there now."""
        self._last = time.monotonic()
        image = self._node.GetImageData()
        if image is None or self._node.GetScene() is None:
            return
        image.GetPointData().GetScalars().Modified()
        self._fit_window(whole)
        image.Modified()
        seen, self._seen = self._seen, None
        if seen is not None:
            seen(self._node)

    def _fit_window(self, whole: bool) -> None:
        """Unless somebody chose one meanwhile."""
        from slicer import vtkMRMLScalarVolumeDisplayNode

        display = self._node.GetDisplayNode()
        if self._window is None or not isinstance(display, vtkMRMLScalarVolumeDisplayNode):
            return
        if (display.GetWindow(), display.GetLevel()) != self._window:
            self._window = None
            return
        self._window = _window_of(self._node, whole)
        display.SetWindowLevel(*self._window)


def _stated_window(document: Plain) -> tuple[float, float] | None:
    """Width and center; CT is measured in a known unit."""
    windows = document["windows"]
    if windows:
        return windows[0][1], windows[0][0]
    return SOFT_TISSUE if document["sop_class"] == CT_IMAGE and wants(Look.WINDOW) else None


def _window_of(node: vtkMRMLScalarVolumeNode, whole: bool) -> tuple[float, float]:
    """Width and center that suit the voxels, or until all have come those of the slice in the middle, which comes first."""
    import numpy as np
    from vtkmodules.util.numpy_support import vtk_to_numpy

    image = node.GetImageData()
    assert image is not None, "it was made with its volume"
    columns, rows, depth = image.GetDimensions()
    voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(depth, rows, columns)
    planes = voxels[:: max(1, depth // _PLANES)] if whole else voxels[depth // 2 : depth // 2 + 1]
    step = max(1, int((planes.size / _SAMPLE) ** 0.5))
    low, high = (float(value) for value in np.percentile(planes[:, ::step, ::step], _ENDS))
    return max(high - low, 1.0), (low + high) / 2


def _sop_class_of(path: str) -> str:
    import slicer

    database = slicer.app.dicomDatabase()
    return str(database.fileValue(path, SOP_CLASS_UID)) if database is not None else ""


def _instance_numbers(numbers: Sequence[int]) -> list[str]:
    """As Slicer's plugin writes them; a series in which each is 0 states none."""
    return [str(number) if any(numbers) else "?" for number in numbers]


def _name(document: Plain) -> str:
    """As Slicer's plugin names it."""
    name = document["series_description"] or "Unnamed Series"
    if document["series_number"]:
        name = f"{document['series_number']}: {name}"
    for character, instead in (("|", "-"), ("/", "-"), ("\\", "-"), ("*", "(star)")):
        name = name.replace(character, instead)
    return name
