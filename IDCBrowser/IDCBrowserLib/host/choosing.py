"""The dialog in which manifests are chosen, in both hosts."""

from __future__ import annotations

from IDCBrowserLib.host.links import MANIFEST_ENDINGS
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.fields import choose_files


def choose_manifests(parent: QtWidgets.QWidget | None) -> list[str]:
    """Files the user picked; none when canceled."""
    kinds = " ".join(f"*{ending}" for ending in MANIFEST_ENDINGS)
    return choose_files(parent, _("Open manifest"), _("Manifests and lists ({kinds})").format(kinds=kinds) + ";;" + _("All files (*)"))
