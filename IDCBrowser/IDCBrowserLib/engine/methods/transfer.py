"""Downloading a plan; pausing, cancelling parts of it, and taking up what a crash interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan
    from IDCBrowserLib.transfer.control import TransferControl
    from IDCBrowserLib.transfer.item import TransferItem
    from IDCBrowserLib.transfer.jobs import JobStore, SavedJob
    from IDCBrowserLib.transfer.options import TransferOptions
    from IDCBrowserLib.transfer.report import TransferReport

# Of an answer that need not name them for an import: the counts tell the rest.
_MAX_COMPLETE = 1000


def download(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Fetch the plan of a handle into the folder ``to``, or complete the ``unfinished`` transfer of that number.

    With ``with_references`` also the images its segmentations name come, listed as ``added``. With ``import_to`` each series enters the DICOM
    database of that folder as soon as it is verified: progress names it in ``imported``, the result has ``import`` and lists at most 1,000 complete
    series and 10,000 others; ``states`` counts all.
    ``job`` is the name by which other requests mean this transfer.
    """
    saved = _saved(params)
    plan = _planned_again(state, saved, task) if saved else state.plan(params["plan"])
    to = saved.destination if saved else Path(params.get("to") or "")
    if not saved and not params.get("to"):
        raise InputError("No folder to download to is given.")
    options = saved.options if saved else _options(params)
    fetched = _Fetch(state, to, options, bool(params.get("with_references")))
    with state.transfers.running(str(params.get("job") or params.get("plan") or "")) as control:
        if params.get("import_to"):
            result = fetched.into_database(plan, params["import_to"], task, control)
        else:
            result = fetched.onto_disk(plan, task, control)
    if saved:
        # The new transfer has ended and was remembered by itself until then.
        _jobs().forget(saved.number)
    task.raise_if_cancelled()
    return result


def pause(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Stop moving for the transfer ``job``, or all of them."""
    return _each(state, params, lambda control: control.pause())


def resume(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Go on after ``pause``."""
    return _each(state, params, lambda control: control.resume())


def cancel_series(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Stop ``series`` (SeriesInstanceUIDs or crdc_series_uuids) in the transfer ``job``, or in all; the others go on."""
    return _each(state, params, lambda control: control.cancel_series(params["series"]))


def unfinished(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Transfers whose program died, the oldest first."""
    return {"transfers": [
        {"unfinished": job.number, "to": str(job.destination), "series_count": len(job.series), "begun": job.begun} for job in _jobs().leftover()
    ]}


def forget(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Do not offer the ``unfinished`` transfer of that number again; its files stay."""
    saved = _saved(params)
    if saved is not None:
        _jobs().forget(saved.number)
    return {}


class _Fetch:
    """One transfer with its settings."""

    def __init__(self, state: EngineState, to: Path, options: TransferOptions, with_references: bool) -> None:
        self._state = state
        self._to = to.expanduser().absolute()
        self._options = options
        self._with_references = with_references

    def onto_disk(self, plan: Plan, task: Task, control: TransferControl) -> dict[str, Any]:
        whole, report = self._fetch(plan, task, control, None)
        return _document(plan, whole, report, None)

    def into_database(self, plan: Plan, folder: str, task: Task, control: TransferControl) -> dict[str, Any]:
        from IDCBrowserLib.engine.importing import Importer, ImportingTask
        from IDCBrowserLib.store.database import Database

        inner = ImportingTask(task)
        importer = Importer(Database(folder), inner)
        try:
            whole, report = self._fetch(plan, inner, control, lambda item: importer.add(item.series.series_uid, self._to / item.directory))
        finally:
            importer.finish()
        return {**_document(plan, whole, report, _MAX_COMPLETE), "import": importer.result()}

    def _fetch(
        self, plan: Plan, task: Task, control: TransferControl, on_complete: Callable[[TransferItem], None] | None
    ) -> tuple[Plan, TransferReport]:
        from IDCBrowserLib.engine.following import download_with_images
        from IDCBrowserLib.transfer.download import download as fetch

        if self._with_references:
            return download_with_images(self._state.catalog(), plan, self._to, self._options, task, control=control, on_complete=on_complete)
        return plan, fetch(plan, self._to, self._options, task, control=control, on_complete=on_complete)


def _document(planned: Plan, whole: Plan, report: TransferReport, limit: int | None) -> dict[str, Any]:
    return {
        **report.to_json(limit), "unresolved": [item.to_json() for item in whole.unresolved], "warnings": list(whole.warnings),
        "added": [item.to_json() for item in whole.series[len(planned.series):]],
    }


def _options(params: dict[str, Any]) -> TransferOptions:
    from IDCBrowserLib.transfer.options import TransferOptions

    defaults = TransferOptions()
    return TransferOptions(
        provider=params.get("provider") or defaults.provider, jobs=int(params.get("jobs") or defaults.jobs),
        endpoint_url=params.get("endpoint_url") or None, gcs_endpoint_url=params.get("gcs_endpoint_url") or None,
        wait_for_room=bool(params.get("wait_for_room")), stall_s=float(params.get("stall_s") or defaults.stall_s),
    )


def _each(state: EngineState, params: dict[str, Any], act: Callable[[TransferControl], None]) -> dict[str, Any]:
    controls = state.transfers.chosen(None if params.get("job") is None else str(params["job"]))
    for control in controls.values():
        act(control)
    return {"jobs": list(controls)}


def _jobs() -> JobStore:
    from IDCBrowserLib.transfer.jobs import job_store_beside
    from IDCBrowserLib.transfer.journal import default_path

    return job_store_beside(default_path())


def _saved(params: dict[str, Any]) -> SavedJob | None:
    number = params.get("unfinished")
    if number is None:
        return None
    for job in _jobs().leftover():
        if job.number == number:
            return job
    raise NotFoundError("This download is no longer waiting to be completed; perhaps another program has taken it up.")


def _planned_again(state: EngineState, saved: SavedJob, task: Task) -> Plan:
    from IDCBrowserLib.selection.resolve import resolve

    return resolve(state.catalog(), saved.sources(), [], task)
