"""An entry of the menu that has the system open links with this program, and takes that back."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.errors import IDCBrowserError, InputError
from IDCBrowserLib.host.standalone.frame import add_action
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.provisioning.link_handler import SCHEME, LinkHandler, link_handler
from IDCBrowserLib.qtbinding import QtWidgets


class LinksAction:
    """Checked while links open with this program. ``say`` what was done, ``on_problem`` why it was not."""

    def __init__(self, window: QtWidgets.QWidget, menu: QtWidgets.QMenu, say: Callable[[str], object], on_problem: Callable[[str], object]) -> None:
        self._say, self._on_problem = say, on_problem
        self._handler = _handler()
        self.action = add_action(window, menu, "linksAction", _("Open &links with this program"), "", self._toggled)
        self.action.setCheckable(True)
        self.action.setToolTip(
            _("Links that begin with {scheme} are opened by this program, in the window that is open.").format(scheme=f"{SCHEME}://")
        )
        self.action.setVisible(self._handler is not None)
        # Somebody else may change it meanwhile.
        menu.aboutToShow.connect(self._draw)

    def _toggled(self) -> None:
        if self._handler is None:
            return
        try:
            if self._handler.state().installed:
                self._handler.remove()
                self._say(_("Links no longer open with this program."))
            else:
                self._handler.install()
                text = _("Links that begin with {scheme} open with this program. What was written: {place}")
                self._say(text.format(scheme=f"{SCHEME}://", place=self._handler.state().place))
        except IDCBrowserError as error:
            self._on_problem(str(error))
        self._draw()

    def _draw(self) -> None:
        try:
            self.action.setChecked(self._handler is not None and self._handler.state().installed)
        except IDCBrowserError:
            self.action.setChecked(False)


def _handler() -> LinkHandler | None:
    """None where a program cannot ask for links itself."""
    try:
        return link_handler()
    except InputError:
        return None
