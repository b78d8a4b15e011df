"""The release in use, always in sight; and a newer one, when there is one."""

from __future__ import annotations

from IDCBrowserLib.api.catalog import Info
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.settings.release_update import ReleaseState, release_text
from IDCBrowserLib.qtbinding import QtCore
from IDCBrowserLib.ui.widgets.building_blocks import button, holder, icon_label, row
from IDCBrowserLib.ui.widgets.eliding_label import LineLabel
from IDCBrowserLib.ui.widgets.icons import pixmap
from IDCBrowserLib.ui.widgets.plain_tip import plain

_ICON_PIXELS = 16
_LOOK_MS = 3000


class ReleaseLine:
    """``widget`` is one line: the release, and where there is one, the offer of a newer one, or how far its data are."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._release = LineLabel("release", _("Opening the catalog..."))
        self._icon = icon_label("newReleaseIcon")
        self._icon.setPixmap(pixmap("info", _ICON_PIXELS))
        self._news = LineLabel("newRelease")
        self._update = button(
            "updateReleaseButton", _("Use the new release"), _("Fetch the index files of the newer release and use them immediately.")
        )
        self._cancel = button("cancelReleaseButton", _("Stop"), _("Stop fetching and keep using the current release."))
        line = row([self._icon, self._news, self._update, self._cancel])
        self._line = holder(line, "newReleaseLine")
        self._speed = LineLabel("catalogSpeed")
        self._look = QtCore.QTimer()
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_MS)
        layout = row([self._release, self._speed, self._line])
        layout.setStretch(0, 1)
        self.widget = holder(layout, "releaseLine")
        self._update.clicked.connect(browser.release.update)
        self._cancel.clicked.connect(browser.release.cancel)
        self._look.timeout.connect(browser.speed.look)
        browser.speed.changed.connect(self._show_speed)
        browser.info_changed.connect(self._show_info)
        browser.release.changed.connect(self._draw)
        self._draw(browser.release.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._look.stop()
        self._look.timeout.disconnect(self._browser.speed.look)
        self._browser.speed.changed.disconnect(self._show_speed)
        self._browser.info_changed.disconnect(self._show_info)
        self._browser.release.changed.disconnect(self._draw)

    def _show_info(self, info: Info) -> None:
        self._release.setText(release_text(info))
        problem = info["release_problem"]
        self._release.setToolTip(
            plain(_("The updated release cannot be used; the installed release is used instead: {reason}").format(reason=problem)) if problem else ""
        )

    def _show_speed(self, text: str) -> None:
        self._speed.say(text)
        if self._browser.speed.is_waited_for:
            self._look.start()

    def _draw(self, state: ReleaseState) -> None:
        self._news.say(state.text)
        self._line.setVisible(state.offered is not None)
        self._update.setVisible(not state.running)
        self._cancel.setVisible(state.running)
