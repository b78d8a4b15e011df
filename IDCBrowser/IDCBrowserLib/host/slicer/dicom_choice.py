"""What the DICOM plugins of IDC Browser are called in Slicer, and what the user wants a SEG or RTSTRUCT to become."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.scene.labelmap_nodes import LoadAs

PLUGIN_NAMES = ("IDCBrowserSegmentationPlugin", "IDCBrowserStructureSetPlugin")
# The index of the choice on the page: in this order.
LOAD_AS_SETTING = "IDCBrowser/LoadSegmentationsAs"
_CHOICES = (LoadAs.BOTH, LoadAs.SEGMENTATION, LoadAs.LABEL_VOLUME)


def wanted_nodes() -> LoadAs:
    """What a SEG or RTSTRUCT becomes: both, unless the user chose one."""
    value = str(QtCore.QSettings().value(LOAD_AS_SETTING, 0))
    return _CHOICES[int(value)] if value in ("0", "1", "2") else LoadAs.BOTH
