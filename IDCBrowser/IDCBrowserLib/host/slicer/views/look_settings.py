"""What Slicer's views do with what was loaded: settings, all on until switched off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore

# Width and center in Hounsfield units: the window that CT is commonly first read with.
SOFT_TISSUE = (400.0, 40.0)


class Look(str, Enum):
    """Keys of the settings."""

    LAYOUT = "IDCBrowser/FirstLook/Layout"
    WINDOW = "IDCBrowser/FirstLook/Window"
    SLICES = "IDCBrowser/FirstLook/DensestSlices"
    LEGEND = "IDCBrowser/FirstLook/Legend"
    SEGMENTS = "IDCBrowser/FirstLook/ShowSegments"


def wants(look: Look) -> bool:
    """Whether the user wants it. An INI file gives a bool back as a text."""
    return str(QtCore.QSettings().value(look.value, True)).lower() not in ("false", "0", "none")


def words() -> Mapping[Look, str]:
    """What each does, for the page in the settings."""
    return {
        Look.LAYOUT: _("Four views, or two for PET over CT, unless the scene held data before"),
        Look.WINDOW: _("Window and level of the modality where the images state none"),
        Look.SLICES: _("Slices with most of the segmentation"),
        Look.LEGEND: _("The panel of segments, with names and colors, opened"),
        Look.SEGMENTS: _("Segments visible"),
    }
