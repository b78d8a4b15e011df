"""SEG and RTSTRUCT for Slicer's DICOM module, by this project's code. Imported after startup only, since DICOMLib is.

Signatures (Slicer 5.12): ``DICOMPlugin.examineFiles(files)``, ``load(loadable)``, ``tags``, ``DICOMLoadable`` (Modules/Scripted/DICOMLib/
DICOMPlugin.py), registration in ``slicer.modules.dicomPlugins`` (DICOMSegmentationPlugin.py, whose confidence is 0.95),
``slicer.dicomDatabase.fileValue(path, tag)``, ``filesForSeries(uid)`` (ctkDICOMDatabase.h).

Converting happens here, in Slicer's process: ``load`` has to return with the nodes made, so a child process could only be waited for. The
conversion takes about as long as reading the file.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin

from IDCBrowserLib.dicom import sop_classes
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.scene_loader import ALREADY_LOADED
from IDCBrowserLib.host.slicer.dicom import origins
from IDCBrowserLib.host.slicer.dicom.drawn_on import files_of, image_series, referenced_series
from IDCBrowserLib.host.slicer.dicom.load_as import IMAGE_PLUGIN, PLUGIN_NAMES, SEGMENTATION_PLUGIN, STRUCTURE_SET_PLUGIN, nodes_to_load
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.scene.provenance import instances_of, nodes_of_series, volumes_of_series

logger = logging.getLogger(__name__)

# Just above the built-in plugin for SEG.
_CONFIDENCE = 0.96


class _LabelmapPlugin(DICOMPlugin):
    """Examines by SOP class, since some series that say SEG hold images."""

    sop_classes: tuple[str, ...] = ()
    modality = ""

    def __init__(self) -> None:
        DICOMPlugin.__init__(self)
        self.loadType = f"IDC Browser {self.modality}"

    def examineFiles(self, files: Sequence[str]) -> list[DICOMLoadable]:
        """A loadable for each object of these classes."""
        database = slicer.dicomDatabase
        return [self._loadable(path) for path in files if database.fileValue(path, self.tags["sopClassUID"]) in self.sop_classes]

    def load(self, loadable: DICOMLoadable) -> bool:
        """Convert and put into the scene; what is there already is not loaded twice."""
        path = loadable.files[0]
        if _nodes_of(path):
            slicer.util.showStatusMessage(f"{loadable.name}: {ALREADY_LOADED}", 10000)
            return True
        try:
            made = _convert(path, self.modality)
        except IDCBrowserError as error:
            # DICOMLib only says that it failed.
            logger.error("%s", error)
            slicer.util.showStatusMessage(str(error), 10000)
            return False
        if made:
            origins.learn(str(slicer.dicomDatabase.fileValue(path, self.tags["seriesInstanceUID"])), path)
        return bool(made)

    def _loadable(self, path: str) -> DICOMLoadable:
        database = slicer.dicomDatabase
        loadable = DICOMLoadable()
        loadable.files = [path]
        description = database.fileValue(path, self.tags["seriesDescription"]) or self.modality
        loadable.name = description
        loadable.tooltip = _("{name} - as segmentation and labelmap volume (IDC Browser)").format(name=description)
        loadable.selected = True
        loadable.confidence = _CONFIDENCE
        loadable.uid = database.fileValue(path, self.tags["instanceUID"])
        # The image is offered by ``ImagePlugin``, which says why.
        loadable.referencedInstanceUIDs = []
        try:
            loadable.referencedSeriesUID = image_series(database, path) or next(iter(referenced_series(path)), "")
        except IDCBrowserError as error:
            # Another plugin may still read it.
            loadable.warning = str(error)
            loadable.confidence = 0.1
        return loadable


class SegmentationPlugin(_LabelmapPlugin):
    """DICOM SEG and label map SEG."""

    sop_classes = sop_classes.SEGMENTATIONS
    modality = "SEG"


class StructureSetPlugin(_LabelmapPlugin):
    """RT structure sets."""

    sop_classes = (sop_classes.RT_STRUCTURE_SET,)
    modality = "RTSTRUCT"


def register() -> None:
    """Into ``slicer.modules.dicomPlugins``, instead of what an earlier load of this module put there.

    The image comes first of all plugins, so that it is in the scene before what was drawn on it, whichever plugin loads that.
    """
    from IDCBrowserLib.host.slicer.dicom.image_plugin import ImagePlugin

    plugins = getattr(slicer.modules, "dicomPlugins", {})
    others = {name: plugin for name, plugin in plugins.items() if name not in PLUGIN_NAMES}
    plugins.clear()
    plugins[IMAGE_PLUGIN] = ImagePlugin
    plugins.update(others)
    plugins[SEGMENTATION_PLUGIN] = SegmentationPlugin
    plugins[STRUCTURE_SET_PLUGIN] = StructureSetPlugin
    slicer.modules.dicomPlugins = plugins


def _nodes_of(path: str) -> Sequence[slicer.vtkMRMLNode]:
    """Nodes made of this very instance before, by whichever plugin."""
    database = slicer.dicomDatabase
    instance = str(database.fileValue(path, "0008,0018"))
    nodes = nodes_of_series(slicer.mrmlScene, str(database.fileValue(path, "0020,000E")))
    return [node for node in nodes if instance in instances_of(slicer.mrmlScene, node)]


def _convert(path: str, modality: str) -> Sequence[slicer.vtkMRMLNode]:
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.scene.segments.labelmap_nodes import add_labelmap

    database, scene = slicer.dicomDatabase, slicer.mrmlScene
    images = referenced_series(path)
    parts = convert_parts(path, files_of(database, images) or None, ConvertOptions(even=True))
    volumes = [node for uid in images for node in volumes_of_series(scene, uid)]
    series_uid = str(database.fileValue(path, "0020,000E"))
    return [node for part in parts for node in add_labelmap(scene, part, series_uid, volumes, modality, nodes_to_load()).nodes]
