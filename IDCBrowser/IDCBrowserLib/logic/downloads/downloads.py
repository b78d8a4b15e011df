"""All downloads: one moves at a time, the others wait in their order, while browsing goes on. Knows no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.host_interface import Host
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.settings_keys import SPEED_KEY, load_speed
from IDCBrowserLib.logic.base.state import JobState, Kind, Message, SeriesOutcome
from IDCBrowserLib.logic.downloads.download_state import CAN_RESUME, ENDED, MOVING, DownloadPhase, DownloadRow
from IDCBrowserLib.logic.downloads.folder_job import FolderJob, SeriesBelow
from IDCBrowserLib.logic.downloads.job import Job
from IDCBrowserLib.logic.downloads.job_base import JobBase, Parameters, Services
from IDCBrowserLib.logic.downloads.serial_queue import SerialQueue
from IDCBrowserLib.logic.tables.series_status import SeriesStatusBook
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.wording import human_count

# Which download the progress line speaks of: the first of these phases that any is in.
_IN_FRONT = (
    frozenset({DownloadPhase.RUNNING, DownloadPhase.NO_DISK_SPACE, DownloadPhase.ADDING, DownloadPhase.LOADING}),
    frozenset({DownloadPhase.LOOKING_UP}),
    frozenset({DownloadPhase.WAITING}),
    frozenset({DownloadPhase.PAUSED}),
)
# Less than this says nothing about the speed of a network.
_MEASURED_BYTES = 5_000_000
_MEASURED_S = 1.0

_J = TypeVar("_J", bound=JobBase)


class Downloads:
    """``start``, ``start_planned`` and ``start_folder`` queue and return at once.

    ``state`` and ``documents`` are those of the download in front: the one that moves, else the one that ended last. Signals: ``changed(JobState)``
    of that one, ``rows_changed`` for any of them (often), ``ended(Message)`` once per download,
    ``noted(Message)`` for what else there is to say.
    """

    def __init__(self, client: EngineClient, host: Host, options: Parameters, statuses: SeriesStatusBook, defer: Defer) -> None:
        self.client = client
        self._settings = host.settings
        self._services = Services(client, host, statuses, defer, options, SerialQueue())
        self._jobs: list[JobBase] = []
        self._last: JobBase | None = None
        self._next_key = 1
        self.changed = Signal()
        self.rows_changed = Signal()
        self.ended = Signal()
        self.noted = Signal()

    # What there is

    @property
    def rows(self) -> list[DownloadRow]:
        """In the order of the list: that in which they move."""
        return [job.row for job in self._jobs]

    @property
    def state(self) -> JobState:
        """Of the download in front."""
        front = self.front
        return front.state if front is not None else JobState()

    @property
    def documents(self) -> Mapping[str, Any]:
        """What each step of the download in front said, by step: "plan", "transfer", "import", "load"."""
        front = self.front
        return front.documents if front is not None else {}

    @property
    def front(self) -> JobBase | None:
        """The download that the progress line speaks of."""
        for phases in _IN_FRONT:
            for job in self._jobs:
                if job.row.phase in phases:
                    return job
        return self._last

    @property
    def results(self) -> tuple[SeriesOutcome, ...]:
        """What became of the series of the download that ended last."""
        return self._last.outcomes.all() if self._last is not None else ()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        front = self.front
        return sum(job.row.phase is DownloadPhase.WAITING and job is not front for job in self._jobs)

    def find(self, key: int) -> JobBase | None:
        """The download of that key."""
        return next((job for job in self._jobs if job.row.key == key), None)

    # New ones

    def start(self, selections: Sequence[Mapping[str, Any]], load: bool, with_references: bool) -> None:
        """Download what is selected, after those that wait."""
        self._services.host.store.prepare()
        self._add(Job(self._key(), self._services, load, with_references)).look_up(selections)

    def start_planned(self, plan: Mapping[str, Any], load: bool, with_references: bool) -> None:
        """Download a plan that the engine made before, after those that wait."""
        self._services.host.store.prepare()
        self._add(Job(self._key(), self._services, load, with_references)).take_plan(plan)

    def start_folder(self, folder: str, series_below: SeriesBelow) -> None:
        """Add a folder of DICOM files to the database and load its series."""
        self._services.host.store.prepare()
        self._add(FolderJob(self._key(), self._services)).add_folder(folder, series_below)

    def restore(self) -> None:
        """Ask for what the last run of the program left unfinished; the user decides what becomes of it."""
        self.client.request("transfer.unfinished", {}, self._restored)

    # What the user does

    def cancel(self) -> None:
        """Stop the download in front; what has arrived stays."""
        front = self.front
        if front is not None:
            front.cancel()

    def pause_or_resume(self) -> None:
        """Let the download in front rest, or go on."""
        front = self.front
        if front is not None:
            (front.resume if front.row.phase in CAN_RESUME else front.pause)()

    def cancel_all(self) -> None:
        """Stop all; those that were interrupted stay in the list."""
        for job in reversed(list(self._jobs)):
            if not job.row.has_ended:
                job.cancel()

    def pause(self, keys: Sequence[int]) -> None:
        """These move nothing until they are resumed; others go on."""
        self._each(keys, lambda job: job.pause())

    def resume(self, keys: Sequence[int]) -> None:
        """These wait for their turn again."""
        self._each(keys, lambda job: job.resume())

    def cancel_some(self, keys: Sequence[int]) -> None:
        """Stop these."""
        self._each(keys, lambda job: job.cancel())

    def retry(self, keys: Sequence[int]) -> None:
        """Fetch again what did not come of these."""
        self._each(keys, lambda job: job.retry())

    def remove(self, keys: Sequence[int]) -> None:
        """Take those of these that have ended out of the list."""
        for job in [job for key in keys if (job := self.find(key)) is not None and job.row.has_ended]:
            job.forget()
            self._jobs.remove(job)
            self._last = None if job is self._last else self._last
        self._tell()

    def move(self, key: int, to_top: bool) -> None:
        """One place up among those that wait, or before all of them. What moves now goes on."""
        queue = [job for job in self._jobs if not job.row.has_ended and job.row.phase not in MOVING]
        job = self.find(key)
        if job is None or job not in queue:
            return
        before = queue[0 if to_top else max(0, queue.index(job) - 1)]
        if before is not job:
            self._jobs.remove(job)
            self._jobs.insert(self._jobs.index(before), job)
            self._keep_order()
            self._tell()

    # Inside

    def _key(self) -> int:
        self._next_key += 1
        return self._next_key - 1

    def _add(self, job: _J) -> _J:
        self._jobs.append(job)
        job.changed.connect(self._job_changed)
        job.ended.connect(lambda message: self._job_ended(job, message))
        return job

    def _each(self, keys: Sequence[int], do: Callable[[JobBase], None]) -> None:
        for key in keys:
            job = self.find(key)
            if job is not None:
                do(job)

    def _job_changed(self) -> None:
        self._advance()
        self._tell()

    def _job_ended(self, job: JobBase, message: Message) -> None:
        self._last = job
        self._learn_speed(job.documents.get("transfer") or {})
        others = any(not other.row.has_ended for other in self._jobs)
        self.ended.emit(Message(message.kind, f"{job.row.label}: {message.text}") if others and job.row.label else message)
        self._tell()

    def _learn_speed(self, document: Mapping[str, Any]) -> None:
        """For the estimate before the next one: what is measured now counts as much as all before."""
        size, seconds = document.get("bytes_transferred", 0), document.get("seconds", 0.0)
        if size >= _MEASURED_BYTES and seconds >= _MEASURED_S:
            before = load_speed(self._settings)
            self._settings.set_value(SPEED_KEY, f"{(size / seconds + (before or size / seconds)) / 2:.0f}")

    def _advance(self) -> None:
        """Give the turn to the first that waits, when nobody has it."""
        if any(job.row.phase in MOVING for job in self._jobs):
            return
        following = next((job for job in self._jobs if job.row.phase is DownloadPhase.WAITING), None)
        if following is not None:
            following.take_turn()

    def _tell(self) -> None:
        self.rows_changed.emit()
        self.changed.emit(self.state)

    def _keep_order(self) -> None:
        jobs = [job.row.job for job in self._jobs if job.row.job and (job.row.phase not in ENDED or job.row.phase is DownloadPhase.INTERRUPTED)]
        self.client.request("transfer.arrange", {"jobs": jobs})

    def _restored(self, document: Mapping[str, Any]) -> None:
        left = document["transfers"]
        for item in left:
            self._add(Job(self._key(), self._services)).restore(item)
        if left:
            text = _("{downloads} from the last session did not finish. You can resume on the Downloads page.")
            number = human_count(len(left), _("download"), _("downloads"))
            self.noted.emit(Message(Kind.INFO, text.format(downloads=number), "downloads"))
