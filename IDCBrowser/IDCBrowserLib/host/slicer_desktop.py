"""IDC Browser inside 3D Slicer: the module panel, the browser in the central area, and the host that both talk to.

Signatures (Slicer 5.12): ``slicer.app.majorVersion/minorVersion`` (Base/QTCore/qSlicerCoreApplication.h), ``slicer.app.slicerHome``,
``shutil.which("PythonSlicer")`` as Base/Python/slicer/util.py finds it, ``slicer.util.selectModule``, ``slicer.util.loadUI`` not used,
``slicer.modules.segmentations.logic()``; QSettings through ``qt.QSettings()``.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.interface import Capability
from IDCBrowserLib.host.slicer_database import SlicerStore
from IDCBrowserLib.host.slicer_layout import CentralView
from IDCBrowserLib.ui.browser import DOWNLOAD_FOLDER_KEY, Browser
from IDCBrowserLib.ui.browser_panel import BrowserPanel
from IDCBrowserLib.ui.engine_process import QtEngine
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.qtbinding import QtCore, QtGui, QtWidgets

_SETTINGS_GROUP = "IDCBrowser"
_DOWNLOADS = "IDCLocal"


class SlicerSettings:
    """``Settings`` in Slicer's own QSettings."""

    def value(self, key: str, default: str) -> str:
        """See ``Settings``."""
        stored = QtCore.QSettings().value(f"{_SETTINGS_GROUP}/{key}", default)
        return default if stored is None else str(stored)

    def set_value(self, key: str, value: str) -> None:
        """See ``Settings``."""
        QtCore.QSettings().setValue(f"{_SETTINGS_GROUP}/{key}", value)


class SlicerHost:
    """``Host`` for the panels in Slicer. ``use_client`` completes it once there is an engine."""

    name = "3D Slicer"

    def __init__(self) -> None:
        self.settings = SlicerSettings()
        self.store = SlicerStore(lambda: self.download_folder)
        self.capabilities = frozenset(Capability)
        self.loader: Any = None

    def use_client(self, client: Any) -> None:
        """Loading asks the engine for SEG and RTSTRUCT; images go through Slicer's DICOM plugins."""
        from IDCBrowserLib.host.slicer_loading import make_loader

        self.loader = make_loader(client, self.store)

    def why_not(self, capability: Capability) -> str:
        """See ``Host``; Slicer can do all of it."""
        return ""

    def choose_folder(self, title: str, start: str) -> str:
        """See ``Host``."""
        import slicer

        return str(QtWidgets.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), title, start) or "")

    def open_url(self, url: str) -> None:
        """See ``Host``."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl(url))

    @property
    def download_folder(self) -> str:
        """The user's choice, else ``IDCLocal`` below the DICOM database folder, where the existing extension put its downloads."""
        chosen = self.settings.value(DOWNLOAD_FOLDER_KEY, "")
        return chosen or str(Path(_database_folder()) / _DOWNLOADS)


class SlicerDesktop:
    """What a module widget holds: made in ``setup``, closed in ``cleanup``. The browser and its engine come with the first ``enter``."""

    def __init__(self, layout: Any, requirements_file: str, reason: str) -> None:
        self._requirements_file = requirements_file
        self._reason = reason
        self._engine: QtEngine | None = None
        self._browser: Browser | None = None
        self._panel: BrowserPanel | None = None
        self._view: CentralView | None = None
        self._text = QtWidgets.QLabel()
        self._text.setWordWrap(True)
        self._button = QtWidgets.QPushButton()
        self._button.clicked.connect(self._pressed)
        layout.addWidget(self._text)
        layout.addWidget(self._button)
        layout.addStretch(1)
        self._show_state()

    @property
    def browser(self) -> Browser | None:
        """The browser, once it was opened."""
        return self._browser

    def enter(self) -> None:
        """The module was selected: show the browser if its packages are there."""
        if self._engine is None and not self._reason and self._packages_are_there():
            self._open()
        if self._view is not None:
            self._view.show()
        self._show_state()

    def exit(self) -> None:
        """Another module was selected."""
        if self._view is not None:
            self._view.restore()

    def close(self) -> None:
        """End the engine and take the view out of Slicer; nothing stays connected."""
        if self._browser is not None:
            self._browser.close()
        if self._panel is not None:
            self._panel.close()
        if self._view is not None:
            self._view.close()
        if self._engine is not None:
            self._engine.close()
        self._engine = self._browser = self._panel = self._view = None
        self._button.clicked.disconnect(self._pressed)

    def _packages_are_there(self) -> bool:
        from IDCBrowserLib.host import slicer_packages

        return slicer_packages.are_installed(self._requirements_file)

    def _pressed(self) -> None:
        if self._view is not None:
            self._view.show()
            return
        from IDCBrowserLib.host import slicer_packages

        try:
            slicer_packages.install(self._requirements_file)
        except IDCBrowserError as error:
            self._text.setText(str(error))
            return
        self.enter()

    def _open(self) -> None:
        host = SlicerHost()
        self._engine = QtEngine(_python(), {})
        host.use_client(self._engine.client)
        self._browser = Browser(self._engine.client, host, _soon)
        self._panel = BrowserPanel(self._browser)
        self._view = CentralView(self._panel.widget)
        self._engine.start()
        self._browser.start()

    def _show_state(self) -> None:
        self._button.setVisible(not self._reason)
        if self._reason:
            self._text.setText(self._reason)
        elif self._view is None:
            text = _("IDC Browser needs a few Python packages to read the catalog and to download. Nothing is installed before you agree.")
            self._text.setText(text)
            self._button.setText(_("Install packages"))
        else:
            self._text.setText(_("The browser is shown in the central area. Select a collection there, then cases, studies or series."))
            self._button.setText(_("Show the browser"))


def why_not_this_slicer(minimum: tuple[int, int]) -> str:
    """A sentence when this Slicer is too old, else ""."""
    import slicer

    version = (int(slicer.app.majorVersion), int(slicer.app.minorVersion))
    if version >= minimum:
        return ""
    text = _("IDC Browser needs 3D Slicer {needed} or newer; this is {found}.")
    return text.format(needed=".".join(map(str, minimum)), found=".".join(map(str, version)))


def open_manifest(path: str) -> bool:
    """Show what a manifest would fetch, in the browser; the user decides there."""
    import slicer

    slicer.util.selectModule("IDCBrowser")
    desktop = getattr(slicer.modules.idcbrowser.widgetRepresentation().self(), "_desktop", None)
    if desktop is None or desktop.browser is None:
        return False
    desktop.browser.open_sources([path])
    return True


def forget_library() -> None:
    """Let the next import read the library anew (developers' Reload)."""
    for name in [name for name in sys.modules if name == "IDCBrowserLib" or name.startswith("IDCBrowserLib.")]:
        del sys.modules[name]


def _soon(function: Any) -> None:
    QtCore.QTimer.singleShot(0, function)


def _python() -> str:
    """The interpreter of the engine: PythonSlicer is on the PATH inside Slicer."""
    found = shutil.which("PythonSlicer")
    if found is None:
        raise IDCBrowserError(_("PythonSlicer was not found beside Slicer; reinstall Slicer."))
    return found


def _database_folder() -> str:
    import slicer

    database = getattr(slicer, "dicomDatabase", None)
    folder = str(database.databaseDirectory) if database is not None and database.isOpen else ""
    return folder or os.path.join(str(slicer.app.defaultScenePath), "SlicerDICOMDatabase")
