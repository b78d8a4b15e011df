"""The button beside a failure that copies its details for a bug report."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.diagnostics import failure_report
from IDCBrowserLib.qtbinding import BINDING, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import button


def copy_details_button(name: str) -> QtWidgets.QPushButton:
    """The button; its owner connects it."""
    return button(
        name, _("Copy details"), _("Copies the error, versions, settings and the end of the log to the clipboard, without names or passwords.")
    )


def copy_failure(browser: Browser, sentence: str) -> None:
    """Put the details of one failure on the clipboard."""
    QtWidgets.QApplication.clipboard().setText(failure_report(browser, BINDING, sentence))
