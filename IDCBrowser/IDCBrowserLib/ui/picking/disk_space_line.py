"""One line in the selection panel: what is needed, what is free, how long it may take."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.picking.disk_space import DiskSpace, DiskSpaceState, disk_space_text
from IDCBrowserLib.ui.widgets.building_blocks import holder, icon_label, row
from IDCBrowserLib.ui.widgets.eliding_label import LineLabel
from IDCBrowserLib.ui.widgets.icons import pixmap
from IDCBrowserLib.ui.widgets.plain_tip import plain

_ICON_PIXELS = 16


class DiskSpaceLine:
    """Hidden while there is nothing to say."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.disk_space = DiskSpace(browser)
        self._icon = icon_label("diskSpaceIcon")
        self._icon.setPixmap(pixmap("warning", _ICON_PIXELS))
        self._text = LineLabel("selectionDiskSpace")
        layout = row([self._icon, self._text])
        layout.setStretch(1, 1)
        self.widget = holder(layout, "diskSpaceLine")
        self.disk_space.changed.connect(self._draw)
        self._draw(self.disk_space.state)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self.disk_space.disconnect()

    def _draw(self, state: DiskSpaceState) -> None:
        text = disk_space_text(state)
        self._text.setText(text)
        self._text.setToolTip(plain(_("{text} In the download folder, {folder}").format(text=text, folder=self._browser.host.download_folder)))
        self._icon.setVisible(not state.fits)
        self.widget.setVisible(bool(text))
