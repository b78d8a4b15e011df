"""The series of the chosen download: where each one is, why it failed, and what can be done about single ones."""

from __future__ import annotations

from IDCBrowserLib.api.downloads import EXPORT
from IDCBrowserLib.api.selection import ExportedSeries
from IDCBrowserLib.api.values import NamedRows
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import named
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.downloads.download_series import DownloadSeries
from IDCBrowserLib.logic.downloads.download_state import DownloadRow
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.downloads.download_models import DownloadSeriesModel
from IDCBrowserLib.ui.downloads.download_table import make_table
from IDCBrowserLib.ui.downloads.results_panel import results_html
from IDCBrowserLib.ui.widgets.building_blocks import bold, button, column, holder, label, row
from IDCBrowserLib.ui.widgets.row_menu import RowMenu
from IDCBrowserLib.ui.widgets.rows_model import selected_ranges
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file

_REFRESH_MS = 300
_MAX_CANCELED = 10_000
_REMARK_LINES = 5


class DownloadSeriesPanel:
    """``show`` draws a download; while it goes on its series are asked for again three times a second, as far as they are in sight."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._download: DownloadRow | None = None
        self.series = DownloadSeries(browser.downloads.client)
        self._model = DownloadSeriesModel(self.series, self._is_imported)
        self.view = make_table("downloadSeriesTable", _("Series of the download"), self._model)
        self._menu = RowMenu(browser, self.view, self._named)
        self._title = bold(label("downloadSeriesTitle", "", True))
        self._cancel = button("downloadCancelSeries", _("Cancel &series"), _("Cancel the selected series; the others continue."))
        self._save = button(
            "downloadSaveMissing",
            _("Save &missing as manifest..."),
            _("Save the series that were not downloaded to a manifest that you can open later."),
        )
        self._notes = QtWidgets.QTextBrowser()
        self._notes.setObjectName("downloadNotes")
        self._notes.setAccessibleName(_("Notes on the download"))
        self._notes.setMaximumHeight(_REMARK_LINES * self._notes.fontMetrics().height())
        layout = column([self._title, row([self._cancel, self._save, None]), self.view, self._notes])
        layout.setStretch(2, 1)
        self.widget = holder(layout, "downloadSeries")
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._refresh)
        self._selection_model = self.view.selectionModel()
        self._selection_model.selectionChanged.connect(self._draw_buttons)
        self._cancel.clicked.connect(self._cancel_series)
        self._save.clicked.connect(self._save_missing)
        self.show(None)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._refresh)
        self._model.disconnect_series()

    def show(self, download: DownloadRow | None) -> None:
        """This download, or none."""
        before, self._download = self._download, download
        self.series.show(download)
        self.widget.setVisible(download is not None and bool(download.job or download.has_ended))
        if download is None:
            self._timer.stop()
            return
        self._title.setText(_("Series of {what}").format(what=named(download.label)))
        if download.has_ended:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start(_REFRESH_MS)
        if before is None or (before.key, before.phase) != (download.key, download.phase):
            self._draw_notes(download)
        self._draw_buttons()

    def _draw_notes(self, download: DownloadRow) -> None:
        entry = self._browser.downloads.find(download.key)
        notes = entry.notes() if entry is not None else ()
        self._notes.setVisible(bool(notes))
        self._notes.setHtml(results_html(notes))

    def _draw_buttons(self) -> None:
        download = self._download
        moves = download is not None and bool(download.job) and not download.has_ended and not download.cancelling
        self._cancel.setEnabled(moves and bool(selected_ranges(self._selection_model)))
        self._save.setEnabled(download is not None and download.can_retry)

    def _refresh(self) -> None:
        if self.widget.isVisible():
            self.series.refresh()

    def _is_imported(self, series_uid: str) -> bool:
        entry = self._browser.downloads.find(self._download.key) if self._download is not None else None
        return entry is not None and entry.is_imported(series_uid)

    def _cancel_series(self) -> None:
        entry = self._browser.downloads.find(self._download.key) if self._download is not None else None
        numbers = [number for first, last in selected_ranges(self._selection_model) for number in range(first, last + 1)][:_MAX_CANCELED]
        uuids = [found.uuid for number in numbers if (found := self.series.loaded(number)) is not None]
        if entry is not None and uuids:
            entry.cancel_series(uuids)
            self.series.refresh()
        if len(uuids) < len(numbers):
            text = _(
                "Canceled {count} series. Rows that were never displayed cannot be canceled one by one; to stop all series, cancel the download."
            )
            self._browser.message.emit(Message(Kind.INFO, text.format(count=f"{len(uuids):,}")))

    def _named(self) -> NamedRows | None:
        numbers = [number for first, last in selected_ranges(self._selection_model) for number in range(first, last + 1)][:_MAX_CANCELED]
        return {"level": "series", "ids": [found.uid for number in numbers if (found := self.series.loaded(number)) is not None]}

    def _save_missing(self) -> None:
        if self._download is None:
            return
        kinds = _("s5cmd manifest (*.s5cmd);;Table (*.csv);;Lock file (*.lock.json)")
        path = choose_save_file(self.widget, _("Save the missing series"), "missing.s5cmd", kinds)
        if path:
            self.save_missing(path)

    def save_missing(self, path: str) -> None:
        """Write what did not come; its ending names the form."""
        job = self._download.job if self._download is not None else ""

        def saved(document: ExportedSeries) -> None:
            text = _("Saved {count} series to {file}.")
            self._browser.message.emit(Message(Kind.SUCCESS, text.format(count=f"{document['series_count']:,}", file=document["file"])))

        def failed(error: IDCBrowserError) -> None:
            self._browser.message.emit(Message(Kind.ERROR, str(error)))

        self._browser.downloads.client.ask(EXPORT({"job": job, "file": path}), saved, failed)
