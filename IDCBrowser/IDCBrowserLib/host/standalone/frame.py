"""The top-level window of the standalone program: reports when it is closed and what is dropped on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.host.links import MANIFEST_ENDINGS
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets

_MARGIN = 4


class MainWindow(QtWidgets.QMainWindow):
    """``on_close()`` when it is closed, ``on_drop(paths)`` when files were dropped on it."""

    def __init__(self, on_close: Callable[[], None], on_drop: Callable[[list[str]], None]) -> None:
        super().__init__()
        self._on_close = on_close
        self._on_drop = on_drop
        self.setAcceptDrops(True)

    def set_bottom(self, widget: QtWidgets.QWidget) -> None:
        """A widget below everything else, docks included: what opens beside something else does not move it."""
        line = self.statusBar()
        line.setSizeGripEnabled(False)
        line.setContentsMargins(_MARGIN, 0, _MARGIN, _MARGIN)
        # What is permanent is not covered by the texts of menus.
        line.addPermanentWidget(widget, 1)

    def closeEvent(self, event: QtGui.QCloseEvent) -> None:
        """Let the program end cleanly."""
        self._on_close()
        event.accept()

    def dragEnterEvent(self, event: QtGui.QDragEnterEvent) -> None:
        """Any file is taken; one that is no manifest is answered in place."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QtGui.QDropEvent) -> None:
        """Hand the files on."""
        paths = local_files(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self._on_drop(paths)


def local_files(data: QtCore.QMimeData) -> list[str]:
    """Paths of the files in a drag."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def why_no_manifests(paths: Sequence[str]) -> str:
    """A sentence when some of these files cannot be manifests, else ""."""
    wrong = [path for path in paths if Path(path).suffix.lower() not in MANIFEST_ENDINGS]
    if not wrong:
        return ""
    text = _('{name} is not a manifest ({suffixes}). For a folder of DICOM files use "Open DICOM folder" in the menu "File".')
    return text.format(name=Path(wrong[0]).name or wrong[0], suffixes=", ".join(MANIFEST_ENDINGS))


def add_action(window: QtWidgets.QWidget, menu: QtWidgets.QMenu, name: str, text: str, keys: str, do: Callable[[], object]) -> QtGui.QAction:
    """An entry of a menu, and its key."""
    action = QtGui.QAction(text, window)
    action.setObjectName(name)
    action.setShortcut(QtGui.QKeySequence(keys))
    action.triggered.connect(do)
    menu.addAction(action)
    return action
