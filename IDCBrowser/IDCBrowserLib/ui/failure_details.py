"""The button beside a failure that copies its details for a bug report."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.diagnostics import failure_report
from IDCBrowserLib.qtbinding import BINDING, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button
from IDCBrowserLib.ui.widgets.plain_tip import plain

_MOST_SHOWN = 300


def copy_details_button(name: str) -> QtWidgets.QPushButton:
    """The button; its owner connects it."""
    return button(
        name, _("Copy details"), _("Copies the error, versions, settings and the end of the log to the clipboard, without names or passwords.")
    )


def copy_failure(browser: Browser, sentence: str) -> None:
    """Put the details of one failure on the clipboard."""
    QtWidgets.QApplication.clipboard().setText(failure_report(browser, BINDING, sentence))


class LastFailure:
    """``widget`` is such a button for whatever failed last, in whichever panel that is shown; hidden until something fails."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._sentence = ""
        self.widget = copy_details_button("failureCopy")
        self.widget.hide()
        self.widget.clicked.connect(self._copy)
        browser.failed.connect(self._show)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._browser.failed.disconnect(self._show)

    def _show(self, sentence: str) -> None:
        self._sentence = sentence
        tip = _("Copies the details of the last error, without names or passwords: {sentence}").format(sentence=sentence[:_MOST_SHOWN])
        self.widget.setToolTip(plain(tip))
        self.widget.setAccessibleDescription(tip)
        self.widget.show()

    def _copy(self) -> None:
        copy_failure(self._browser, self._sentence)
