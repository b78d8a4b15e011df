"""The sections "Downloads" and "Network" of the settings."""

from __future__ import annotations

import os

from IDCBrowserLib import network
from IDCBrowserLib.host_interface import Capability
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.settings.settings import BUNDLE, KEEP_FREE, LIMIT, PROXY, TABLES, DownloadSettings
from IDCBrowserLib.transfer.folders.template import DEFAULT, WORDS
from IDCBrowserLib.transfer.options import MAX_PARALLEL_FILES, MAX_RETRIES
from IDCBrowserLib.ui.widgets.building_blocks import button, column, label, row
from IDCBrowserLib.ui.widgets.fields import AmountField, ChoiceField, Field, NumberField, TextField, box, choose_file, form
from IDCBrowserLib.ui.widgets.plain_tip import plain

_ADDRESS = "address"
_MAX_LIMIT = 10_000.0
_MAX_KEPT_FREE = 100_000.0


class DownloadSection:
    """Where to and how much at once."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        settings = browser.settings
        self._folder = self._make_folder()
        self._shared = self._make_shared()
        self._fields: dict[str, Field] = {
            "layout": TextField(
                "settingsLayout",
                _("Subfolders"),
                _("Folders of series below the download folder, with the words of idc-index: {words}.").format(
                    words=", ".join(f"%{word}" for word in WORDS)
                ),
                DEFAULT,
                lambda text: settings.check("layout", text),
                lambda text: settings.put("layout", text),
            ),
            "provider": ChoiceField(
                "settingsProvider",
                _("&Provider"),
                _("Cloud provider to download from. Both hold the same files, free of charge."),
                [("auto", _("Amazon, or Google if Amazon fails")), ("aws", _("Amazon (AWS)")), ("gcs", _("Google (GCS)"))],
                lambda text: settings.put("provider", text),
            ),
            "jobs": NumberField(
                "settingsJobs",
                _("Files at &once"),
                _("Number of files transferred at the same time. Use fewer for a slow network or disk."),
                (1, MAX_PARALLEL_FILES),
                lambda text: settings.put("jobs", text),
            ),
            LIMIT: AmountField(
                "settingsLimit",
                _("Speed &limit"),
                _("Maximum download speed for all files together. Also applies to running downloads."),
                _MAX_LIMIT,
                _("MB/s"),
                _("No limit"),
                lambda text: settings.put(LIMIT, text),
            ),
            KEEP_FREE: AmountField(
                "settingsKeepFree",
                _("Keep free"),
                _("Disk space that downloads leave free, for other programs and people. Downloads wait until there is more."),
                _MAX_KEPT_FREE,
                _("GB"),
                _("Nothing"),
                lambda text: settings.put(KEEP_FREE, text),
            ),
            "retry_count": NumberField(
                "settingsRetries",
                _("Re&tries"),
                _("How often a failed request is repeated."),
                (0, MAX_RETRIES),
                lambda text: settings.put("retry_count", text),
            ),
        }
        self._restore = button("settingsRestore", _("&Restore defaults"), _("Reset the download and network settings to their defaults."))
        note = label("settingsNote", _("Changes apply to the next download; the speed limit applies immediately."), True)
        bottom = row([note, self._restore])
        bottom.setStretch(0, 1)
        self.widget = box("settingsDownloads", _("Downloads"), column([form([self._folder, self._shared, *self._fields.values()]), bottom], 6))
        self._restore.clicked.connect(settings.restore)
        settings.changed.connect(self._draw_one)
        browser.folder_changed.connect(self._draw_folder)
        browser.shared_folders.changed.connect(self._draw_shared)
        self.shown()

    def shown(self) -> None:
        """See ``settings_page.Section``."""
        self._draw_folder(self._browser.host.download_folder)
        self._draw_shared()
        for name in self._fields:
            self._draw_one(name)

    def disconnect(self) -> None:
        """See ``settings_page.Section``."""
        self._browser.settings.changed.disconnect(self._draw_one)
        self._browser.folder_changed.disconnect(self._draw_folder)
        self._browser.shared_folders.changed.disconnect(self._draw_shared)

    def _make_folder(self) -> TextField:
        change = button("settingsChangeFolder", _("C&hange..."), _("Choose the download folder."))
        host = self._browser.host
        if Capability.CHOOSE_FOLDER not in host.capabilities:
            change.setEnabled(False)
            change.setToolTip(host.why_not(Capability.CHOOSE_FOLDER))
        change.clicked.connect(self._browser.choose_folder)
        made = TextField("settingsFolder", _("Folder"), _("Folder for downloaded files."), "", lambda _text: None, lambda _text: None, [change])
        made.edit.setReadOnly(True)
        made.edit.setClearButtonEnabled(False)
        return made

    def _make_shared(self) -> TextField:
        add = button("settingsAddShared", _("Add..."), _("Choose one more folder to look in."))
        add.clicked.connect(self._add_shared)
        host = self._browser.host
        add.setEnabled(Capability.CHOOSE_FOLDER in host.capabilities)
        return TextField(
            "settingsShared",
            _("Also look in"),
            _("Folders with series that others keep, separated by {sign}. They are used where they are; nothing is written there.").format(
                sign=os.pathsep
            ),
            _("No other folders"),
            lambda _text: None,
            self._browser.shared_folders.put,
            [add],
        )

    def _add_shared(self, *_clicked: object) -> None:
        folder = self._browser.host.choose_folder(_("Folder with series that others keep"), "")
        if folder:
            self._browser.shared_folders.add(folder)

    def _draw_shared(self) -> None:
        shared = self._browser.shared_folders
        self._shared.show(shared.text)
        self._shared.set_problem(shared.problem)

    def _draw_folder(self, folder: str) -> None:
        self._folder.show(folder)
        self._folder.control.setToolTip(plain(folder))
        self._folder.edit.setCursorPosition(0)

    def _draw_one(self, name: str) -> None:
        if name in self._fields:
            draw(self._fields[name], self._browser.settings, name)


class NetworkSection:
    """The way to the servers."""

    def __init__(self, browser: Browser) -> None:
        self._settings = settings = browser.settings
        self._proxy_mode = ChoiceField(
            "settingsProxyKind",
            _("Pro&xy"),
            _("Whether to connect to the internet through a proxy."),
            [(network.ENVIRONMENT, _("System settings")), (network.NONE, _("No proxy")), (_ADDRESS, _("This address:"))],
            self._choose_way,
        )
        self._proxy = TextField(
            "settingsProxy",
            _("Proxy addr&ess"),
            _("Address of the proxy. With a name and password: http://name:password@host:port."),
            "http://proxy.example.org:8080",
            lambda text: settings.check(PROXY, text),
            self._put_proxy,
        )
        choose = button("settingsChooseBundle", _("Choose f&ile..."), _("Choose a certificate file (PEM)."))
        choose.clicked.connect(self._choose_bundle)
        bundle = TextField(
            "settingsBundle",
            _("Certific&ates"),
            _("Certificate file (PEM) to trust, for networks that replace the certificates of web sites."),
            _("Default certificates"),
            lambda text: settings.check(BUNDLE, text),
            lambda text: settings.put(BUNDLE, text),
            [choose],
        )
        endpoint = TextField(
            "settingsEndpoint",
            _("&Mirror"),
            _("Address of an S3 server with a copy of the IDC buckets."),
            _("IDC buckets"),
            lambda text: settings.check("endpoint_url", text),
            lambda text: settings.put("endpoint_url", text),
        )
        tables = TextField(
            "settingsTables",
            _("IDC's tables"),
            _("Folder, or s3://bucket/prefix, with the tables of measurements of IDC; {word} in it stands for the release.").format(word="{release}"),
            _("As IDC publishes them"),
            lambda text: settings.check(TABLES, text),
            lambda text: settings.put(TABLES, text),
        )
        self._fields: dict[str, Field] = {BUNDLE: bundle, "endpoint_url": endpoint, TABLES: tables}
        self.widget = box("settingsNetwork", _("Network"), column([form([self._proxy_mode, self._proxy, *self._fields.values()])], 6))
        settings.changed.connect(self._draw_one)
        self.shown()

    def shown(self) -> None:
        """See ``settings_page.Section``."""
        for name in (PROXY, *self._fields):
            self._draw_one(name)

    def disconnect(self) -> None:
        """See ``settings_page.Section``."""
        self._settings.changed.disconnect(self._draw_one)

    def _choose_way(self, way: str) -> None:
        if way == _ADDRESS:
            self._settings.check(PROXY, "http://")
            self._proxy.control.setFocus()
        else:
            self._settings.put(PROXY, way)

    def _put_proxy(self, text: str) -> None:
        if self._proxy_mode.chosen() == _ADDRESS:
            self._settings.put(PROXY, text)

    def _choose_bundle(self) -> None:
        path = choose_file(self.widget, _("Certificate file"), _("Certificates (*.pem *.crt *.cer);;All files (*)"))
        if path:
            self._settings.put(BUNDLE, path)

    def _draw_one(self, name: str) -> None:
        if name == PROXY:
            self._draw_proxy()
        elif name in self._fields:
            draw(self._fields[name], self._settings, name)

    def _draw_proxy(self) -> None:
        text = self._settings.text(PROXY)
        is_address = text not in (network.ENVIRONMENT, network.NONE)
        self._proxy_mode.show(_ADDRESS if is_address else text)
        self._proxy.show(text if is_address else "")
        self._proxy.set_problem(self._settings.problem(PROXY))
        for part in (self._proxy.label, self._proxy.widget):
            part.setVisible(is_address)


def draw(field: Field, settings: DownloadSettings, name: str) -> None:
    """A field as the settings are."""
    field.show(settings.text(name))
    field.set_problem(settings.problem(name))
    field.set_fixed(_("Set on the command line; it applies until the program is closed.") if settings.is_given(name) else "")
