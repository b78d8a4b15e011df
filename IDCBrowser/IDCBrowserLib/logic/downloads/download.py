"""One download, from a selection to series on disk, in the DICOM database and in the scene: plan, queue, transfer, import, load. No Qt."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from IDCBrowserLib.api.downloads import Contents, EnqueueParameters, LeftDownload, Purpose, Queued
from IDCBrowserLib.api.selection import CLOSE_PLAN, MAX_LOADED_SERIES, PLAN, Plan, PlanParameters
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.api.transfer import Downloaded, Imported, details_of
from IDCBrowserLib.api.transfer import Series as TransferredSeries
from IDCBrowserLib.errors import CancelledError, IDCBrowserError
from IDCBrowserLib.host_interface import LoadRequest, LoadResult, SeriesStatus
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.collection_names import named
from IDCBrowserLib.logic.base.settings_keys import shown_slide_levels
from IDCBrowserLib.logic.base.source_text import unresolved_outcomes
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.downloads.download_base import DownloadBase, DownloadOverrides, DownloadParameters, DownloadServices
from IDCBrowserLib.logic.downloads.download_parts import (
    contents_of,
    disk_space_note,
    ended_progress,
    joined,
    lacks_images,
    load_request,
    series_progress,
    shown,
)
from IDCBrowserLib.logic.downloads.download_state import CAN_PAUSE, CAN_RESUME, DownloadPhase, label_of
from IDCBrowserLib.logic.downloads.series_import import SeriesImport
from IDCBrowserLib.logic.downloads.transfer_step import TransferStep
from IDCBrowserLib.logic.tables.series_status import SeriesProgress
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_count, human_size

__all__ = ["Download", "DownloadOverrides", "DownloadParameters"]

# At most so many files that the database did not accept are named.
_MAX_LEFT_OUT = 20
_P = DownloadPhase


class Download(DownloadBase):
    """Waits in ``DownloadPhase.WAITING`` until ``start``. Complete files on disk are not downloaded again (``transfer`` checks); a series that fails
    does not stop the others.
    """

    def __init__(self, key: int, services: DownloadServices, load: bool = False, with_references: bool = False) -> None:
        super().__init__(key, services, load)
        self._with_references = with_references
        self._transfer = TransferStep(services.client, self._downloaded, self._stopped, self._progress)
        self._imported: set[str] = set()
        # Why the rest is missing, of series of which some objects came; what is here is loaded.
        self._partly: dict[str, str] = {}
        self._plan: int | None = None
        self._begin_import()

    # How a download starts

    def plan(self, what: PlanParameters) -> None:
        """Plan it, then queue the download."""
        self._enter(1, _P.LOOKING_UP, _("Looking up the series to download"))
        self._ask(PLAN(what), self._planned)

    def load(self, series: Sequence[LoadRequest]) -> None:
        """Only load what is in the DICOM database."""
        self._series = list(series)
        self.outcomes.name(self._series)
        self._show(series=len(self._series))
        self._load_series(self._series)

    def queue_plan(self, plan: Plan) -> None:
        """Queue a plan that the engine has already made, and that nobody else needs."""
        self._enter(1, _P.LOOKING_UP, _("Looking up the series to download"))
        self._planned(plan)

    def restore(self, left: LeftDownload) -> None:
        """A download that an earlier session did not finish, as ``transfer.unfinished`` lists it; it waits for ``resume``."""
        about = left["about"]
        self._load, self._with_references = about.get("load", False), about.get("with_references", False)
        self._transfer.job = left["job"]
        self._describe(contents_of(left), left["to"])
        note = _("Interrupted.") if left["begun"] else _("Not started when the program was closed.")
        self._settle(_P.INTERRUPTED, note)

    # What the user can do

    def start(self) -> None:
        """Start or continue the transfer; called when the queue gets here."""
        if not self._transfer.is_open:
            self._begin_import()
            number, size = self.row.series, human_size(self.row.total)
            self._enter(2, _P.RUNNING, _("Downloading {count} series, {size}").format(count=f"{number:,}", size=size))
        import_to = self._host.store.engine_database()
        # Of slides no more than is shown of them.
        levels = shown_slide_levels(self._host.settings) if self._load else ()
        self._transfer.begin(self._with_references, import_to, levels)
        self._stop = self._transfer.cancel
        self._show(phase=_P.RUNNING, note="")

    def pause(self) -> None:
        """Stop transferring until ``resume``. It keeps its place in the queue; the others continue."""
        if self.row.phase in CAN_PAUSE and not self.row.cancelling:
            self._transfer.pause()
            self._tell(replace(self.state, text=_("Paused")))
            self._show(phase=_P.PAUSED, bytes_per_second=0.0, seconds_left=None)

    def resume(self) -> None:
        """Wait in the queue again."""
        if self.row.phase in CAN_RESUME:
            self._tell(replace(self.state, running=True, text=_("Waiting in the queue")))
            self._show(phase=_P.WAITING, note="")

    def retry(self) -> None:
        """Download the missing series again."""
        if not self.row.can_retry:
            return
        before = self.row

        def refused(error: IDCBrowserError) -> None:
            self._settle(before.phase, str(error))
            self.ended.emit(Message(Kind.ERROR, str(error)))

        self._enter(1, _P.LOOKING_UP, _("Looking up the series to download"))
        self._transfer.queue_again(self._about(), self._queued, refused)

    def cancel(self) -> None:
        """Stop the current step. Complete files are kept."""
        if self.row.phase is _P.INTERRUPTED:
            self._leave_queue()
        else:
            DownloadBase.cancel(self)

    def cancel_series(self, uuids: Sequence[str]) -> None:
        """Cancel single series; the others continue."""
        if self.row.job and not self.row.has_ended:
            self._transfer.cancel_series(uuids)

    def is_imported(self, series_uid: str) -> bool:
        """Whether this download has added a series to the DICOM database."""
        return series_uid in self._imported

    def forget(self) -> None:
        """The download was removed from the list."""
        self._transfer.forget()

    # Plan and queue

    def _planned(self, plan: Plan) -> None:
        self.documents["plan"] = plan
        self._plan = plan["plan"]
        self._series = [load_request(item) for item in plan["series"]]
        self.outcomes.name(self._series)
        self.outcomes.add_notes(unresolved_outcomes(plan))
        number = plan["series_count"]
        self._show(series=number, total=plan["total_bytes"])
        if number == 0:
            self._end(_P.FAILED, Kind.WARNING, _("The selection contains nothing to download."))
            return
        if self._load and number > MAX_LOADED_SERIES:
            text = _('{count} series, including referenced images, are too many to load at once. Select at most {limit}, or use "Download".')
            self._end(_P.FAILED, Kind.WARNING, text.format(count=f"{number:,}", limit=MAX_LOADED_SERIES))
            return
        if self._load:
            uids = [item.series_uid for item in self._series]
            self._run(lambda: self._host.store.series_status(uids, lambda statuses: self._located(plan, statuses), self._failed))
        else:
            self._queue(plan)

    def _located(self, plan: Plan, statuses: Mapping[str, SeriesStatus]) -> None:
        """What is in the database already is loaded at once, also without a network; unless an image may have to be fetched for it."""
        there = all(status is SeriesStatus.IN_DATABASE for status in statuses.values())
        if there and not (self._with_references and lacks_images(self._series)):
            self.row = replace(self.row, label=human_count(len(self._series), _("series"), _("series")))
            self._load_series(self._series)
        else:
            self._queue(plan)

    def _queue(self, plan: Plan) -> None:
        self._mark({item.series_uid: SeriesProgress("queued") for item in self._series})
        parameters: EnqueueParameters = {
            "plan": plan["plan"],
            "to": self._host.download_folder,
            "options": {**self._services.options.parameters(), "wait_for_room": True},
            "about": self._about(),
        }
        self._follow(self._transfer.queue(parameters, self._queued))

    def _close_plan(self) -> None:
        """The engine keeps what a queued download needs."""
        plan, self._plan = self._plan, None
        if plan is not None and self._client.is_ready:
            self._client.ask(CLOSE_PLAN({"plan": plan}))

    def _end(self, phase: DownloadPhase, kind: Kind, text: str) -> None:
        self._close_plan()
        DownloadBase._end(self, phase, kind, text)

    def _queued(self, document: Queued) -> None:
        self._close_plan()
        self._describe(document, document["folder"])
        self._stop = self._leave_queue
        self._tell(replace(self.state, title=_("Waiting in the queue: {what}").format(what=named(self.row.label)), text=""))
        self._show(phase=_P.WAITING, missing=0, note=disk_space_note(document, self._host.download_folder))

    def _leave_queue(self) -> None:
        self._transfer.leave_queue()
        self._failed(CancelledError())

    def _about(self) -> Purpose:
        return {"load": self._load, "with_references": self._with_references}

    def _describe(self, contents: Contents, folder: str) -> None:
        self.row = replace(
            self.row,
            job=self._transfer.job,
            label=label_of(contents),
            series=contents["series"],
            total=contents["bytes"],
            folder=folder,
        )

    # Download and import

    def _begin_import(self) -> None:
        self._import_error: IDCBrowserError | None = None
        self._import = SeriesImport(self._host.store, self._services.defer, self._has_imported, self._not_imported, self._import_progress)

    def _downloaded(self, document: Downloaded) -> None:
        self.documents["transfer"] = document
        self.outcomes.add_note(_("Download"), document["warnings"])
        self._series = joined(self._series, document)
        self.outcomes.name(self._series)
        in_part = frozenset(item["SeriesInstanceUID"] for item in document["series"] if ended_progress(item).is_incomplete)
        for item in document["series"]:
            self._take_outcome(item, item["SeriesInstanceUID"] in in_part)
        states = document["states"]
        self.outcomes.count(states, document["incomplete"], in_part)
        missing, done = states.get("failed", 0) + states.get("cancelled", 0), document["total_bytes"]
        self._show(missing=missing, done=done, total=max(self.row.total, done) if missing else done)
        self._enter(3, _P.ADDING, _("Adding to the DICOM database"))
        self._take_partly(document, in_part)
        imported = document["import"]
        if imported is not None and imported["error"]:
            self.outcomes.add_note(_("DICOM database"), [imported["error"]])
        if imported is None or self._partly:
            self._stop = self._stop_import
            self._import.finish(lambda counts: self._all_imported(document, counts if imported is None else imported))
        else:
            self._all_imported(document, imported)

    def _take_partly(self, document: Downloaded, in_part: frozenset[str]) -> None:
        """Of series that are to be loaded and failed, what has come enters the database as well: it was compared with the bucket file by file."""
        self._partly = {}
        for item in document["series"] if self._load else ():
            uid = item["SeriesInstanceUID"]
            if uid in in_part:
                self._partly[uid] = _reason(item)
                self._import.add(uid, item["directory"])

    def _take_outcome(self, item: TransferredSeries, is_in_part: bool) -> None:
        uid = item["SeriesInstanceUID"]
        (self._not_whole.discard if item["state"] == "complete" else self._not_whole.add)(uid)
        if item["state"] == "complete":
            self.outcomes.put(uid, Kind.SUCCESS, _("Downloaded"))
            if not self._host.store.engine_database():
                self._import.add(uid, item["directory"])
        elif item["state"] == "cancelled":
            self.outcomes.put(uid, Kind.WARNING, _("Canceled"))
        elif is_in_part:
            self.outcomes.put(uid, Kind.WARNING, _incomplete(_reason(item)))
        else:
            self.outcomes.put(uid, Kind.ERROR, _reason(item))
        if uid not in self._imported:
            self._mark({uid: ended_progress(item)})

    def _has_imported(self, uids: Sequence[str]) -> None:
        whole = [uid for uid in uids if uid not in self._partly]
        self._imported.update(whole)
        self._mark({uid: SeriesProgress("imported") for uid in whole})

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

    def _all_imported(self, document: Downloaded, counts: ImportCounts | Imported) -> None:
        self.documents["import"] = counts
        folders = {os.path.normpath(item["directory"]): item["SeriesInstanceUID"] for item in document["series"]}
        for item in counts["left_out"][:_MAX_LEFT_OUT]:
            self._put_left_out(folders, item["file"], item["reason"])
        complete = {entry["SeriesInstanceUID"] for entry in document["series"] if entry["state"] == "complete"}
        if self._import_error is not None:
            self._failed(self._import_error)
        elif self._load and (complete or self._partly):
            self._load_series([request for request in self._series if request.series_uid in complete or request.series_uid in self._partly])
        else:
            self._finish()

    def _note_loaded(self, result: LoadResult) -> None:
        """See ``DownloadBase``; what could not be fetched is said of what is in sight."""
        missing = self._partly.get(result.series_uid, "")
        if missing and not result.error:
            parts = [_incomplete(missing if missing.endswith(".") else f"{missing}."), _("What was downloaded is loaded."), *result.warnings]
            self.outcomes.put(result.series_uid, Kind.WARNING, " ".join(parts))
        elif missing:
            self.outcomes.put(result.series_uid, Kind.ERROR, _incomplete(missing))
        else:
            DownloadBase._note_loaded(self, result)

    def _put_left_out(self, folders: Mapping[str, str], file: str, reason: str) -> None:
        folder = os.path.normpath(os.path.dirname(file))
        uid = folders.get(folder)
        text = _("{file} was not added to the database: {reason}").format(file=os.path.basename(file), reason=reason)
        if uid is not None:
            self.outcomes.put(uid, Kind.WARNING, text)
        else:
            self.outcomes.add_note(os.path.basename(folder), [text])

    def _progress(self, progress: Progress) -> None:
        details = details_of(progress)
        moving = details.get("series", ())
        self._mark({item["SeriesInstanceUID"]: series_progress(item, self._imported) for item in moving})
        if "imported" in details:
            self._has_imported(details["imported"])
        elif not self._host.store.engine_database():
            for item in moving:
                if item["state"] == "complete":
                    self._import.add(item["SeriesInstanceUID"], item["directory"])
        if self._load:
            self.moved.emit(moving)
        if self.row.phase is not _P.PAUSED:
            self.row = shown(progress, self.row)
            DownloadBase._progress(self, progress)

    def _stopped(self, error: IDCBrowserError) -> None:
        """The engine's part ended without a result."""
        self._import.cancel()
        if isinstance(error, CancelledError) or not self._transfer.engine_is_gone or not self.row.job:
            self._failed(error)
            return
        self._statuses.end_progress(self._in_progress)
        self._settle(_P.INTERRUPTED, str(error))
        self.ended.emit(Message(Kind.WARNING, f"{error} {_('You can resume the download on the Downloads page.')}"))


def _incomplete(reason: str) -> str:
    return _("Incomplete: {reason}").format(reason=reason)


def _reason(item: TransferredSeries) -> str:
    """Why a series failed."""
    return item["error"] or _("The download failed.")
