"""Downloading a plan; pausing, cancelling parts of it, and taking up what was interrupted. What waits is ``downloads``' matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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


def download(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Fetch what was queued or left unfinished under the name ``job``; or, in one step, the plan of a handle into the folder ``to``.

    With ``with_references`` also the images its segmentations name come, listed as ``added``. With ``import_to`` each series enters the DICOM
    database of that folder as soon as it is verified: progress names it in ``imported``, and the result has ``import``.
    Of the complete series at most ``limit`` are listed (1,000 with ``import_to``, else all) and ten times as many others; ``states`` counts all.
    """
    queued = "to" not in params
    job = str(params.get("job") or params.get("plan") or "")
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


def pause(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Stop moving for the transfer ``job``, or all of them."""
    return _each(state, params, lambda control: control.pause())


def resume(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Go on after ``pause``."""
    return _each(state, params, lambda control: control.resume())


def cancel_series(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Stop ``series`` (SeriesInstanceUIDs or crdc_series_uuids) in the transfer ``job``, or in all that run; the others go on."""
    return _each(state, params, lambda control: control.cancel_series(params["series"]))


class _Fetch:
    """One run of a transfer."""

    def __init__(self, state: EngineState, transfer: Transfer, params: dict[str, Any]) -> None:
        self._state = state
        self._transfer = transfer
        self._import_to = str(params.get("import_to") or "")
        self._with_references = bool(params.get("with_references"))
        self._limit = int(params["limit"]) if params.get("limit") else _MAX_COMPLETE if self._import_to else None

    def run(self, task: Task) -> dict[str, Any]:
        plan = self._transfer.plan
        return self._into_database(plan, task) if self._import_to else self._onto_disk(plan, task)

    def _onto_disk(self, plan: Plan, task: Task) -> dict[str, Any]:
        return self._document(plan, *self._fetch(plan, task, None))

    def _into_database(self, plan: Plan, task: Task) -> dict[str, Any]:
        from IDCBrowserLib.engine.importing import Importer, ImportingTask
        from IDCBrowserLib.store.database import Database

        inner, to = ImportingTask(task), self._transfer.destination
        importer = Importer(Database(self._import_to), inner)
        try:
            whole, report = self._fetch(plan, inner, lambda item: importer.add(item.series.series_uid, to / item.directory))
        finally:
            importer.finish()
        return {**self._document(plan, whole, report), "import": importer.result()}

    def _fetch(self, plan: Plan, task: Task, on_complete: Callable[[TransferItem], None] | None) -> tuple[Plan, TransferReport]:
        from IDCBrowserLib.engine.following import download_with_images
        from IDCBrowserLib.transfer.download import download as fetch

        transfer = self._transfer
        # What was queued long ago goes the way that is set now.
        where = (transfer.destination, replace(transfer.options, network=self._state.network, limit_rate=self._state.limit_rate), task)
        if self._with_references:
            catalog = self._state.catalog()
            return download_with_images(catalog, plan, *where, control=transfer.control, on_complete=on_complete, remember=False)
        return plan, fetch(plan, *where, control=transfer.control, on_complete=on_complete, remember=False)

    def _document(self, planned: Plan, whole: Plan, report: TransferReport) -> dict[str, Any]:
        joined = replace(report, items=tuple(self._transfer.items()))
        document = joined.to_json(self._limit)
        rows = {item.series.crdc_series_uuid: item.series for item in joined.items} if self._limit else {}
        for entry in document["series"]:
            if entry["crdc_series_uuid"] in rows:
                entry.update(_names(rows[entry["crdc_series_uuid"]]))
        return {
            **document,
            "unresolved": [item.to_json() for item in whole.unresolved],
            "warnings": list(whole.warnings),
            "added": [item.to_json() for item in whole.series[len(planned.series) :]],
        }


def _names(series: PlannedSeries) -> dict[str, Any]:
    """What a person knows a series by."""
    return {
        "PatientID": series.patient_id,
        "StudyInstanceUID": series.study_uid,
        "Modality": series.modality,
        "SeriesDescription": series.description,
    }


def _each(state: EngineState, params: dict[str, Any], act: Callable[[TransferControl], None]) -> dict[str, Any]:
    controls = state.transfers.chosen(None if params.get("job") is None else str(params["job"]))
    for control in controls.values():
        act(control)
    return {"jobs": list(controls)}
