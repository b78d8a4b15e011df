"""From a selection to series on the disk, in the database and in the scene: plan, download, import, load. Knows no widgets."""

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
from IDCBrowserLib.ui.files import Defer, FileLister
from IDCBrowserLib.ui.i18n import tr as _
from IDCBrowserLib.ui.outcomes import Outcomes
from IDCBrowserLib.ui.progress_text import describe
from IDCBrowserLib.ui.series_status import Moving, SeriesStatusBook
from IDCBrowserLib.ui.source_plan import unresolved_outcomes
from IDCBrowserLib.ui.state import JobState, Kind, Message
from IDCBrowserLib.wording import human_size

MAX_LOADED_SERIES = 50
# A folder may hold thousands of files that are no DICOM; the first tell enough.
_MAX_LEFT_OUT = 20
_DRAWN_ON_IMAGES = ("SEG", "RTSTRUCT")

# (folder, on_done with the series as rows of a plan, on_error) -> what can be cancelled
SeriesBelow = Callable[[str, Callable[[Sequence[Mapping[str, Any]]], None], OnError], Cancellable]


@dataclass(frozen=True)
class TransferOptions:
    """Where series come from in this run; None leaves the choice to the settings."""

    endpoint_url: str | None = None
    provider: str | None = None
    jobs: int | None = None

    def parameters(self) -> dict[str, Any]:
        """Those that are set, as parameters of ``transfer.download``."""
        given = {"endpoint_url": self.endpoint_url, "provider": self.provider, "jobs": self.jobs}
        return {name: value for name, value in given.items() if value is not None}


class Parameters(Protocol):
    """What is set for downloads."""

    def parameters(self) -> dict[str, Any]:
        """Parameters of ``transfer.download``."""


