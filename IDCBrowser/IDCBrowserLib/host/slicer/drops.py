"""Manifests that are dropped on Slicer's window open at once.

Slicer asks for a reader whenever more than one file dialog accepts a drop, and its own for any data always does (``qSlicerIOManager::dropEvent``,
Base/QTGUI/qSlicerIOManager.cxx). A manifest has one meaningful reader, so its drop is taken before Slicer sees it; every other drop is left alone.
"""

from __future__ import annotations

from typing import cast

from IDCBrowserLib.host.links import are_manifests
from IDCBrowserLib.host.slicer.opening import dropped_files, open_sources
from IDCBrowserLib.qtbinding import QtCore, QtGui

_DROP = QtCore.QEvent.Type.Drop


class ManifestDrops(QtCore.QObject):
    """An event filter for Slicer's main window."""

    def eventFilter(self, _watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """True for the drop of manifests alone."""
        return event.type() == _DROP and self._take(cast("QtGui.QDropEvent", event))

    def _take(self, event: QtGui.QDropEvent) -> bool:
        files = dropped_files(event.mimeData())
        if not are_manifests(files):
            return False
        event.acceptProposedAction()
        # Later: the program that the files come from waits for the drop to end.
        QtCore.QTimer.singleShot(0, lambda: open_sources(files))
        return True


def start() -> None:
    """Watch the main window, where there is one, until Slicer ends; once per Slicer, also when the module is loaded again."""
    import slicer

    window = slicer.util.mainWindow()
    former = getattr(slicer.modules, "idcBrowserStopDrops", None)
    if former is not None:
        # That of an earlier load of the module, all of which the connection would keep.
        former()
    if window is None:
        return
    slicer.modules.idcBrowserDrops = ManifestDrops()
    window.installEventFilter(slicer.modules.idcBrowserDrops)
    slicer.modules.idcBrowserStopDrops = stop
    slicer.app.aboutToQuit.connect(stop)


def stop() -> None:
    """Let go of the main window; may be called twice."""
    import slicer

    drops = getattr(slicer.modules, "idcBrowserDrops", None)
    window = slicer.util.mainWindow()
    if drops is None:
        return
    if window is not None:
        window.removeEventFilter(drops)
    slicer.app.aboutToQuit.disconnect(stop)
    slicer.modules.idcBrowserDrops = slicer.modules.idcBrowserStopDrops = None
