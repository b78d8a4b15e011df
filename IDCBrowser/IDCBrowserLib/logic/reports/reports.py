"""What is open on the page "Reports": text, measurements, and the way from a measurement into the views. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from IDCBrowserLib import paths
from IDCBrowserLib.api import objects, report
from IDCBrowserLib.api.cohort import Cohort
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import Host, LoadRequest, LoadResult, ViewPlace
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.settings.settings import DownloadSettings
from IDCBrowserLib.logic.tables.paged_rows import PagedRows
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_count


@dataclass(frozen=True)
class ReportsState:
    """``view`` is None while nothing is open. ``all`` measurements, ``shown`` of them; ``order`` is (number of the column, descending) or None.

    ``common``: (title, value) of what is the same in all rows.
    """

    view: int | None = None
    loading: bool = False
    error: str = ""
    titles: tuple[str, ...] = ()
    lines: tuple[report.Line, ...] = ()
    more_lines: int = 0
    columns: tuple[report.Column, ...] = ()
    common: tuple[tuple[str, str], ...] = ()
    all: int = 0
    shown: int = 0
    text: str = ""
    order: tuple[int, bool] | None = None
    warnings: tuple[str, ...] = ()
    saveable: tuple[report.Saveable, ...] = ()


class Reports:
    """``open``, ``open_tables``, ``open_measurements``, ``show``, ``save``, ``save_inside``, ``go_to``. Signals: ``changed(ReportsState)``,
    ``opened``, ``placed`` when the views show where something was measured, ``message(Message)``.

    ``rows`` are the measurements shown, with their columns called "0", "1", ...
    """

    def __init__(self, client: EngineClient, host: Host, settings: DownloadSettings) -> None:
        self._client = client
        self._host = host
        self._settings = settings
        self._request: Request | None = None
        self.state = ReportsState()
        self.rows = PagedRows(client, report.PAGE)
        self.changed: Signal[ReportsState] = Signal()
        self.opened: Signal[[]] = Signal()
        self.placed: Signal[[]] = Signal()
        self.message: Signal[Message] = Signal()
        self.rows.failed.connect(self._tell)

    def take(self, results: Sequence[LoadResult]) -> None:
        """Open what came with a download to be read."""
        files = [file for result in results for file in result.texts]
        if files:
            self.open(files)

    def open(self, files: Sequence[str]) -> None:
        """Read these files instead of what is open."""
        self._open(report.OPEN({"files": list(files)}))

    def open_tables(self, cohort: Cohort) -> None:
        """Read the rows of IDC's own tables on the reports and segmentations of a cohort; nothing is downloaded."""
        params: report.TablesParameters = {**cohort, **self._settings.tables_source()}
        self._open(report.OPEN_TABLES(params))

    def open_measurements(self, file: str) -> None:
        """Read a file of measurements."""
        self._open(report.OPEN_MEASUREMENTS({"file": file}))

    def _open(self, question: Question[report.Opened]) -> None:
        self._stop()
        former = self.state.view
        self.rows.clear()
        self._set(ReportsState(loading=True))
        if former is not None:
            self._client.ask(report.CLOSE({"view": former}))
        self._request = self._client.ask(question, self._take, self._fail)
        self.opened.emit()

    def show(self, text: str, order: tuple[int, bool] | None) -> None:
        """Only measurements in which all words of ``text`` occur, in that order."""
        view = self.state.view
        if view is None or (text, order) == (self.state.text, self.state.order):
            return
        self._set(replace(self.state, text=text, order=order))
        column, descending = order if order is not None else (None, False)
        question = report.SHOW({"view": view, "text": text, "column": column, "descending": descending})

        def shown(answer: report.Shown) -> None:
            if (self.state.view, self.state.text, self.state.order) == (view, text, order):
                self._set(replace(self.state, shown=answer["total"]))
                self._show_rows(answer["total"], answer["rows"])

        self._client.ask(question, shown, self._tell)

    def save(self, path: str) -> None:
        """Write the measurements that are shown."""
        if self.state.view is not None:
            self._client.ask(report.SAVE({"view": self.state.view, "file": path}), self._saved, self._tell)

    def open_elsewhere(self, number: int) -> None:
        """Write what is inside a document, waveform or video, and open it with the system's program."""
        folder = str(paths.data_folder() / "Opened")
        question = objects.SAVE({"file": self.state.saveable[number]["file"], "folder": folder})

        def saved(answer: objects.Saved) -> None:
            if answer["opens"]:
                self._host.open_file(str(Path(answer["file"]).absolute()))
                text = _("Saved as {path} and opened with the program for such files.")
            else:
                text = _("Saved as {path}. Files of this type are not opened from here.")
            self.message.emit(Message(Kind.SUCCESS, text.format(path=answer["file"])))

        self._client.ask(question, saved, self._tell)

    def save_inside(self, folder: str) -> None:
        """Write what is inside all documents, waveforms and videos that are open into a folder of the user."""
        waiting = [saveable["file"] for saveable in self.state.saveable]

        def saved(answer: objects.Saved) -> None:
            if waiting:
                ask()
                return
            text = _("Saved as {path}.") if len(self.state.saveable) == 1 else _("{count} files saved to {folder}.")
            count = f"{len(self.state.saveable):,}"
            self.message.emit(Message(Kind.SUCCESS, text.format(path=answer["file"], count=count, folder=folder)))

        def ask() -> None:
            self._client.ask(objects.SAVE({"file": waiting.pop(0), "folder": folder}), saved, self._tell)

        if waiting:
            ask()

    def go_to(self, row: int) -> None:
        """Show where a measurement was made; what is in the database but not in the scene is loaded for it."""
        if self.state.view is not None:
            self._place(self.state.view, row, ())

    # Where a measurement was made

    def _place(self, view: int, row: int, images: Sequence[str]) -> None:
        def placed(found: report.Place) -> None:
            if found["needs_images"] and not images:
                self._find_images(view, row, found["image_series"])
            else:
                self._show_place(_view_place(found), True)

        self._client.ask(report.PLACE({"view": view, "row": row, "images": list(images)}), placed, self._tell)

    def _find_images(self, view: int, row: int, series_uid: str) -> None:
        def found(files: Sequence[str]) -> None:
            if files:
                self._place(view, row, files)
            else:
                self._warn(_not_here(series_uid))

        if series_uid:
            self._host.store.series_files(series_uid, found, self._tell)
        else:
            self._warn(_("The report does not say on which images this was measured."))

    def _show_place(self, place: ViewPlace, may_load: bool) -> None:
        if place.segment_number is None and not place.points and not place.image_series_uid:
            self._warn(_("The report does not say where this was measured."))
            return
        missing = self._host.loader.show_place(place)
        if missing and may_load:
            self._load(missing, place)
        elif missing or (place.segment_number is not None and not place.points and not place.segmentation_series_uid):
            self._warn(_not_here(missing))
        else:
            self.placed.emit()
        if not missing and place.segment_number is None and not place.points:
            self.message.emit(Message(Kind.INFO, _("This was measured on the whole image.")))

    def _load(self, series_uid: str, place: ViewPlace) -> None:
        is_segmentation = series_uid == place.segmentation_series_uid and place.segment_number is not None
        request = LoadRequest(series_uid, modality="SEG" if is_segmentation else "")

        def loaded(results: Sequence[LoadResult]) -> None:
            error = next((result.error for result in results if result.series_uid == series_uid and result.error), "")
            if error:
                self._warn(error)
            else:
                self._show_place(place, False)

        def files_found(files: Sequence[str]) -> None:
            if files:
                self._host.loader.load([request], loaded, _ignore)
            else:
                self._warn(_not_here(series_uid))

        self._host.store.series_files(series_uid, files_found, self._tell)

    # Answers

    def _take(self, opened: report.Opened) -> None:
        self._request = None
        self._set(
            ReportsState(
                view=opened["view"],
                titles=tuple(opened["titles"]),
                lines=tuple(opened["lines"]),
                more_lines=opened["more_lines"],
                columns=tuple(opened["columns"]),
                common=tuple((title, value) for title, value in opened["common"]),
                all=opened["total"],
                shown=opened["total"],
                warnings=tuple(opened["warnings"]),
                saveable=tuple(opened["saveable"]),
            )
        )
        self._show_rows(opened["total"], opened["rows"])

    def _show_rows(self, total: int, rows: Sequence[Sequence[object]]) -> None:
        self.rows.show(self.state.view, [str(number) for number in range(len(self.state.columns))], total, rows)

    def _saved(self, answer: report.Saved) -> None:
        count = human_count(answer["rows"], _("measurement"), _("measurements"))
        self.message.emit(Message(Kind.SUCCESS, _("{count} saved to {path}.").format(count=count, path=answer["file"])))

    def _fail(self, error: IDCBrowserError) -> None:
        self._request = None
        self._set(ReportsState(error=str(error)))

    def _tell(self, error: IDCBrowserError) -> None:
        self.message.emit(Message(Kind.ERROR, str(error)))

    def _warn(self, text: str) -> None:
        self.message.emit(Message(Kind.WARNING, text))

    def _stop(self) -> None:
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def _set(self, state: ReportsState) -> None:
        self.state = state
        self.changed.emit(state)


def _view_place(found: report.Place) -> ViewPlace:
    points = tuple((float(x), float(y), float(z)) for x, y, z in found["points"])
    return ViewPlace(found["name"], found["image_series"], found["segmentation_series"], found["segment_number"], points, found["closed"])


def _not_here(series_uid: str) -> str:
    if not series_uid:
        return _("The report does not name the series of its segmentation, so it cannot be found.")
    text = _("What was measured on is not on this computer: download series {uid} (with Add related series, or by its UID), then try again.")
    return text.format(uid=series_uid)


def _ignore(_progress: Progress) -> None:
    pass
