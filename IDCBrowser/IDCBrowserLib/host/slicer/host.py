"""What the panels need from Slicer: settings, folders, dialogs, links, its database and its scene.

Signatures (Slicer 5.12): ``qt.QSettings()`` is Slicer's own (organization and application are set by qSlicerCoreApplication),
``slicer.util.mainWindow()`` gives None without a window (Base/Python/slicer/util.py), ``slicer.dicomDatabaseDirectorySettingsKey`` and the
folder below Documents as in ``initializeDICOMDatabase`` (Modules/Scripted/DICOM/DICOM.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from IDCBrowserLib import site_defaults
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.host.choosing import choose_manifests
from IDCBrowserLib.host.slicer.dicom.database import SlicerStore
from IDCBrowserLib.host.slicer.dicom.database_state import open_database
from IDCBrowserLib.host.slicer.segmenters import SlicerSegmenters
from IDCBrowserLib.host_interface import Capability
from IDCBrowserLib.logic.base.settings_keys import slide_pixels, suv_kind
from IDCBrowserLib.logic.browser import DOWNLOAD_FOLDER_KEY
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.fields import choose_file
from IDCBrowserLib.ui.widgets.question import ask
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file
from IDCBrowserLib.ui.widgets.shortcuts import SLICER_PLACES

SETTINGS_GROUP = "IDCBrowser"
_DOWNLOADS = "IDCLocal"
# Of the extension that this one succeeds; outside any group there.
_FORMER_CUSTOM_KEY = "IDCCustomStoragePath"
_FORMER_DEFAULT_KEY = "IDCDefaultStoragePath"


class SlicerSettings:
    """``Settings`` in Slicer's own QSettings."""

    def value(self, key: str, default: str) -> str:
        """See ``Settings``."""
        return read_setting(f"{SETTINGS_GROUP}/{key}", site_defaults.setting(key) or default)

    def set_value(self, key: str, value: str) -> None:
        """See ``Settings``."""
        QtCore.QSettings().setValue(f"{SETTINGS_GROUP}/{key}", value)


class SlicerHost:
    """``Host`` for the panels in Slicer; ``client`` asks the engine. Loading looks up its scene when it is first used."""

    name = "3D Slicer"
    key_places = SLICER_PLACES

    def __init__(self, client: EngineClient) -> None:
        from IDCBrowserLib.host.slicer.loading import SlicerLoader

        self.settings = SlicerSettings()
        self.store = SlicerStore(client, lambda: self.download_folder)
        self.loader = SlicerLoader(
            client, self.store, confirm=self.confirm, suv_kind=partial(suv_kind, self.settings), slide_pixels=partial(slide_pixels, self.settings)
        )
        self.segmenters = SlicerSegmenters()
        self.capabilities = frozenset(Capability)

    def close(self) -> None:
        """Stop what runs."""
        self.loader.close()
        self.store.close()

    def why_not(self, capability: Capability) -> str:
        """See ``Host``; Slicer can do all of it."""
        return ""

    def choose_folder(self, title: str, start: str) -> str:
        """See ``Host``."""
        return choose_folder(title, start)

    def choose_open_file(self, title: str, kinds: str) -> str:
        """See ``Host``."""
        import slicer

        return choose_file(slicer.util.mainWindow(), title, kinds)

    def choose_manifests(self) -> list[str]:
        """Manifests the user picked; none when canceled."""
        import slicer

        return choose_manifests(slicer.util.mainWindow())

    def choose_save_file(self, title: str, start: str, kinds: str) -> str:
        """See ``Host``."""
        import slicer

        return choose_save_file(slicer.util.mainWindow(), title, start, kinds)

    def open_url(self, url: str) -> None:
        """See ``Host``."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl(url))

    def open_file(self, path: str) -> None:
        """See ``Host``."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(path))

    def run_program(self, program: str, arguments: Sequence[str]) -> bool:
        """See ``Host``."""
        return bool(QtCore.QProcess.startDetached(program, list(arguments)))

    def confirm(self, question: str, on_answer: Callable[[bool], None]) -> None:
        """See ``Host``."""
        import slicer

        ask(slicer.util.mainWindow(), question, on_answer)

    @property
    def download_folder(self) -> str:
        """See ``download_folder``."""
        return download_folder()


def read_setting(key: str, default: str) -> str:
    """A text of Slicer's settings; a file name with commas comes back from an INI file as several texts."""
    stored = QtCore.QSettings().value(key, default)
    if isinstance(stored, (list, tuple)):
        return ",".join(str(part) for part in stored)
    return default if stored is None else str(stored)


def download_folder() -> str:
    """The user's choice here, else the one in the former extension, else ``IDCLocal`` below the DICOM database, where that put its downloads.

    Computed each time, so that it follows the database; the former extension's default counts only while its folder is there.
    """
    chosen = read_setting(f"{SETTINGS_GROUP}/{DOWNLOAD_FOLDER_KEY}", "") or str(site_defaults.folder(site_defaults.DOWNLOAD_FOLDER) or "")
    if chosen:
        return chosen
    former = read_setting(_FORMER_CUSTOM_KEY, "")
    if former and os.path.isdir(former):
        return former
    folder = os.path.join(database_folder(), _DOWNLOADS)
    former = read_setting(_FORMER_DEFAULT_KEY, "")
    if former and os.path.isdir(former) and not os.path.isdir(folder):
        return former
    return folder


def database_folder() -> str:
    """Of Slicer's DICOM database, also while it is closed: then where Slicer looks for it."""
    import slicer

    database = open_database()
    folder = "" if database is None or database.isInMemory else str(database.databaseDirectory)
    key = str(getattr(slicer, "dicomDatabaseDirectorySettingsKey", ""))
    if not folder and key:
        folder = read_setting(key, "")
    documents = str(QtCore.QStandardPaths.writableLocation(QtCore.QStandardPaths.StandardLocation.DocumentsLocation))
    return folder or os.path.join(documents, "SlicerDICOMDatabase")


def choose_folder(title: str, start: str) -> str:
    """A folder the user picked, or "" when canceled."""
    import slicer

    return str(QtWidgets.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), title, start) or "")
