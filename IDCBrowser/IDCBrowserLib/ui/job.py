"""One download from what was picked to series on the disk, in the database and in the scene: plan, queue, download, import, load. No widgets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from IDCBrowserLib.engine.client import EngineClient, Request
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.host.interface import Cancellable, Host, LoadRequest, LoadResult, OnError, SeriesStatus
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.task import Progress
from IDCBrowserLib.ui.download_state import CAN_PAUSE, CAN_RESUME, DownloadPhase, DownloadRow, label_of
from IDCBrowserLib.ui.files import Defer
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.outcomes import Outcomes
from IDCBrowserLib.ui.progress_text import describe
from IDCBrowserLib.ui.series_import import SeriesImport
from IDCBrowserLib.ui.series_status import Moving, SeriesStatusBook
from IDCBrowserLib.ui.source_plan import unresolved_outcomes
from IDCBrowserLib.ui.state import JobState, Kind, Message, SeriesOutcome
from IDCBrowserLib.ui.transfer_step import TransferStep
from IDCBrowserLib.ui.turns import Turns
from IDCBrowserLib.wording import human_size

MAX_LOADED_SERIES = 50
# A folder may hold thousands of files that are no DICOM; the first tell enough.
_MAX_LEFT_OUT = 20
_DRAWN_ON_IMAGES = ("SEG", "RTSTRUCT")
_P = DownloadPhase

# (folder, on_done with the series as rows of a plan, on_error) -> what can be cancelled
SeriesBelow = Callable[[str, Callable[[Sequence[Mapping[str, Any]]], None], OnError], Cancellable]


@dataclass(frozen=True)
class TransferOptions:
    """Where series come from in this run; None leaves the choice to the settings."""

    endpoint_url: str | None = None
    provider: str | None = None
    jobs: int | None = None

    def parameters(self) -> dict[str, Any]:
        """Those that are set, as parameters of ``transfer.enqueue``."""
        given = {"endpoint_url": self.endpoint_url, "provider": self.provider, "jobs": self.jobs}
        return {name: value for name, value in given.items() if value is not None}


class Parameters(Protocol):
    """What is set for downloads."""

    def parameters(self) -> dict[str, Any]:
        """Parameters of ``transfer.enqueue``."""


@dataclass(frozen=True)
class Services:
    """What all jobs work with; ``loads`` lets them load one after the other."""

    client: EngineClient
    host: Host
    statuses: SeriesStatusBook
    defer: Defer
    options: Parameters
    loads: Turns


class Job:
    """``changed`` at each step and progress, ``ended(Message)`` at its end; ``state`` for those who watch one job, ``row`` for the list of all.

    It waits in ``DownloadPhase.WAITING`` until ``take_turn``. What is complete on the disk is not fetched again (``transfer`` sees to that); a
    series that fails does not stop the others.
    """

    def __init__(self, key: int, services: Services, load: bool = False, with_references: bool = False) -> None:
        self._services = services
        self._client, self._host, self._statuses = services.client, services.host, services.statuses
        self._load = load
        self._with_references = with_references
        self._first_step = 1
        self._turn = 0
        self._stop: Callable[[], None] | None = None
        self._plan: Mapping[str, Any] = {"series": ()}
        self._transfer = TransferStep(services.client, self._downloaded, self._stopped, self._progress)
        self._moving: dict[str, None] = {}
        self._imported: set[str] = set()
        self._not_arrived: set[str] = set()
        self.outcomes = Outcomes()
        self.state = JobState()
        self.row = DownloadRow(key)
        # What each step said, by step: "plan", "transfer", "import" (engine documents) and "load" (LoadResults).
        self.documents: dict[str, Any] = {}
        self.changed = Signal()
        self.ended = Signal()
        self._begin_import()

    # Ways to begin

    def look_up(self, selections: Sequence[Mapping[str, Any]]) -> None:
        """Plan what is selected, then queue."""
        self._enter(1, _P.LOOKING_UP, _("Looking up what to download"))
        self._ask("selection.plan", {"selections": list(selections)}, self._planned)

    def take_plan(self, plan: Mapping[str, Any]) -> None:
        """Queue a plan that the engine made before."""
        self._enter(1, _P.LOOKING_UP, _("Looking up what to download"))
        self._planned(plan)

    def add_folder(self, folder: str, series_below: SeriesBelow) -> None:
        """Add a folder of DICOM files to the database (linked, not copied) and load its series, which ``series_below`` lists."""
        self._load, self._first_step = True, 3
        self.row = replace(self.row, label=folder, folder=folder)
        self._enter(3, _P.ADDING, _("Adding {folder} to the DICOM database").format(folder=folder))

        def imported(counts: Mapping[str, Any]) -> None:
            self.documents["import"] = counts
            for item in counts.get("left_out", ())[:_MAX_LEFT_OUT]:
                self.outcomes.remark(os.path.basename(str(item["file"])), [_("Not added to the database: {reason}").format(reason=item["reason"])])
            self._run(lambda: series_below(folder, self._load_local, self._failed))

        self._run(lambda: self._host.store.import_files([folder], imported, self._failed, self._progress))

    def restore(self, left: Mapping[str, Any]) -> None:
        """One that the last run of the program left unfinished, as ``transfer.unfinished`` tells of it; it waits for ``resume``."""
        about = {"series": left["series_count"], **left["about"]}
        self._load, self._with_references = bool(about.get("load")), bool(about.get("with_references"))
        self._transfer.job = str(left["job"])
        self._describe(about, str(left["to"]))
        note = _("It was interrupted.") if left["begun"] else _("It had not begun when the program ended.")
        self._rest(_P.INTERRUPTED, note)

    # What the user does

    def take_turn(self) -> None:
        """Begin to download, or go on."""
        if not self._transfer.is_open:
            self._begin_import()
            number, size = self.row.series, human_size(self.row.total)
            self._enter(2, _P.RUNNING, _("Downloading {count} series, {size}").format(count=f"{number:,}", size=size))
        import_to = self._host.store.engine_database()
        self._transfer.begin(self._with_references, import_to)
        self._stop = self._transfer.cancel
        self._show(phase=_P.RUNNING, note="")

    def pause(self) -> None:
        """Move nothing until ``resume``; it keeps its place in the queue, and others go on."""
        if self.row.phase in CAN_PAUSE and not self.row.cancelling:
            self._transfer.rest()
            self._tell(replace(self.state, text=_("Paused")))
            self._show(phase=_P.PAUSED, bytes_per_second=0.0, seconds_left=None)

    def resume(self) -> None:
        """Wait for its turn again."""
        if self.row.phase in CAN_RESUME:
            self._tell(replace(self.state, running=True, text=_("Waiting for its turn")))
            self._show(phase=_P.WAITING, note="")

    def retry(self) -> None:
        """Fetch what did not come."""
        if not self.row.can_retry:
            return
        before = self.row

        def refused(error: IDCBrowserError) -> None:
            self._rest(before.phase, str(error))
            self.ended.emit(Message(Kind.ERROR, str(error)))

        self._enter(1, _P.LOOKING_UP, _("Looking up what to download"))
        self._transfer.queue_again(self._about(), self._queued, refused)

    def cancel(self) -> None:
        """Stop the step under way; what has arrived stays."""
        if self.row.phase is _P.INTERRUPTED:
            self._leave_queue()
        elif self.row.can_cancel and self._stop is not None:
            self._tell(replace(self.state, cancelling=True, text=_("Canceling ...")))
            self._show(cancelling=True)
            self._stop()

    def cancel_series(self, uuids: Sequence[str]) -> None:
        """Take series out of it; the others go on."""
        if self.row.job and not self.row.has_ended:
            self._transfer.cancel_series(uuids)

    def is_imported(self, series_uid: str) -> bool:
        """Whether a series has entered the database."""
        return series_uid in self._imported

    def remarks(self) -> tuple[SeriesOutcome, ...]:
        """What the list of its series does not say: of the plan, the database and the scene."""
        return tuple(
            outcome for outcome in self.outcomes.all() if outcome.kind is not Kind.SUCCESS and outcome.series_uid not in self._not_arrived
        )

    def forget(self) -> None:
        """It leaves the list."""
        self._transfer.forget()

    # Plan and queue

    def _planned(self, plan: Mapping[str, Any]) -> None:
        self.documents["plan"] = plan
        self._plan = plan
        self.outcomes.name(plan["series"])
        self.outcomes.add(unresolved_outcomes(plan))
        number = plan.get("series_count", len(plan["series"]))
        self._show(series=number, total=plan.get("total_bytes", 0))
        if number == 0:
            self._end(_P.FAILED, Kind.WARNING, _("There is nothing to download in the selection."))
            return
        if self._load and number > MAX_LOADED_SERIES:
            text = _('{count} series are too many to load at once (with what they refer to). Select at most {limit}, or use "Download".')
            self._end(_P.FAILED, Kind.WARNING, text.format(count=f"{number:,}", limit=MAX_LOADED_SERIES))
            return
        if self._load:
            uids = [item["SeriesInstanceUID"] for item in plan["series"]]
            self._run(lambda: self._host.store.series_status(uids, self._located, self._failed))
        else:
            self._queue()

    def _located(self, statuses: Mapping[str, SeriesStatus]) -> None:
        """What is in the database already is loaded at once, also without a network; unless an image may have to be fetched for it."""
        there = all(status is SeriesStatus.IN_DATABASE for status in statuses.values())
        if there and not (self._with_references and _lacks_images(self._plan["series"])):
            self._describe({"series": len(self._plan["series"])}, "")
            self._load_series(self._plan["series"])
        else:
            self._queue()

    def _queue(self) -> None:
        self._mark({item["SeriesInstanceUID"]: Moving("queued") for item in self._plan["series"]})
        parameters = {
            "plan": self._plan["plan"], "to": self._host.download_folder, "about": self._about(), "wait_for_room": True,
            **self._services.options.parameters(),
        }
        self._follow(self._transfer.queue(parameters, self._queued))

    def _queued(self, document: Mapping[str, Any]) -> None:
        self._describe(document, str(document.get("folder", "")))
        self._stop = self._leave_queue
        self._tell(replace(self.state, title=_("Waits for its turn: {what}").format(what=self.row.label), text=""))
        self._show(phase=_P.WAITING, missing=0, note=_room_note(document, self._host.download_folder))

    def _leave_queue(self) -> None:
        self._transfer.leave_queue()
        self._failed(CancelledError())

    def _about(self) -> dict[str, bool]:
        return {"load": self._load, "with_references": self._with_references}

    def _describe(self, about: Mapping[str, Any], folder: str) -> None:
        self.row = replace(
            self.row, job=self._transfer.job, label=label_of(about), series=about["series"], total=about.get("bytes", self.row.total), folder=folder,
        )

    # Download and import

    def _begin_import(self) -> None:
        self._import_error: IDCBrowserError | None = None
        self._import = SeriesImport(self._host.store, self._services.defer, self._has_imported, self._not_imported, self._import_progress)

    def _downloaded(self, document: Mapping[str, Any]) -> None:
        self.documents["transfer"] = document
        self.outcomes.remark(_("Download"), document.get("warnings"))
        self._plan = {**self._plan, "series": _joined(self._plan["series"], document)}
        self.outcomes.name(self._plan["series"])
        for item in document["series"]:
            self._take_outcome(item)
        states = document.get("states") or {}
        self.outcomes.count(states)
        self._show(missing=states.get("failed", 0) + states.get("cancelled", 0), done=document.get("total_bytes", self.row.done))
        self._enter(3, _P.ADDING, _("Adding to the DICOM database"))
        if "import" in document:
            self._all_imported(document["import"])
        else:
            self._stop = self._stop_import
            self._import.finish(self._all_imported)

    def _take_outcome(self, item: Mapping[str, Any]) -> None:
        uid = item["SeriesInstanceUID"]
        (self._not_arrived.discard if item["state"] == "complete" else self._not_arrived.add)(uid)
        if item["state"] == "complete":
            self.outcomes.put(uid, Kind.SUCCESS, _("Downloaded"))
            if not self._host.store.engine_database():
                self._import.add(uid, str(item.get("directory") or ""))
        elif item["state"] == "cancelled":
            self.outcomes.put(uid, Kind.WARNING, _("Canceled"))
        else:
            self.outcomes.put(uid, Kind.ERROR, item.get("error") or _("The download failed."))
        if uid not in self._imported:
            self._mark({uid: Moving(item["state"])})

    def _has_imported(self, uids: list[str]) -> None:
        self._imported.update(uids)
        self._mark({uid: Moving("imported") for uid in uids})

    def _not_imported(self, error: IDCBrowserError) -> None:
        """The download goes on; what it brings is kept."""
        self._import_error = error
        if self.row.phase is _P.ADDING:
            self._failed(error)

    def _stop_import(self) -> None:
        self._import.cancel()
        self._failed(CancelledError())

    def _import_progress(self, progress: Progress) -> None:
        if self.row.phase is _P.ADDING:
            self._progress(progress)

    def _all_imported(self, counts: Mapping[str, Any]) -> None:
        self.documents["import"] = counts
        if counts.get("error"):
            self.outcomes.remark(_("DICOM database"), [counts["error"]])
        for item in counts.get("left_out", ())[:_MAX_LEFT_OUT]:
            self._put_left_out(str(item["file"]), str(item["reason"]))
        complete = {item["SeriesInstanceUID"] for item in self.documents["transfer"]["series"] if item["state"] == "complete"}
        if self._import_error is not None:
            self._failed(self._import_error)
        elif self._load and complete:
            self._load_series([item for item in self._plan["series"] if item["SeriesInstanceUID"] in complete])
        else:
            self._finish()

    def _put_left_out(self, file: str, reason: str) -> None:
        folder = os.path.normpath(os.path.dirname(file))
        uid = {os.path.normpath(str(item.get("directory"))): item["SeriesInstanceUID"] for item in self.documents["transfer"]["series"]}.get(folder)
        text = _("{file} was not added to the database: {reason}").format(file=os.path.basename(file), reason=reason)
        if uid is not None:
            self.outcomes.put(uid, Kind.WARNING, text)
        else:
            self.outcomes.remark(os.path.basename(folder), [text])

    # Load

    def _load_local(self, series: Sequence[Mapping[str, Any]]) -> None:
        if not series:
            self._end(_P.FAILED, Kind.WARNING, _("There are no DICOM series in this folder."))
            return
        self._show(series=len(series))
        if len(series) > MAX_LOADED_SERIES:
            text = _("{count} series were added to the DICOM database; too many to load at once (at most {limit}).")
            self._end(_P.FINISHED, Kind.WARNING, text.format(count=f"{len(series):,}", limit=MAX_LOADED_SERIES))
            return
        self._plan = {"series": list(series)}
        self.outcomes.name(series)
        self._load_series(series)

    def _load_series(self, series: Sequence[Mapping[str, Any]]) -> None:
        requests = [_load_request(item) for item in series]
        self._enter(4, _P.LOADING, _("Loading {count} series").format(count=len(requests)))

        def start(end: Callable[[], None]) -> Cancellable:
            def loaded(results: Sequence[LoadResult]) -> None:
                self._loaded(results)
                end()

            return self._host.loader.load(requests, loaded, self._progress)

        self._run(lambda: self._services.loads.take(start))

    def _loaded(self, results: Sequence[LoadResult]) -> None:
        self.documents["load"] = results
        for result in results:
            if result.error:
                self.outcomes.put(result.series_uid, Kind.ERROR, result.error)
            elif result.warnings:
                self.outcomes.put(result.series_uid, Kind.WARNING, _("Loaded. {warnings}").format(warnings=" ".join(result.warnings)))
            else:
                self.outcomes.put(result.series_uid, Kind.SUCCESS, _("Loaded"))
        self._finish()

    # What all steps share

    def _ask(self, method: str, parameters: dict[str, Any], on_result: Callable[[Any], None]) -> None:
        self._follow(self._client.request(method, parameters, on_result, self._failed, self._progress))

    def _follow(self, request: Request) -> None:
        self._turn += 1
        self._stop = lambda: request.cancel(True)

    def _run(self, start: Callable[[], Cancellable]) -> None:
        """Start work that tells nobody when it is cancelled; it may also have ended, and others begun, before its handle comes back."""
        self._turn += 1
        turn = self._turn
        handle = start()

        def stop() -> None:
            handle.cancel()
            self._failed(CancelledError())

        if turn == self._turn and self.state.running:
            self._stop = stop

    def _progress(self, progress: Progress) -> None:
        self._mark({item["SeriesInstanceUID"]: _moving(item, self._imported) for item in progress.details.get("series", ())})
        if "imported" in progress.details:
            self._has_imported(progress.details["imported"])
        elif not self._host.store.engine_database():
            for item in progress.details.get("series", ()):
                self._import.add(item["SeriesInstanceUID"], str(item.get("directory") or ""))
        if self.row.phase is _P.PAUSED or not self.state.running or self.state.cancelling:
            return
        # Within a step the bar never goes back, though a part of the work may count anew.
        fraction = None if progress.fraction is None else max(progress.fraction, self.state.fraction or 0.0)
        self._tell(replace(self.state, text=describe(progress), fraction=fraction))
        self._show(**_shown(progress, self.row))

    def _stopped(self, error: IDCBrowserError) -> None:
        """The engine's part ended without a result."""
        self._import.cancel()
        if isinstance(error, CancelledError) or not self._transfer.engine_is_gone or not self.row.job:
            self._failed(error)
            return
        self._statuses.end_moving(self._moving)
        self._rest(_P.INTERRUPTED, str(error))
        self.ended.emit(Message(Kind.WARNING, f"{error} {_('The download can be resumed under Downloads.')}"))

    def _failed(self, error: IDCBrowserError) -> None:
        # What had not arrived is absent or partial again, which the store will say; a failed one stays marked.
        state = "cancelled" if isinstance(error, CancelledError) else "failed"
        planned = [item["SeriesInstanceUID"] for item in self._plan.get("series", ())]
        self._mark({uid: Moving(state) for uid in planned if not self.outcomes.has(uid) and uid not in self._imported})
        if isinstance(error, CancelledError):
            text = _("Canceled. What had arrived completely stays on the disk and is not fetched again.")
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
        self.row = replace(self.row, missing=max(self.row.missing, self.outcomes.failed))
        self._end(phase, message.kind, message.text)

    def _end(self, phase: DownloadPhase, kind: Kind, text: str) -> None:
        self._rest(phase, text)
        self._statuses.end_moving(self._moving)
        self.ended.emit(Message(kind, text))

    def _rest(self, phase: DownloadPhase, note: str) -> None:
        """Nothing more happens by itself."""
        self._stop = None
        self._tell(JobState(running=False, step=self.state.step, steps=self.state.steps, title=note, outcomes=self.outcomes.all()))
        self._show(phase=phase, note=note, cancelling=False, bytes_per_second=0.0, seconds_left=None)

    def _mark(self, states: Mapping[str, Moving]) -> None:
        self._moving.update(dict.fromkeys(states))
        self._statuses.set_moving(states)

    def _enter(self, step: int, phase: DownloadPhase, title: str) -> None:
        before = self._first_step - 1
        steps = (4 if self._load else 3) - before
        self._tell(JobState(running=True, step=step - before, steps=steps, title=title, outcomes=self.outcomes.all()))
        self._show(phase=phase, note="", cancelling=False)

    def _tell(self, state: JobState) -> None:
        self.state = state

    def _show(self, **changes: Any) -> None:
        self.row = replace(self.row, **changes)
        self.changed.emit()


