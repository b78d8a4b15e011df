"""Answers the methods on running downloads: downloading, pausing, canceling series, resuming. ``downloads`` has those on the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from IDCBrowserLib.api import transfer as api
from IDCBrowserLib.api.downloads import Jobs
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.methods import downloads
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.engine.transfers import Transfer
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan, PlannedSeries
    from IDCBrowserLib.transfer.control import TransferControl
    from IDCBrowserLib.transfer.item import TransferItem
    from IDCBrowserLib.transfer.report import TransferReport

# Of an answer that need not name them for an import: the counts tell the rest.
_MAX_COMPLETE = 1000


@answers(api.DOWNLOAD)
def download(state: EngineState, params: api.DownloadParameters, task: Task) -> api.Downloaded:
    """Fetch what was queued or left unfinished; or, in one step, the plan of a handle into a folder.

    Without a limit 1,000 complete series are listed when they enter a database, else all.
    """
    queued = "to" not in params
    job = params.get("job") or str(params.get("plan") or "")
    transfer = downloads.taken_up(state, job, task) if queued else downloads.added(state, params, job, waiting=False)
    transfer.running = True
    try:
        result = _Fetch(state, transfer, params).run(task)
    finally:
        transfer.running = False
        downloads.ended(state, transfer)
        if not queued:
            state.transfers.forget(job)
    task.raise_if_cancelled()
    return result


@answers(api.PAUSE)
def pause(state: EngineState, params: api.WhichJob, task: Task) -> Jobs:
    """Stop moving."""
    return _each(state, params, lambda control: control.pause())


@answers(api.RESUME)
def resume(state: EngineState, params: api.WhichJob, task: Task) -> Jobs:
    """Go on after ``pause``."""
    return _each(state, params, lambda control: control.resume())


@answers(api.CANCEL_SERIES)
def cancel_series(state: EngineState, params: api.CancelSeriesParameters, task: Task) -> Jobs:
    """Stop some series."""
    return _each(state, params, lambda control: control.cancel_series(params["series"]))


class _Fetch:
    """One run of a transfer."""

    def __init__(self, state: EngineState, transfer: Transfer, params: api.DownloadParameters) -> None:
        self._state = state
        self._transfer = transfer
        self._import_to = params.get("import_to") or ""
        self._with_references = params.get("with_references", False)
        self._slide_levels = params.get("slide_levels") or ()
        limit = params.get("limit") or 0
        self._limit = limit if limit > 0 else (_MAX_COMPLETE if self._import_to else None)

    def run(self, task: Task) -> api.Downloaded:
        plan = self._transfer.plan
        return self._into_database(plan, task) if self._import_to else self._onto_disk(plan, task)

    def _onto_disk(self, plan: Plan, task: Task) -> api.Downloaded:
        return self._document(plan, *self._fetch(plan, task, None))

    def _into_database(self, plan: Plan, task: Task) -> api.Downloaded:
        from IDCBrowserLib.engine.importing import Importer, ImportingTask
        from IDCBrowserLib.store.database import Database

        inner, to = ImportingTask(task), self._transfer.destination
        importer = Importer(Database(self._import_to), inner)
        try:
            whole, report = self._fetch(plan, inner, lambda item: importer.add(item, to / item.directory))
        finally:
            importer.finish()
        return {**self._document(plan, whole, report), "import": importer.result()}

    def _fetch(self, plan: Plan, task: Task, on_complete: Callable[[TransferItem], None] | None) -> tuple[Plan, TransferReport]:
        from IDCBrowserLib.engine.following import download_with_images
        from IDCBrowserLib.selection.slide_levels import LevelChoice
        from IDCBrowserLib.transfer.download import download as fetch

        transfer = self._transfer
        # What was queued long ago goes the way that is set now.
        where = (transfer.destination, replace(transfer.options, network=self._state.network, limit_rate=self._state.limit_rate), task)
        if self._with_references:
            catalog = self._state.catalog()
            levels = LevelChoice.of(self._slide_levels)
            return download_with_images(catalog, plan, *where, control=transfer.control, on_complete=on_complete, remember=False, levels=levels)
        return plan, fetch(plan, *where, control=transfer.control, on_complete=on_complete, remember=False)

    def _document(self, planned: Plan, whole: Plan, report: TransferReport) -> api.Downloaded:
        joined = replace(report, items=tuple(self._transfer.items()))
        document = joined.to_json(self._limit)
        rows = {item.series.crdc_series_uuid: item.series for item in joined.items} if self._limit else {}
        return {
            **document,
            "series": [
                {**entry, **_names(rows[entry["crdc_series_uuid"]])} if entry["crdc_series_uuid"] in rows else entry for entry in document["series"]
            ],
            "unresolved": [item.to_json() for item in whole.unresolved],
            "warnings": list(whole.warnings),
            "import": None,
            "added": [item.to_json() for item in whole.series[len(planned.series) :]],
        }


def _names(series: PlannedSeries) -> api.Names:
    """What a person knows a series by."""
    return {
        "PatientID": series.patient_id,
        "StudyInstanceUID": series.study_uid,
        "Modality": series.modality,
        "SeriesDescription": series.description,
    }


def _each(state: EngineState, params: api.WhichJob, act: Callable[[TransferControl], None]) -> Jobs:
    controls = state.transfers.chosen(params.get("job"))
    for control in controls.values():
        act(control)
    return {"jobs": list(controls)}
