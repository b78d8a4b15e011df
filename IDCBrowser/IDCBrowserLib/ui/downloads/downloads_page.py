"""The page "Downloads": every download with what can be done about it, and below the series of the chosen one."""

from __future__ import annotations

import os

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.settings_keys import restore_splitter, save_splitter
from IDCBrowserLib.logic.base.state import merge_ranges
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.downloads.download_state import ACTIVE, CAN_PAUSE, CAN_RESUME, DownloadPhase, DownloadRow
from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.downloads.bar_delegate import BarDelegate
from IDCBrowserLib.ui.downloads.download_models import DownloadsModel
from IDCBrowserLib.ui.downloads.download_series_panel import DownloadSeriesPanel
from IDCBrowserLib.ui.downloads.download_table import make_table
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, row, small_button
from IDCBrowserLib.ui.widgets.rows_model import select_rows, selected_ranges
from IDCBrowserLib.ui.widgets.views import view_action

_MARGIN = 6
# Bytes and speeds are drawn at most five times a second; another state at once.
_REDRAW_MS = 200
_BAR_COLUMN = 2


class DownloadsPage:
    """See ``pages.Page``."""

    name = "downloads"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._downloads = browser.downloads
        self._model = DownloadsModel()
        self.view = make_table("downloadsTable", _("Downloads"), self._model)
        self._bar = BarDelegate(self.view)
        self.view.setItemDelegateForColumn(_BAR_COLUMN, self._bar)
        self._make_buttons()
        self._guide = label("downloadsGuide", _('No downloads. Select series on the Browse page and press "Download".'), True)
        self._guide.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note = label("downloadNote", "", True)
        self.series = DownloadSeriesPanel(browser)
        self.widget = holder(self._layout(), "downloadsPage")
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        self._drawn: list[tuple[object, ...]] = []
        self._chosen: int | None = None
        self._connect()
        self._redraw()
        restore_splitter(browser.host.settings, self._parts)

    def heading(self) -> str:
        """See ``pages.Page``."""
        number = sum(1 for download in self._downloads.rows if not download.has_ended or download.phase is DownloadPhase.INTERRUPTED)
        return _("Do&wnloads ({count})").format(count=f"{number:,}") if number else _("Do&wnloads")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._redraw()
        self.view.setFocus()

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        save_splitter(self._browser.host.settings, self._parts)
        self._timer.stop()
        self._timer.timeout.disconnect(self._redraw)
        self._downloads.rows_changed.disconnect(self._rows_changed)
        self.series.disconnect()

    def _make_buttons(self) -> None:
        self._pause = button("downloadPause", _("&Pause"), _("Pause the selected downloads; the others continue."))
        self._cancel = button("downloadCancel", _("Cance&l"), _("Cancel the selected downloads. Complete files are kept."))
        self._retry = button("downloadRetry", _("Ret&ry missing"), _("Try again to download the missing series of the selected downloads."))
        self._up = small_button("downloadUp", _("Up"), _("Move the selected download up in the queue."))
        self._top = small_button("downloadTop", _("To t&op"), _("Move the selected download to the top of the queue."))
        self._folder = small_button("downloadShowFolder", _("Show &folder"), _("Open the folder with the files of the selected download."))
        self._remove = small_button(
            "downloadRemove", _("Remo&ve"), _("Remove the selected downloads from the list once they have ended. Their files are kept.")
        )

    def _layout(self) -> QtWidgets.QVBoxLayout:
        self._stack = QtWidgets.QStackedWidget()
        self._stack.addWidget(self._guide)
        self._stack.addWidget(self.view)
        buttons = row([self._up, self._top, self._folder, self._remove, None])
        above = column([row([self._pause, self._cancel, self._retry, None]), self._stack, buttons, self._note])
        above.setStretch(1, 1)
        self._parts = QtWidgets.QSplitter(Qt.Orientation.Vertical)
        self._parts.setObjectName("downloadsParts")
        self._parts.setChildrenCollapsible(False)
        self._parts.addWidget(holder(above, "downloadsList"))
        self._parts.addWidget(self.series.widget)
        self._parts.setSizes([300, 300])
        self._parts.setStretchFactor(0, 1)
        self._parts.setStretchFactor(1, 1)
        return column([self._parts], _MARGIN)

    def _connect(self) -> None:
        downloads = self._downloads
        self._pause.clicked.connect(self._pause_or_resume)
        self._cancel.clicked.connect(lambda: downloads.cancel_some(self._keys()))
        self._retry.clicked.connect(lambda: downloads.retry(self._keys()))
        self._up.clicked.connect(lambda: self._move(False))
        self._top.clicked.connect(lambda: self._move(True))
        self._folder.clicked.connect(self._show_folder)
        self._remove.clicked.connect(self._remove_rows)
        self._delete = view_action(self.view, _("Remove from the list"), "Del", self._remove_rows)
        self._space = view_action(self.view, _("Pause or resume"), "Space", self._pause_or_resume)
        self._selection_model = self.view.selectionModel()
        self._selection_model.selectionChanged.connect(self._selected)
        downloads.rows_changed.connect(self._rows_changed)

    # What the user does

    def _rows(self) -> list[DownloadRow]:
        """The chosen downloads."""
        numbers = [number for first, last in selected_ranges(self._selection_model) for number in range(first, last + 1)]
        return [found for number in numbers if (found := self._model.row_at(number)) is not None]

    def _keys(self) -> list[int]:
        return [download.key for download in self._rows()]

    def _pause_or_resume(self) -> None:
        rows = self._rows()
        if any(download.phase in CAN_RESUME for download in rows):
            self._downloads.resume([download.key for download in rows if download.phase in CAN_RESUME])
        else:
            self._downloads.pause([download.key for download in rows if download.phase in CAN_PAUSE])

    def _move(self, to_top: bool) -> None:
        # From the top of the list down, or the other way round, so that several keep their order among themselves.
        for key in reversed(self._keys()) if to_top else self._keys():
            self._downloads.move(key, to_top)

    def _show_folder(self) -> None:
        folder = self._rows()[0].folder if self._rows() else ""
        while folder and not os.path.isdir(folder) and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        if folder:
            self._browser.host.open_url(QtCore.QUrl.fromLocalFile(folder).toString())

    def _remove_rows(self) -> None:
        self._downloads.remove([download.key for download in self._rows() if download.has_ended])

    def _selected(self) -> None:
        rows = self._rows()
        self._chosen = rows[0].key if rows else None
        self._draw_chosen()

    # What the browser says

    def _rows_changed(self) -> None:
        if [(download.key, download.phase, download.cancelling) for download in self._downloads.rows] != self._drawn:
            self._redraw()
        elif not self._timer.isActive():
            self._timer.start(_REDRAW_MS)

    def _redraw(self) -> None:
        rows = self._downloads.rows
        self._drawn = [(download.key, download.phase, download.cancelling) for download in rows]
        keys = self._keys()
        if self._model.show(rows):
            self._select(keys)
        self._stack.setCurrentWidget(self.view if rows else self._guide)
        self.heading_changed.emit(self.heading())
        self._draw_chosen()

    def _select(self, keys: list[int]) -> None:
        """After the list has changed: the same downloads, or the first that moves."""
        rows = self._downloads.rows
        numbers = [number for number, download in enumerate(rows) if download.key in keys]
        if not numbers and rows:
            numbers = [next((number for number, download in enumerate(rows) if not download.has_ended), len(rows) - 1)]
        select_rows(self.view, merge_ranges([(number, number) for number in numbers]))

    def _draw_chosen(self) -> None:
        rows = self._rows()
        can_resume = any(download.phase in CAN_RESUME for download in rows)
        self._pause.setText(_("Res&ume") if can_resume else _("&Pause"))
        self._pause.setEnabled(can_resume or any(download.phase in CAN_PAUSE and not download.cancelling for download in rows))
        self._cancel.setEnabled(any(download.can_cancel for download in rows))
        self._retry.setEnabled(any(download.can_retry for download in rows))
        queued = [download for download in self._downloads.rows if not download.has_ended and download.phase not in ACTIVE]
        for made in (self._up, self._top):
            made.setEnabled(len(queued) > 1 and any(download in queued[1:] for download in rows))
        self._remove.setEnabled(any(download.has_ended for download in rows))
        chosen = rows[0] if rows else None
        self._folder.setEnabled(chosen is not None and bool(chosen.folder))
        self._note.setText(chosen.note if chosen is not None else "")
        self.series.show(chosen)
