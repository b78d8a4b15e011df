"""What the entries of the download list share: their state and results, how steps start and end, and loading, the last step. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypedDict, TypeVar

from IDCBrowserLib.api.downloads import Options
from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.selection import Plan
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.api.transfer import Downloaded, Imported, Moving, details_of
from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.host_interface import Cancellable, Host, LoadRequest, LoadResult
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.base.progress_text import describe
from IDCBrowserLib.logic.base.state import Kind, Message, ProgressState, SeriesOutcome
from IDCBrowserLib.logic.downloads.download_state import DownloadPhase, DownloadRow
from IDCBrowserLib.logic.downloads.outcomes import Outcomes
from IDCBrowserLib.logic.downloads.serial_queue import SerialQueue
from IDCBrowserLib.logic.tables.series_status import SeriesProgress, SeriesStatusBook
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress

R = TypeVar("R")

_P = DownloadPhase


@dataclass(frozen=True)
class DownloadOverrides:
    """Transfer options from the command line, for this run only; None leaves an option to the settings.

    ``jobs``: files transferred at the same time.
    """

    endpoint_url: str | None = None
    provider: str | None = None
    jobs: int | None = None

    def parameters(self) -> Options:
        """The options that are set, as parameters of ``transfer.enqueue``."""
        options: Options = {}
        if self.endpoint_url is not None:
            options["endpoint_url"] = self.endpoint_url
        if self.provider is not None:
            options["provider"] = self.provider
        if self.jobs is not None:
            options["jobs"] = self.jobs
        return options


class DownloadParameters(Protocol):
    """Provides the current download settings."""

    def parameters(self) -> Options:
        """As parameters of ``transfer.enqueue``."""


# What each step said.
StepDocuments = TypedDict(
    "StepDocuments", {"plan": Plan, "transfer": Downloaded, "import": ImportCounts | Imported, "load": Sequence[LoadResult]}, total=False
)


@dataclass(frozen=True)
class DownloadServices:
    """What downloads work with. ``load_queue`` makes them load into the scene one after the other; ``loaded`` is emitted then."""

    client: EngineClient
    host: Host
    statuses: SeriesStatusBook
    defer: Defer
    options: DownloadParameters
    load_queue: SerialQueue
    loaded: Signal[Sequence[LoadResult]]


class DownloadBase:
    """One entry of the download list. ``state`` is for the progress line, ``row`` for the list. Signals: ``changed`` at each step and progress,
    ``moved(series)`` of what will be loaded, ``ended(Message)``.
    """

    def __init__(self, key: int, services: DownloadServices, load: bool, first_step: int = 1) -> None:
        self._services = services
        self._client, self._host, self._statuses = services.client, services.host, services.statuses
        self._load = load
        self._first_step = first_step
        self._step_number = 0
        self._stop: Callable[[], None] | None = None
        self._series: Sequence[LoadRequest] = ()
        self._in_progress: dict[str, None] = {}
        self._not_whole: set[str] = set()
        self.outcomes = Outcomes()
        self.state = ProgressState()
        self.row = DownloadRow(key)
        self.documents: StepDocuments = {}
        self.changed: Signal[[]] = Signal()
        self.ended: Signal[Message] = Signal()
        # Series on their way that will be loaded.
        self.moved: Signal[Sequence[Moving]] = Signal()

    # What the user can do. A folder import is never queued, paused or retried, so most of it does nothing here.

    def pause(self) -> None:
        """Stop transferring until ``resume``."""

    def resume(self) -> None:
        """Wait in the queue again."""

    def start(self) -> None:
        """Start or continue the transfer; called when the queue gets here."""

    def retry(self) -> None:
        """Download the missing series again."""

    def cancel_series(self, uuids: Sequence[str]) -> None:
        """Cancel single series; the others continue."""

    def forget(self) -> None:
        """The entry was removed from the list."""

    def is_imported(self, series_uid: str) -> bool:
        """Whether this entry has added a series to the DICOM database."""
        return False

    def has_fetched(self, series_uid: str) -> bool:
        """Whether it has brought all files of a series, as far as that is known."""
        transfer = self.documents.get("transfer")
        there = transfer is not None and any(one["SeriesInstanceUID"] == series_uid and one["state"] == "complete" for one in transfer["series"])
        return there or self.is_imported(series_uid)

    def may_fetch(self, series_uid: str) -> bool:
        """Whether it fetches a series or has fetched it. Of a large one, or while it is looked up, all may be; one that is interrupted waits for
        the user.
        """
        if any(request.series_uid == series_uid for request in self._series):
            return True
        is_unknown = self.row.phase is DownloadPhase.LOOKING_UP or self.row.series > len(self._series)
        return is_unknown and self.row.phase is not DownloadPhase.INTERRUPTED

    def cancel(self) -> None:
        """Stop the current step. Complete files are kept."""
        if self.row.can_cancel and self._stop is not None:
            self._tell(replace(self.state, cancelling=True, text=_("Canceling...")))
            self._show(cancelling=True)
            self._stop()

    def notes(self) -> tuple[SeriesOutcome, ...]:
        """Results that the list of its series does not show: of the plan, the database and the scene."""
        return tuple(outcome for outcome in self.outcomes.all() if outcome.kind is not Kind.SUCCESS and outcome.series_uid not in self._not_whole)

    # Load

    def _load_series(self, requests: Sequence[LoadRequest]) -> None:
        self._enter(4, _P.LOADING, _("Loading {count} series").format(count=len(requests)))

        def start(end: Callable[[], None]) -> Cancellable:
            def loaded(results: Sequence[LoadResult]) -> None:
                try:
                    self._loaded(results)
                finally:
                    end()

            return self._host.loader.load(requests, loaded, self._progress)

        self._run(lambda: self._services.load_queue.add(start))

    def _loaded(self, results: Sequence[LoadResult]) -> None:
        self.documents["load"] = results
        for result in results:
            self._note_loaded(result)
        try:
            self._services.loaded.emit(results)
        finally:
            # A page that stumbles over what was loaded keeps neither this download running nor those that wait behind it.
            self._finish()

    def _note_loaded(self, result: LoadResult) -> None:
        """What became of a series."""
        if result.error:
            self.outcomes.put(result.series_uid, Kind.ERROR, result.error)
        elif result.texts:
            self.outcomes.put(result.series_uid, Kind.SUCCESS, _('Opened on the page "Reports"'))
        elif result.warnings:
            self.outcomes.put(result.series_uid, Kind.WARNING, _("Loaded. {warnings}").format(warnings=" ".join(result.warnings)))
        else:
            self.outcomes.put(result.series_uid, Kind.SUCCESS, _("Loaded"))

    # What all steps share

    def _ask(self, question: Question[R], on_result: Callable[[R], None]) -> None:
        self._follow(self._client.ask(question, on_result, self._failed, self._progress))

    def _follow(self, request: Request) -> None:
        self._step_number += 1
        self._stop = lambda: request.cancel(True)

    def _run(self, start: Callable[[], Cancellable]) -> None:
        """Start work that does not report its own cancellation. It may have ended, and the next step started, before its handle is returned."""
        self._step_number += 1
        number = self._step_number
        handle = start()

        def stop() -> None:
            handle.cancel()
            self._failed(CancelledError())

        if number == self._step_number and self.state.running:
            self._stop = stop

    def _progress(self, progress: Progress) -> None:
        if not self.state.running or self.state.cancelling:
            return
        # Within a step the progress bar never moves backwards, even if part of the work starts counting again.
        fraction = None if progress.fraction is None else max(progress.fraction, self.state.fraction or 0.0)
        is_disk_full = details_of(progress).get("held") == "room"
        self._tell(replace(self.state, text=_("Waiting for disk space") if is_disk_full else describe(progress), fraction=fraction))
        self._show()

    def _failed(self, error: IDCBrowserError) -> None:
        # Series that are not complete are absent or partial again, which the store will report; failed ones stay marked.
        state = "cancelled" if isinstance(error, CancelledError) else "failed"
        planned = [item.series_uid for item in self._series]
        self._mark({uid: SeriesProgress(state) for uid in planned if not self.outcomes.has(uid) and not self.is_imported(uid)})
        if isinstance(error, CancelledError):
            text = _("Canceled. Complete files are kept and will not be downloaded again.")
            self._end(_P.CANCELLED, Kind.WARNING, text)
        else:
            self._end(_P.FAILED, Kind.ERROR, str(error))

    def _finish(self) -> None:
        if not self._load:
            done = _("{count} series downloaded and added to the DICOM database.")
        else:
            done = _("{count} series downloaded and loaded.") if "transfer" in self.documents else _("{count} series loaded.")
        message = self.outcomes.message(done)
        phase = {Kind.SUCCESS: _P.FINISHED, Kind.WARNING: _P.PARTLY, Kind.ERROR: _P.FAILED}[message.kind]
        if phase is _P.FINISHED and self.row.missing:
            phase = _P.PARTLY
        self.row = replace(self.row, missing=max(self.row.missing, self.outcomes.failed), incomplete=self.outcomes.incomplete)
        self._end(phase, message.kind, message.text)

    def _end(self, phase: DownloadPhase, kind: Kind, text: str) -> None:
        self._settle(phase, text)
        self._statuses.end_progress(self._in_progress)
        self.ended.emit(Message(kind, text))

    def _settle(self, phase: DownloadPhase, note: str) -> None:
        """Nothing more happens until the user does something."""
        self._stop = None
        self._tell(ProgressState(running=False, step=self.state.step, steps=self.state.steps, title=note, outcomes=self.outcomes.all()))
        self._show(phase=phase, note=note, cancelling=False, bytes_per_second=0.0, seconds_left=None)

    def _mark(self, states: Mapping[str, SeriesProgress]) -> None:
        self._in_progress.update(dict.fromkeys(states))
        self._statuses.set_progress(states)

    def _enter(self, step: int, phase: DownloadPhase, title: str) -> None:
        before = self._first_step - 1
        steps = (4 if self._load else 3) - before
        self._tell(ProgressState(running=True, step=step - before, steps=steps, title=title, outcomes=self.outcomes.all()))
        self._show(phase=phase, note="", cancelling=False)

    def _tell(self, state: ProgressState) -> None:
        self.state = state

    def _show(self, **changes: Any) -> None:
        self.row = replace(self.row, **changes)
        self.changed.emit()
