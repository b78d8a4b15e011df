"""Names of the DICOM plugins of IDC Browser in Slicer, and the setting that says which nodes a SEG or RTSTRUCT is loaded as."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs

SEGMENTATION_PLUGIN, STRUCTURE_SET_PLUGIN, IMAGE_PLUGIN = "IDCBrowserSegmentationPlugin", "IDCBrowserStructureSetPlugin", "IDCBrowserImagePlugin"
PLUGIN_NAMES = (SEGMENTATION_PLUGIN, STRUCTURE_SET_PLUGIN, IMAGE_PLUGIN)
# The setting stores the index of the option, in this order.
LOAD_AS_SETTING = "IDCBrowser/LoadSegmentationsAs"
_OPTIONS = (LoadAs.BOTH, LoadAs.SEGMENTATION, LoadAs.LABELMAP_VOLUME)


def nodes_to_load() -> LoadAs:
    """The nodes that a SEG or RTSTRUCT is loaded as: both, unless the user chose one."""
    value = str(QtCore.QSettings().value(LOAD_AS_SETTING, 0))
    return _OPTIONS[int(value)] if value in ("0", "1", "2") else LoadAs.BOTH