class Job:
    """One at a time. ``changed(JobState)`` at each step and progress; ``ended(Message)`` once per job.

    What is complete on the disk is not fetched again (``transfer`` sees to that); a series that fails does not stop the others.
    """

    def __init__(self, client: EngineClient, host: Host, options: Parameters, statuses: SeriesStatusBook, defer: Defer) -> None:
        self._client = client
        self._host = host
        self._options = options
        self._statuses = statuses
        self._defer = defer
        self._stop: Callable[[], None] | None = None
        self._load = False
        self._with_references = False
        self._first_step = 1
        self._turn = 0
        self._plan: Mapping[str, Any] = {}
        self._complete: dict[str, Mapping[str, Any]] = {}
        self._outcomes = Outcomes()
        self.state = JobState()
        # What each step of the latest job said, by step: "plan", "transfer", "import" (engine documents) and "load" (LoadResults).
        self.documents: dict[str, Any] = {}
        self.changed = Signal()
        self.ended = Signal()

    def start(self, selections: Sequence[Mapping[str, Any]], load: bool, with_references: bool) -> None:
        """Begin; ignored while another job runs."""
        if self.state.running:
            return
        self._reset(load, 1)
        self._enter(1, _("Looking up what to download"))
        self._with_references = with_references
        self._ask("selection.plan", {"selections": list(selections)}, self._planned)

    def start_planned(self, plan: Mapping[str, Any], load: bool, with_references: bool) -> None:
        """Begin with a plan that the engine made before; ignored while another job runs."""
        if self.state.running:
            return
        self._reset(load, 1)
        self._enter(1, _("Looking up what to download"))
        self._with_references = with_references
        self._planned(plan)

    def start_folder(self, folder: str, series_below: SeriesBelow) -> None:
        """Add a folder of DICOM files to the database (linked, not copied) and load its series, which ``series_below`` lists."""
        if self.state.running:
            return
        self._reset(True, 3)
        self._enter(3, _("Adding {folder} to the DICOM database").format(folder=folder))

        def imported(counts: Mapping[str, Any]) -> None:
            self.documents["import"] = counts
            for item in counts.get("left_out", ())[:_MAX_LEFT_OUT]:
                self._outcomes.remark(os.path.basename(str(item["file"])), [_("Not added to the database: {reason}").format(reason=item["reason"])])
            self._run(lambda: series_below(folder, self._load_local, self._failed))

        self._run(lambda: self._host.store.import_files([folder], imported, self._failed, self._progress))

    def _load_local(self, series: Sequence[Mapping[str, Any]]) -> None:
        if not series:
            self._end(Kind.WARNING, _("There are no DICOM series in this folder."))
            return
        if len(series) > MAX_LOADED_SERIES:
            text = _("{count} series were added to the DICOM database; too many to load at once (at most {limit}).")
            self._end(Kind.WARNING, text.format(count=f"{len(series):,}", limit=MAX_LOADED_SERIES))
            return
        self._plan = {"series": list(series)}
        self._outcomes.name(series)
        self._load_series(series)

    def cancel(self) -> None:
        """Stop the step under way; what has arrived stays."""
        if self.state.running and not self.state.cancelling and self._stop is not None:
            self._tell(replace(self.state, cancelling=True, text=_("Canceling ...")))
            self._stop()

    # Steps

    def _planned(self, plan: Mapping[str, Any]) -> None:
        self.documents["plan"] = plan
        self._plan = plan
        self._outcomes.name(plan["series"])
        self._outcomes.add(unresolved_outcomes(plan))
        number = plan.get("series_count", len(plan["series"]))
        if number == 0:
            self._end(Kind.WARNING, _("There is nothing to download in the selection."))
            return
        if self._load and number > MAX_LOADED_SERIES:
            text = _('{count} series are too many to load at once (with what they refer to). Select at most {limit}, or use "Download".')
            self._end(Kind.WARNING, text.format(count=f"{number:,}", limit=MAX_LOADED_SERIES))
            return
        if self._load:
            uids = [item["SeriesInstanceUID"] for item in plan["series"]]
            self._run(lambda: self._host.store.series_status(uids, self._located, self._failed))
        else:
            self._download()

    def _located(self, statuses: Mapping[str, SeriesStatus]) -> None:
        """What is in the database already is loaded at once, also without a network; unless an image may have to be fetched for it."""
        there = all(status is SeriesStatus.IN_DATABASE for status in statuses.values())
        if there and not (self._with_references and _lacks_images(self._plan["series"])):
            self._load_series(self._plan["series"])
        else:
            self._download()

    def _download(self) -> None:
        plan = self._plan
        number = plan.get("series_count", len(plan["series"]))
        self._statuses.set_moving({item["SeriesInstanceUID"]: Moving("queued") for item in plan["series"]})
        self._enter(2, _("Downloading {count} series, {size}").format(count=f"{number:,}", size=human_size(plan["total_bytes"])))
        parameters = {"plan": plan["plan"], "to": self._host.download_folder, "with_references": self._with_references, **self._options.parameters()}
        self._ask("transfer.download", parameters, self._downloaded)

    def _downloaded(self, document: Mapping[str, Any]) -> None:
        self.documents["transfer"] = document
        self._outcomes.remark(_("Download"), document.get("warnings"))
        self._plan = {**self._plan, "series": [*self._plan["series"], *document.get("added", ())]}
        self._outcomes.name(document.get("added", ()))
        for item in document["series"]:
            uid = item["SeriesInstanceUID"]
            if item["state"] == "complete":
                self._complete[uid] = item
                self._outcomes.put(uid, Kind.SUCCESS, _("Downloaded"))
            elif item["state"] == "cancelled":
                self._outcomes.put(uid, Kind.WARNING, _("Canceled"))
            else:
                self._outcomes.put(uid, Kind.ERROR, item.get("error") or _("The download failed."))
        self._statuses.set_moving({item["SeriesInstanceUID"]: Moving(item["state"]) for item in document["series"]})
        if not self._complete:
            self._finish()
            return
        self._enter(3, _("Adding {count} series to the DICOM database").format(count=f"{len(self._complete):,}"))
        folders = sorted({str(item["directory"]) for item in self._complete.values() if item.get("directory")})
        self._run(lambda: FileLister(folders, self._listed, self._defer))

    def _listed(self, files: list[str]) -> None:
        self._run(lambda: self._host.store.import_files(files, self._imported, self._failed, self._progress))

    def _imported(self, counts: Mapping[str, Any]) -> None:
        self.documents["import"] = counts
        by_folder = {os.path.normpath(str(item.get("directory", ""))): uid for uid, item in self._complete.items()}
        for item in counts.get("left_out", ()):
            uid = by_folder.get(os.path.normpath(os.path.dirname(str(item["file"]))))
            if uid is not None:
                text = _("{file} was not added to the database: {reason}")
                self._outcomes.put(uid, Kind.WARNING, text.format(file=os.path.basename(str(item["file"])), reason=item["reason"]))
        if not self._load:
            self._finish()
            return
        self._load_series([item for item in self._plan["series"] if item["SeriesInstanceUID"] in self._complete])

    def _load_series(self, series: Sequence[Mapping[str, Any]]) -> None:
        requests = [self._load_request(item) for item in series]
        self._enter(4, _("Loading {count} series").format(count=len(requests)))
        self._run(lambda: self._host.loader.load(requests, self._loaded, self._progress))

    def _loaded(self, results: Sequence[LoadResult]) -> None:
        self.documents["load"] = results
        for result in results:
            if result.error:
                self._outcomes.put(result.series_uid, Kind.ERROR, result.error)
            elif result.warnings:
                self._outcomes.put(result.series_uid, Kind.WARNING, _("Loaded. {warnings}").format(warnings=" ".join(result.warnings)))
            else:
                self._outcomes.put(result.series_uid, Kind.SUCCESS, _("Loaded"))
        self._finish()

    # What all steps share

    def _ask(self, method: str, parameters: dict[str, Any], on_result: Callable[[Any], None]) -> None:
        self._turn += 1
        request: Request = self._client.request(method, parameters, on_result, self._failed, self._progress)
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
        self._statuses.set_moving({item["SeriesInstanceUID"]: _moving(item) for item in progress.details.get("series", ())})
        if self.state.running and not self.state.cancelling:
            # Within a step the bar never goes back, though a part of the work may count anew.
            fraction = None if progress.fraction is None else max(progress.fraction, self.state.fraction or 0.0)
            self._tell(replace(self.state, text=describe(progress), fraction=fraction))

    def _failed(self, error: IDCBrowserError) -> None:
        # What had not arrived is absent or partial again, which the store will say; a failed one stays marked.
        state = "cancelled" if isinstance(error, CancelledError) else "failed"
        self._statuses.set_moving({uid: Moving(state) for uid in self._moving_uids()})
        if isinstance(error, CancelledError):
            self._end(Kind.WARNING, _("Canceled. What had arrived completely stays on the disk and is not fetched again."))
        else:
            self._end(Kind.ERROR, str(error))

    def _moving_uids(self) -> list[str]:
        return [item["SeriesInstanceUID"] for item in self._plan.get("series", ()) if not self._outcomes.has(item["SeriesInstanceUID"])]

    def _load_request(self, item: Mapping[str, Any]) -> LoadRequest:
        return LoadRequest(
            series_uid=item["SeriesInstanceUID"], study_uid=item.get("StudyInstanceUID") or "", patient_id=item.get("PatientID") or "",
            modality=item.get("Modality") or "", sop_class_uid=item.get("SOPClassUID") or "", description=item.get("SeriesDescription") or "",
        )

    def _finish(self) -> None:
        if not self._load:
            done = _("{count} series downloaded and added to the DICOM database.")
        else:
            done = _("{count} series downloaded and loaded.") if "transfer" in self.documents else _("{count} series loaded.")
        message = self._outcomes.message(done)
        self._end(message.kind, message.text)

    def _reset(self, load: bool, first_step: int) -> None:
        self._load, self._first_step = load, first_step
        self._plan, self._complete, self._outcomes = {}, {}, Outcomes()
        self.documents = {}

    def _enter(self, step: int, title: str) -> None:
        before = self._first_step - 1
        steps = (4 if self._load else 3) - before
        self._tell(JobState(running=True, step=step - before, steps=steps, title=title, outcomes=self._outcomes.all()))

    def _end(self, kind: Kind, text: str) -> None:
        self._stop = None
        self._tell(JobState(running=False, step=self.state.step, steps=self.state.steps, title=text, outcomes=self._outcomes.all()))
        self._statuses.end_moving()
        self.ended.emit(Message(kind, text))

    def _tell(self, state: JobState) -> None:
        self.state = state
        self.changed.emit(state)


def _lacks_images(series: Sequence[Mapping[str, Any]]) -> bool:
    """Whether there is a SEG or RTSTRUCT in a study of which no other series comes along."""
    drawn = {item.get("StudyInstanceUID") for item in series if item.get("Modality") in _DRAWN_ON_IMAGES}
    return bool(drawn - {item.get("StudyInstanceUID") for item in series if item.get("Modality") not in _DRAWN_ON_IMAGES})


def _moving(item: Mapping[str, Any]) -> Moving:
    total = item.get("bytes_total")
    return Moving(item["state"], min(1.0, item.get("bytes", 0) / total) if total else None)
