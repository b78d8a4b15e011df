"""The download list: one download is active at a time, the others wait in the queue, while browsing continues. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from IDCBrowserLib.api.downloads import ARRANGE, UNFINISHED, LeftDownloads
from IDCBrowserLib.api.selection import Plan, PlanParameters
from IDCBrowserLib.api.transfer import Downloaded
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.host_interface import Host, LoadRequest, LoadResult
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import named
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.settings_keys import SPEED_KEY, load_speed
from IDCBrowserLib.logic.base.state import Kind, Message, ProgressState, SeriesOutcome
from IDCBrowserLib.logic.downloads.download import Download
from IDCBrowserLib.logic.downloads.download_base import DownloadBase, DownloadParameters, DownloadServices, StepDocuments
from IDCBrowserLib.logic.downloads.download_state import ACTIVE, CAN_RESUME, ENDED, DownloadPhase, DownloadRow
from IDCBrowserLib.logic.downloads.first_slices import FirstSlices
from IDCBrowserLib.logic.downloads.folder_import import FolderImport
from IDCBrowserLib.logic.downloads.serial_queue import SerialQueue
from IDCBrowserLib.logic.tables.series_status import SeriesStatusBook
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

# The progress line shows the first download that is in the first of these phases that occurs.
_IN_FRONT = (
    frozenset({DownloadPhase.RUNNING, DownloadPhase.NO_DISK_SPACE, DownloadPhase.ADDING, DownloadPhase.LOADING}),
    frozenset({DownloadPhase.LOOKING_UP}),
    frozenset({DownloadPhase.WAITING}),
    frozenset({DownloadPhase.PAUSED}),
)
# Smaller or shorter transfers say nothing about the speed of the network.
_MEASURED_BYTES = 5_000_000
_MEASURED_S = 1.0

_ENDED_WELL = frozenset({DownloadPhase.FINISHED, DownloadPhase.PARTLY, DownloadPhase.CANCELLED})

_D = TypeVar("_D", bound=DownloadBase)


class Downloads:
    """``start``, ``start_planned`` and ``start_folders`` append to the queue and return at once.

    ``state`` and ``documents`` are those of the download in front: the active one, else the one that ended last. Signals:
    ``changed(ProgressState)`` of that one, ``rows_changed`` for any of them (often), ``ended(Message)`` once per download, ``noted(Message)`` for
    other messages, ``loaded(results)`` when series were loaded. ``looked_at`` gives what the user looks at, to be compared only.
    """

    def __init__(
        self,
        client: EngineClient,
        host: Host,
        options: DownloadParameters,
        statuses: SeriesStatusBook,
        defer: Defer,
        looked_at: Callable[[], object] = lambda: None,
    ) -> None:
        self.client = client
        self._settings = host.settings
        self.loaded: Signal[Sequence[LoadResult]] = Signal()
        self._services = DownloadServices(client, host, statuses, defer, options, SerialQueue(), self.loaded)
        self.first_slices = FirstSlices(client, host.loader, looked_at)
        self._downloads: list[DownloadBase] = []
        # Keys of those whose end somebody else tells.
        self._quiet: set[int] = set()
        self._last: DownloadBase | None = None
        self._results_left = False
        self._next_key = 1
        self.changed: Signal[ProgressState] = Signal()
        self.rows_changed: Signal[[]] = Signal()
        self.ended: Signal[Message] = Signal()
        self.results_left: Signal[[]] = Signal()
        self.noted: Signal[Message] = Signal()

    # State

    @property
    def rows(self) -> list[DownloadRow]:
        """In queue order."""
        return [download.row for download in self._downloads]

    @property
    def state(self) -> ProgressState:
        """Of the download in front."""
        front = self.front
        return front.state if front is not None else ProgressState()

    @property
    def documents(self) -> StepDocuments:
        """Result of each step of the download in front: "plan", "transfer", "import", "load"."""
        front = self.front
        return front.documents if front is not None else {}

    @property
    def front(self) -> DownloadBase | None:
        """The download that the progress line shows."""
        for phases in _IN_FRONT:
            for download in self._downloads:
                if download.row.phase in phases and download.row.key not in self._quiet:
                    return download
        return self._last

    @property
    def results(self) -> tuple[SeriesOutcome, ...]:
        """Results for the series of the download that ended last, until something else is selected."""
        return self._last.outcomes.all() if self._last is not None and not self._results_left else ()

    def leave_results(self) -> None:
        """Something else is looked at now: the results stay on the page "Downloads" only."""
        if self.results:
            self._results_left = True
            self.results_left.emit()

    @property
    def waiting(self) -> int:
        """Number of downloads waiting in the queue."""
        front = self.front
        return sum(download.row.phase is DownloadPhase.WAITING and download is not front for download in self._downloads)

    def find(self, key: int) -> DownloadBase | None:
        """The download with that key."""
        return next((download for download in self._downloads if download.row.key == key), None)

    def is_wanted(self, series_uid: str) -> bool:
        """Whether the user has asked for a series here, as far as the list still tells."""
        return any(download.may_fetch(series_uid) for download in self._downloads if download.row.key not in self._quiet)

    # New downloads

    def start(self, what: PlanParameters, load: bool, with_references: bool) -> None:
        """Append a download to the queue: of selections, or of a plan that others may need as well."""
        self._new(load, with_references).plan(what)

    def start_planned(self, plan: Plan, load: bool, with_references: bool) -> None:
        """Append a download of a plan that the engine has already made, and that nobody else needs."""
        self._new(load, with_references).queue_plan(plan)

    def start_quietly(self, what: PlanParameters, load: bool) -> DownloadBase:
        """Append a download for somebody who tells what becomes of it: no messages here, not in front, gone from the list once nothing is missing."""
        self._services.host.store.prepare()
        download = Download(self._key(), self._services, load, False)
        self._quiet.add(download.row.key)
        self._add(download).plan(what)
        return download

    def load_quietly(self, series: Sequence[LoadRequest]) -> DownloadBase:
        """The same for series that are in the DICOM database: nothing is looked up."""
        download = Download(self._key(), self._services, True, False)
        self._quiet.add(download.row.key)
        self._add(download)
        # Whoever is given it listens first.
        self._services.defer(lambda: download.load(series))
        return download

    def start_folders(self, folders: Sequence[str]) -> None:
        """Add folders of DICOM files to the database and load their series."""
        self._services.host.store.prepare()
        self._add(FolderImport(self._key(), self._services)).add_folders(folders)

    def restore(self) -> None:
        """List the downloads that earlier sessions did not finish; the user decides whether to resume them."""
        self.client.ask(UNFINISHED({}), self._restored)

    # What the user can do

    def cancel(self) -> None:
        """Cancel the download in front. Complete files are kept."""
        front = self.front
        if front is not None:
            front.cancel()

    def pause_or_resume(self) -> None:
        """Pause or resume the download in front."""
        front = self.front
        if front is not None:
            (front.resume if front.row.phase in CAN_RESUME else front.pause)()

    def cancel_all(self) -> None:
        """Cancel all; interrupted ones stay in the list."""
        for download in reversed(list(self._downloads)):
            if not download.row.has_ended:
                download.cancel()

    def pause(self, keys: Sequence[int]) -> None:
        """Pause these; the others continue."""
        self._each(keys, lambda download: download.pause())

    def resume(self, keys: Sequence[int]) -> None:
        """Put these back into the queue."""
        self._each(keys, lambda download: download.resume())

    def cancel_some(self, keys: Sequence[int]) -> None:
        """Cancel these."""
        self._each(keys, lambda download: download.cancel())

    def retry(self, keys: Sequence[int]) -> None:
        """Download the missing series of these again."""
        self._each(keys, lambda download: download.retry())

    def remove(self, keys: Sequence[int]) -> None:
        """Remove those that have ended from the list."""
        for download in [download for key in keys if (download := self.find(key)) is not None and download.row.has_ended]:
            download.forget()
            self._downloads.remove(download)
            self._last = None if download is self._last else self._last
        self._tell()

    def move(self, key: int, to_top: bool) -> None:
        """Move one place up, or to the top, among the waiting downloads. The active one continues."""
        queue = [download for download in self._downloads if not download.row.has_ended and download.row.phase not in ACTIVE]
        download = self.find(key)
        if download is None or download not in queue:
            return
        before = queue[0 if to_top else max(0, queue.index(download) - 1)]
        if before is not download:
            self._downloads.remove(download)
            self._downloads.insert(self._downloads.index(before), download)
            self._keep_order()
            self._tell()

    # Inside

    def _key(self) -> int:
        self._next_key += 1
        return self._next_key - 1

    def _new(self, load: bool, with_references: bool) -> Download:
        """One that somebody asks for here and now."""
        self._services.host.store.prepare()
        download = self._add(Download(self._key(), self._services, load, with_references))
        if load:
            self.first_slices.expect(download.row.key)
        return download

    def _add(self, download: _D) -> _D:
        self._downloads.append(download)
        download.changed.connect(self._download_changed)
        if download.row.key not in self._quiet:
            download.moved.connect(partial(self.first_slices.take, download.row.key))
        download.ended.connect(partial(self._download_ended, download))
        return download

    def _each(self, keys: Sequence[int], do: Callable[[DownloadBase], None]) -> None:
        for key in keys:
            download = self.find(key)
            if download is not None:
                do(download)

    def _download_changed(self) -> None:
        self._advance()
        self._tell()

    def _download_ended(self, download: DownloadBase, message: Message) -> None:
        self.first_slices.end(download.row.key)
        if "transfer" in download.documents:
            self._learn_speed(download.documents["transfer"])
        if download.row.key in self._quiet:
            if download.row.phase in _ENDED_WELL and not download.row.missing:
                self.remove([download.row.key])
            self._tell()
            return
        self._last, self._results_left = download, False
        others = any(not other.row.has_ended for other in self._downloads)
        self.ended.emit(Message(message.kind, f"{named(download.row.label)}: {message.text}") if others and download.row.label else message)
        self._tell()

    def _learn_speed(self, document: Downloaded) -> None:
        """Update the speed for the next time estimate: the mean of this measurement and the previous estimate."""
        size, seconds = document["bytes_transferred"], document["seconds"]
        if size >= _MEASURED_BYTES and seconds >= _MEASURED_S:
            before = load_speed(self._settings)
            self._settings.set_value(SPEED_KEY, f"{(size / seconds + (before or size / seconds)) / 2:.0f}")

    def _advance(self) -> None:
        """Start the first waiting download unless one is active."""
        if any(download.row.phase in ACTIVE for download in self._downloads):
            return
        following = next((download for download in self._downloads if download.row.phase is DownloadPhase.WAITING), None)
        if following is not None:
            following.start()

    def _tell(self) -> None:
        self.rows_changed.emit()
        self.changed.emit(self.state)

    def _keep_order(self) -> None:
        jobs = [
            download.row.job
            for download in self._downloads
            if download.row.job and (download.row.phase not in ENDED or download.row.phase is DownloadPhase.INTERRUPTED)
        ]
        self.client.ask(ARRANGE({"jobs": jobs}))

    def _restored(self, document: LeftDownloads) -> None:
        left = document["transfers"]
        for item in left:
            self._add(Download(self._key(), self._services)).restore(item)
        if left:
            text = _("{downloads} from the last session did not finish. You can resume on the Downloads page.")
            number = human_count(len(left), _("download"), _("downloads"))
            self.noted.emit(Message(Kind.INFO, text.format(downloads=number), "downloads"))
