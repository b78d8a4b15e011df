"""The page "Help": the keys of the program, what it is, and what to send along with a question about it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.diagnostics import about, report
from IDCBrowserLib.qtbinding import BINDING, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, row
from IDCBrowserLib.ui.widgets.shortcuts import places, shortcuts
from IDCBrowserLib.whole_file import write_whole

_MARGIN = 6


class HelpPage:
    """See ``pages.Page``."""

    name = "help"

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.heading_changed: Signal[str] = Signal()
        self._text = QtWidgets.QTextBrowser()
        self._text.setObjectName("helpText")
        self._text.setAccessibleName(_("Help"))
        self._text.setToolTip(_("Keyboard shortcuts and information about this program."))
        self._text.setOpenLinks(False)
        self._copy = button("copyDiagnostics", _("Copy diagnostics"), _("Copy versions and folders to include with a question."))
        self._save = button("saveDiagnostics", _("Save diagnostics..."), _("Save versions and folders to a text file."))
        layout = column([self._text, row([self._copy, self._save, None])], _MARGIN)
        layout.setStretch(0, 1)
        self.widget = holder(layout, "helpPage")
        self._copy.clicked.connect(self._copy_diagnostics)
        self._save.clicked.connect(self._save_diagnostics)
        self.shown()

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Help")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._text.setHtml(_keys_html(self._browser.host.key_places) + "".join(f"<p>{escape(line)}</p>" for line in about(self._browser, BINDING)))

    def disconnect(self) -> None:
        """See ``pages.Page``."""

    def _copy_diagnostics(self) -> None:
        QtWidgets.QApplication.clipboard().setText(self._diagnostics())

    def _save_diagnostics(self) -> None:
        path = self._browser.host.choose_save_file(_("Save diagnostics"), "idc-browser diagnostics.txt", _("Text (*.txt)"))
        if not path:
            return
        try:
            write_whole(Path(path), self._diagnostics())
        except StorageError as error:
            self._browser.message.emit(Message(Kind.ERROR, str(error)))
        else:
            self._browser.message.emit(Message(Kind.SUCCESS, _("Diagnostics saved to {path}.").format(path=path)))

    def _diagnostics(self) -> str:
        return report(self._browser, BINDING)


def _keys_html(of_host: Sequence[str]) -> str:
    parts = [f"<h3>{escape(_('Keyboard shortcuts'))}</h3>"]
    for place, title in places(of_host).items():
        rows = "".join(
            f"<tr><td style='padding-right:18px'>{escape(item.label)}</td><td>{escape(item.text)}</td></tr>"
            for item in shortcuts().values()
            if item.where == place
        )
        parts.append(f"<p><b>{escape(title)}</b></p><table cellspacing='0' cellpadding='1'>{rows}</table>")
    return "".join(parts)
