"""The image that a SEG or RTSTRUCT was drawn on, offered to Slicer's DICOM module beside it: whole, and once.

Slicer's DICOM browser loads references like this (``loadCheckedLoadables``, Modules/Scripted/DICOMLib/DICOMBrowser.py, Slicer 5.12): it joins
``referencedInstanceUIDs`` of all loadables, those that are not ticked included, and asks about them. An instance that two of them name is loaded
twice into one volume; one that is named alone becomes a volume of one slice. A list is left out, and nothing is asked, where any loadable consists
of just these files. So our loadables name no instance, and this plugin has a loadable that consists of the whole image: it is loaded with what was
drawn on it, without a question. Its confidence is the lowest, so that a chosen image is loaded by the plugin that reads it best. It is a row of its
own under "Advanced", and follows the setting "Load referenced series: never".

Signatures: ``DICOMUtils.getDefaultPluginClassNames()``, ``getLoadablesFromFileLists(fileLists, pluginClassNames)``,
``selectHighestConfidenceLoadables``, ``loadLoadables`` (DICOMUtils.py), ``DICOMPlugin.defaultSeriesNodeName(uid)`` (DICOMPlugin.py),
setting ``DICOM/automaticallyLoadReferences`` with a button of ``QMessageBox`` (DICOM.py).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin

from IDCBrowserLib.dicom.sop_classes import DRAWN_ON_IMAGES
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.slicer.dicom import origins
from IDCBrowserLib.host.slicer.dicom.drawn_on import SOP_CLASS_UID, image_series
from IDCBrowserLib.host.slicer.dicom.load_as import PLUGIN_NAMES
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark, volumes_of_series

logger = logging.getLogger(__name__)

# Below every plugin that reads images.
_CONFIDENCE = 0.01
_REFERENCES = "DICOM/automaticallyLoadReferences"
# QMessageBox.No
_NEVER = "65536"


class ImagePlugin(DICOMPlugin):
    """Offers image series that are referred to and were not chosen."""

    def __init__(self) -> None:
        DICOMPlugin.__init__(self)
        self.loadType = _("Image of segmentation (IDC Browser)")

    def examineForImport(self, fileLists: Sequence[Sequence[str]]) -> list[DICOMLoadable]:
        """A loadable for each image series that objects among the files were drawn on and that is not among them."""
        if str(QtCore.QSettings().value(_REFERENCES, "")) == _NEVER:
            return []
        database = slicer.dicomDatabase
        chosen = {str(file) for files in fileLists for file in files}
        drawn = [path for path in chosen if database.fileValue(path, SOP_CLASS_UID) in DRAWN_ON_IMAGES]
        wanted = dict.fromkeys(uid for path in sorted(drawn) if (uid := _image_of(path)))
        return [self._loadable(uid) for uid in wanted if str(database.filesForSeries(uid, 1)[0]) not in chosen]

    def load(self, loadable: DICOMLoadable) -> bool:
        """By the plugin that reads it best; nothing where the scene has it."""
        if volumes_of_series(slicer.mrmlScene, loadable.uid):
            return True
        from DICOMLib import DICOMUtils

        others = [name for name in DICOMUtils.getDefaultPluginClassNames() if name not in PLUGIN_NAMES]
        loadables, _enabled = DICOMUtils.getLoadablesFromFileLists([list(loadable.files)], others)
        DICOMUtils.selectHighestConfidenceLoadables(loadables)
        made = [node for node in map(slicer.mrmlScene.GetNodeByID, filter(None, DICOMUtils.loadLoadables(loadables))) if node is not None]
        for node in made:
            # What was drawn on it looks for it by this, whichever plugin made it.
            mark(node, {SERIES_ATTRIBUTE: loadable.uid})
        if made:
            origins.learn(loadable.uid, loadable.files[0])
        return bool(made)

    def _loadable(self, series_uid: str) -> DICOMLoadable:
        loadable = DICOMLoadable()
        loadable.files = [str(file) for file in slicer.dicomDatabase.filesForSeries(series_uid)]
        loadable.name = self.defaultSeriesNodeName(series_uid)
        tip = _("The image that a chosen segmentation or structure set was drawn on, {count} files. Untick it to load that alone.")
        loadable.tooltip = tip.format(count=len(loadable.files))
        loadable.selected = True
        loadable.confidence = _CONFIDENCE
        loadable.uid = series_uid
        loadable.referencedInstanceUIDs = []
        return loadable


def _image_of(path: str) -> str:
    try:
        return image_series(slicer.dicomDatabase, path)
    except IDCBrowserError as error:
        logger.warning("%s", error)
        return ""
