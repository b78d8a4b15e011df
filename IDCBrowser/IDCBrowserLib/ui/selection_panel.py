"""What is selected, what it weighs, under which licenses, and the buttons that fetch it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from IDCBrowserLib.host.interface import Capability
from IDCBrowserLib.selection.plan import is_noncommercial
from IDCBrowserLib.ui.browser import Browser
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.icons import pixmap
from IDCBrowserLib.ui.qtbinding import QtWidgets
from IDCBrowserLib.ui.state import JobState, SelectionState
from IDCBrowserLib.ui.widgets import SPACING, bold, button, column, icon_label, label, row
from IDCBrowserLib.wording import human_count, human_size

_ICON_PIXELS = 18
_MAX_NAMES = 8


class SelectionPanel:
    """Draws ``browser.selection``; "Download", "Download and load", the folder and whether referenced images come along."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._total = bold(label("selectionTotal", "", True))
        self._levels = label("selectionLevels", "", True)
        self._modalities = label("selectionModalities", "", True)
        self._licenses = label("selectionLicenses", "", True)
        self._restricted_icon = icon_label("noncommercialIcon")
        self._restricted_icon.setPixmap(pixmap("warning", _ICON_PIXELS))
        self._restricted = bold(label("noncommercialText", "", True))
        self._folder = QtWidgets.QLineEdit()
        self._set_up_folder()
        self._change = button("changeFolderButton", _("C&hange ..."), _("Choose the folder for downloads."))
        self._references = QtWidgets.QCheckBox(_("&With the images that segmentations refer to"))
        self._references.setObjectName("withReferences")
        self._references.setToolTip(_("A SEG or RTSTRUCT is shown over its image; this fetches the image too."))
        self._references.setChecked(browser.with_references)
        self.download_button = button("downloadButton", _("&Download"), "")
        self.load_button = button("downloadAndLoadButton", _("Download and &load"), "")
        self.load_button.setDefault(True)
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("selectionPanel")
        self.widget.setLayout(self._layout())
        self._connect()
        self._draw(browser.selection)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.selection_changed.disconnect(self._draw)
        self._browser.folder_changed.disconnect(self._draw_folder)
        self._browser.job.changed.disconnect(self._job_changed)

    def _layout(self) -> Any:
        restricted = row([self._restricted_icon, self._restricted])
        restricted.setStretch(1, 1)
        folder_label = QtWidgets.QLabel(_("To:"))
        folder_label.setBuddy(self._folder)
        return column([
            self._total, self._levels, self._modalities, self._licenses, restricted, None, self._references,
            row([folder_label, self._folder, self._change]), row([self.download_button, self.load_button]),
        ], SPACING)

    def _set_up_folder(self) -> None:
        self._folder.setObjectName("downloadFolder")
        self._folder.setReadOnly(True)
        self._folder.setAccessibleName(_("Folder for downloads"))
        self._draw_folder(self._browser.host.download_folder)

    def _connect(self) -> None:
        browser = self._browser
        can_choose = Capability.CHOOSE_FOLDER in browser.host.capabilities
        self._change.setEnabled(can_choose)
        if not can_choose:
            self._change.setToolTip(browser.host.why_not(Capability.CHOOSE_FOLDER))
        self._change.clicked.connect(browser.choose_folder)
        self._references.toggled.connect(self._set_references)
        self.download_button.clicked.connect(lambda: browser.download(False))
        self.load_button.clicked.connect(lambda: browser.download(True))
        browser.selection_changed.connect(self._draw)
        browser.folder_changed.connect(self._draw_folder)
        browser.job.changed.connect(self._job_changed)

    def _set_references(self, checked: bool) -> None:
        self._browser.with_references = bool(checked)

    def _job_changed(self, _state: JobState) -> None:
        self._draw_buttons()

    def _draw_folder(self, folder: str) -> None:
        self._folder.setText(folder)
        self._folder.setToolTip(folder)
        self._folder.setCursorPosition(0)

    def _draw(self, state: SelectionState) -> None:
        summary = state.summary
        restricted = _restricted_text(summary["licenses"]) if summary else ""
        self._total.setText(_total_text(state))
        for part, text in (
            (self._levels, _levels_text(summary) if summary else _hint(state)),
            (self._modalities, _names_text(_("Modalities: {names}"), summary["modalities"]) if summary else ""),
            (self._licenses, _names_text(_("Licenses: {names}"), summary["licenses"]) if summary else ""),
            (self._restricted, restricted),
        ):
            part.setText(text)
            part.setVisible(bool(text))
        self._restricted_icon.setVisible(bool(restricted))
        self._draw_buttons()

    def _draw_buttons(self) -> None:
        browser = self._browser
        tips = (_("Fetch the selection and add it to the DICOM database."), _("Fetch the selection and show it with its segmentations."))
        for made, load, tip in ((self.download_button, False, tips[0]), (self.load_button, True, tips[1])):
            reason = browser.why_not_download(load)
            made.setEnabled(not reason)
            made.setToolTip(reason or tip)
            made.setAccessibleDescription(reason or tip)


def _total_text(state: SelectionState) -> str:
    if not state.level:
        return _("Nothing selected")
    if state.summary is None:
        return state.error or _("Counting ...")
    series = human_count(state.summary["series"], _("series"), _("series"))
    return _("{series}, {size}").format(series=series, size=human_size(state.summary["bytes"]))


def _hint(state: SelectionState) -> str:
    return "" if state.level else _("Select collections, cases, studies or series in the tables above; here they are downloaded.")


def _levels_text(summary: Mapping[str, Any]) -> str:
    return ", ".join([
        human_count(summary["studies"], _("study"), _("studies")), human_count(summary["cases"], _("case"), _("cases")),
        human_count(summary["collections"], _("collection"), _("collections")),
    ])


def _names_text(sentence: str, names: Mapping[str, int]) -> str:
    shown = [f"{name or '-'} ({number:,})" for name, number in list(names.items())[:_MAX_NAMES]]
    if len(names) > _MAX_NAMES:
        shown.append(_("{count} more").format(count=len(names) - _MAX_NAMES))
    return sentence.format(names=", ".join(shown)) if shown else ""


def _restricted_text(licenses: Mapping[str, int]) -> str:
    names = {name: number for name, number in licenses.items() if is_noncommercial(name)}
    return _("No commercial use: {names}").format(names=", ".join(f"{name} ({number:,} series)" for name, number in names.items())) if names else ""
