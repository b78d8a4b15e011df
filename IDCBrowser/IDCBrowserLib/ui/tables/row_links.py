"""Entries in the menu of a table that open what is selected on the web."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.host_interface import Capability
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.qtbinding import QtGui
from IDCBrowserLib.ui.widgets.plain_tip import plain

# (text, keys, what it does) -> the action, in the menu of the table
MakeAction = Callable[[str, str, Callable[[], None]], QtGui.QAction]


class RowLinks:
    """One for each kind of page that rows of a level have; what has none of a kind is told so."""

    def __init__(self, browser: Browser, level: str, make_action: MakeAction) -> None:
        viewer = (_("Open in the web &viewer (OHIF or Slim)"), "Ctrl+Shift+V", "viewer")
        volview = (_("Open in V&olView"), "", "volview")
        doi = (_("Open the &DOI page"), "", "doi")
        portal = (_("Open in the IDC &portal"), "", "portal")
        by_level = {"collections": (portal, doi), "cases": (portal,), "studies": (viewer, volview), "series": (viewer, volview, doi)}
        self._actions = []
        reason = "" if Capability.OPEN_LINKS in browser.host.capabilities else browser.host.why_not(Capability.OPEN_LINKS)
        for text, keys, kind in by_level.get(level, ()):
            action = make_action(text, keys, _opener(browser, level, kind))
            action.setObjectName(f"{level}Link_{kind}")
            action.setEnabled(not reason)
            action.setToolTip(plain(reason or text.replace("&", "")))
            self._actions.append(action)


def _opener(browser: Browser, level: str, kind: str) -> Callable[[], None]:
    return lambda: browser.page_links.open_selected(level, kind)
