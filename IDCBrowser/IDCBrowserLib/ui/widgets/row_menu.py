"""The part of a menu that is the same for every table and list whose rows name something in IDC."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.picking.selection_actions import CitedPart
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.views import view_action

MENU = "rowMenu"


class RowMenu:
    """``rows()`` gives what the selected rows name, None where they name nothing; ``show_folder`` shows where they are
    where that is known already. Keep this object while the view lives.
    """

    def __init__(
        self,
        browser: Browser,
        view: QtWidgets.QWidget,
        rows: Callable[[], NamedRows | None],
        show_folder: Callable[[], None] | None = None,
    ) -> None:
        self._browser = browser
        self._rows = rows
        self._actions = [
            view_action(view, _("&Download"), "", lambda: self._do(lambda named: browser.rows.download(named, False))),
            view_action(view, _("Download and &load"), "", lambda: self._do(lambda named: browser.rows.download(named, True))),
            view_action(view, _("Show &folder"), "", show_folder or (lambda: self._do(browser.rows.show_folder))),
            view_action(view, _("Copy &UIDs"), "", lambda: self._do(self._copy_ids)),
            view_action(view, _("Copy &methods text"), "", lambda: self._do(lambda named: self._cite(named, "methods"))),
            view_action(view, _("Copy c&itations"), "", lambda: self._do(lambda named: self._cite(named, "references"))),
            view_action(view, _("Open in the web &viewer (OHIF or Slim)"), "", lambda: self._do(self._open)),
        ]
        view.setProperty(MENU, True)

    def _do(self, act: Callable[[NamedRows], object]) -> None:
        named = self._rows()
        if named is None or not named["ids"]:
            self._browser.message.emit(Message(Kind.INFO, _("Select a row first.")))
        else:
            act(named)

    def _copy_ids(self, named: NamedRows) -> None:
        QtWidgets.QApplication.clipboard().setText("\n".join(named["ids"]))
        self._browser.message.emit(Message(Kind.INFO, _("{count} copied to the clipboard.").format(count=f"{len(named['ids']):,}")))

    def _cite(self, named: NamedRows, part: CitedPart) -> None:
        self._browser.rows.cite(named, part, QtWidgets.QApplication.clipboard().setText)

    def _open(self, named: NamedRows) -> None:
        self._browser.page_links.open(named["level"], named["ids"][0], "viewer")
