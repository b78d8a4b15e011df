"""What the panels need from the standalone program: settings, folders, dialogs, links, the engine's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib import paths, site_defaults
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.host.choosing import choose_manifests
from IDCBrowserLib.host.engine_store import EngineStore
from IDCBrowserLib.host_interface import Capability, NoSegmenters, SeriesLoader
from IDCBrowserLib.logic.browser import DOWNLOAD_FOLDER_KEY
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.fields import choose_file
from IDCBrowserLib.ui.widgets.question import ask
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file
from IDCBrowserLib.ui.widgets.shortcuts import WINDOW_PLACES

_SETTINGS_GROUP = "IDCBrowser"


class StandaloneSettings:
    """``Settings`` in QSettings; ``overrides`` hold for this run until the user sets another value."""

    def __init__(self, file: str = "", overrides: dict[str, str] | None = None) -> None:
        if file:
            self._settings = QtCore.QSettings(file, QtCore.QSettings.Format.IniFormat)
        else:
            self._settings = QtCore.QSettings("IDCBrowser", "IDCBrowser")
        self._overrides = {key: value for key, value in (overrides or {}).items() if value}

    def value(self, key: str, default: str) -> str:
        """See ``Settings``."""
        stored = self._overrides.get(key) or self._settings.value(f"{_SETTINGS_GROUP}/{key}", None)
        return (site_defaults.setting(key) or default) if stored is None else str(stored)

    def set_value(self, key: str, value: str) -> None:
        """See ``Settings``."""
        self._overrides.pop(key, None)
        self._settings.setValue(f"{_SETTINGS_GROUP}/{key}", value)


class StandaloneHost:
    """``Host`` of this program. ``parent()`` gives the window for dialogs; ``database`` is a folder."""

    name = "standalone"
    key_places = WINDOW_PLACES

    def __init__(
        self, engine: EngineClient, loader: SeriesLoader, settings: StandaloneSettings, database: str, parent: Callable[[], QtWidgets.QWidget]
    ) -> None:
        self._parent = parent
        self.capabilities = frozenset(Capability)
        self.settings = settings
        self.database = database
        self.store = EngineStore(engine, lambda: self.database, lambda: self.download_folder)
        self.loader = loader
        self.segmenters = NoSegmenters()

    def why_not(self, capability: Capability) -> str:
        """See ``Host``; this one can do all of it."""
        return ""

    def choose_folder(self, title: str, start: str) -> str:
        """See ``Host``."""
        return str(QtWidgets.QFileDialog.getExistingDirectory(self._parent(), title, start) or "")

    def choose_open_file(self, title: str, kinds: str) -> str:
        """See ``Host``."""
        return choose_file(self._parent(), title, kinds)

    def choose_save_file(self, title: str, start: str, kinds: str) -> str:
        """See ``Host``."""
        return choose_save_file(self._parent(), title, start, kinds)

    def choose_manifests(self) -> list[str]:
        """Manifests the user picked; none when canceled."""
        return choose_manifests(self._parent())

    def open_url(self, url: str) -> None:
        """See ``Host``."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl(url))

    def open_file(self, path: str) -> None:
        """See ``Host``."""
        QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(path))

    def run_program(self, program: str, arguments: Sequence[str]) -> bool:
        """See ``Host``."""
        is_started, _number = QtCore.QProcess.startDetached(program, list(arguments))
        return is_started

    def confirm(self, question: str, on_answer: Callable[[bool], None]) -> None:
        """See ``Host``."""
        ask(self._parent(), question, on_answer)

    @property
    def download_folder(self) -> str:
        """The folder of the command line, else the user's choice, else the default."""
        return self.settings.value(DOWNLOAD_FOLDER_KEY, "") or str(paths.default_download_folder())