def _shown(progress: Progress, row: DownloadRow) -> dict[str, Any]:
    """What a moment of the transfer changes in the row; other steps count no bytes."""
    if row.phase not in (_P.RUNNING, _P.NO_ROOM) or progress.unit != "B":
        return {}
    no_room = progress.details.get("held") == "room"
    return {
        "phase": _P.NO_ROOM if no_room else _P.RUNNING, "note": progress.message if no_room else "", "done": progress.done,
        "total": progress.total or 0.0, "bytes_per_second": progress.details.get("bytes_per_second", 0.0), "seconds_left": progress.seconds_left,
    }


def _room_note(document: Mapping[str, Any], folder: str) -> str:
    missing, free = document.get("missing_bytes", 0), document.get("free_bytes")
    if free is None or missing <= free:
        return ""
    text = _("It needs {needed}, and {free} are free in {folder}. It begins when there is room.")
    return text.format(needed=human_size(missing), free=human_size(free), folder=folder)


def _lacks_images(series: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there is a SEG or RTSTRUCT in a study of which no other series comes along."""
    drawn = {item.get("StudyInstanceUID") for item in series if item.get("Modality") in _DRAWN_ON_IMAGES}
    return bool(drawn - {item.get("StudyInstanceUID") for item in series if item.get("Modality") not in _DRAWN_ON_IMAGES})


def _joined(series: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The planned series, those that came along, and after a restart those that only the engine knows."""
    known = {item["SeriesInstanceUID"]: item for item in (*document["series"], *series, *document.get("added", ()))}
    return list(known.values())


def _moving(item: Mapping[str, Any], imported: set[str]) -> Moving:
    if item["SeriesInstanceUID"] in imported:
        return Moving("imported")
    total = item.get("bytes_total")
    return Moving(item["state"], min(1.0, item.get("bytes", 0) / total) if total else None)


def _load_request(item: Mapping[str, Any]) -> LoadRequest:
    return LoadRequest(
        series_uid=item["SeriesInstanceUID"], study_uid=item.get("StudyInstanceUID") or "", patient_id=item.get("PatientID") or "",
        modality=item.get("Modality") or "", sop_class_uid=item.get("SOPClassUID") or "", description=item.get("SeriesDescription") or "",
    )
