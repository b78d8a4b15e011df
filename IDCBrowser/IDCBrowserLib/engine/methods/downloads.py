"""Answers the methods on the download list: queueing, looking at series, disk space, and what earlier programs left unfinished."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from IDCBrowserLib.api import downloads as api
from IDCBrowserLib.api.selection import ExportedSeries
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.content import content_of
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.engine.transfers import Transfer
from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.plan import Plan, PlannedSeries
    from IDCBrowserLib.transfer.item import TransferItem
    from IDCBrowserLib.transfer.jobs import JobStore, SavedJob
    from IDCBrowserLib.transfer.options import TransferOptions

# More are not looked at one by one to say what a download is, or what of it is here already.
_MAX_DESCRIBED = 20_000
_MAX_ROWS = 1000
_TAKEN = "This download is no longer waiting to be completed; another program may have resumed it."


@answers(api.ENQUEUE)
def enqueue(state: EngineState, params: api.EnqueueParameters, task: Task) -> api.Queued:
    """Write a download down, or once more one that has ended. What it is for is given back by ``unfinished``, which adds what it is."""
    if "again" in params:
        return _enqueue_again(state, params["again"], params.get("about") or {})
    # Before it is written down: its layout may not be possible.
    options = _options(params)
    room = _room(state.plans.get(params["plan"]), _destination(params.get("to", "")), options.layout, options.keep_free)
    transfer = added(state, params, "", waiting=True)
    return {**_about(transfer.plan), "job": transfer.job, **room}


@answers(api.UNFINISHED)
def unfinished(state: EngineState, params: Nothing, task: Task) -> api.LeftDownloads:
    """Transfers whose program ended before them, in their order."""
    return {
        "transfers": [
            {
                "job": str(job.number),
                "to": str(job.destination),
                "series_count": len(job.series),
                "begun": job.begun,
                "about": cast(api.About, job.about),
            }
            for job in _jobs().leftover()
        ]
    }


@answers(api.FORGET)
def forget(state: EngineState, params: api.ForgetParameters, task: Task) -> Nothing:
    """Do not offer a transfer again."""
    job = params["job"]
    transfer = state.transfers.find(job)
    if transfer is not None and transfer.running:
        raise InputError("This download is running. Cancel it first.")
    if transfer is None:
        if job.isdecimal():
            _jobs().forget(int(job))
        return {}
    if transfer.held is not None:
        transfer.held.forget()
        transfer.held = None
    transfer.cancelled = True
    if not params.get("keep_series"):
        state.transfers.forget(job)
    return {}


@answers(api.ARRANGE)
def arrange(state: EngineState, params: api.Jobs, task: Task) -> Nothing:
    """The order of transfers."""
    _jobs().arrange([int(job) for job in params["jobs"] if job.isdecimal()])
    return {}


@answers(api.SERIES)
def series(state: EngineState, params: api.SeriesParameters, task: Task) -> api.SeriesRows:
    """Rows of the series of a transfer, also of one that was left unfinished."""
    from IDCBrowserLib.engine.transfers import in_order

    job, first = params["job"], max(0, params["offset"])
    last = first + max(0, min(_MAX_ROWS, params["limit"]))
    transfer = state.transfers.find(job)
    if transfer is None:
        planned: Sequence[PlannedSeries] = _planned_again(state, _saved(job), task).series
        return {"total": len(planned), "rows": [_waiting_row(item, False) for item in planned[first:last]]}
    if transfer.control.items:
        items = in_order(transfer.items(), params["failed_first"])
        return {"total": len(items), "rows": [_row(item) for item in items[first:last]]}
    planned, complete = transfer.plan.series, len(transfer.complete)
    rows = [_row(item) for item in transfer.complete[first:last]]
    rows += [
        _waiting_row(item, transfer.cancelled or transfer.control.is_cancelled(item.series_uid, item.crdc_series_uuid))
        for item in planned[max(0, first - complete) : max(0, last - complete)]
    ]
    return {"total": complete + len(planned), "rows": rows}


@answers(api.ROOM)
def room(state: EngineState, params: api.RoomParameters, task: Task) -> api.Room:
    """What is not there yet, and the room for it."""
    from IDCBrowserLib.selection.plan_content import plan_selections

    to = _destination(params["to"])
    if params.get("plan") is not None:
        plan = state.plans.get(params["plan"])
    else:
        plan = plan_selections(state.catalog(), params.get("selections") or [], content_of(state, params.get("content") or {}, task), task)
    return _room(plan, to, params.get("layout") or "", params.get("keep_free") or 0)


@answers(api.EXPORT)
def export(state: EngineState, params: api.ExportParameters, task: Task) -> ExportedSeries:
    """Write the series of a transfer that are not complete to a file."""
    from IDCBrowserLib.selection.export import save

    if not params["file"]:
        raise InputError("No file to write the series to is given.")
    missing = state.transfers.known(params["job"]).not_complete()
    save(missing, Path(params["file"]), state.catalog().info()["idc_version"])
    return {"file": params["file"], "series_count": len(missing.series)}


# What ``transfer.download`` shares


def added(state: EngineState, params: api.EnqueueParameters, job: str, waiting: bool) -> Transfer:
    """A transfer of a plan, written down; under the name ``job``, or without one under the number of its record."""
    plan, to, options = state.plans.get(params["plan"]), _destination(params.get("to", "")), _options(params)
    about: api.About = {**(params.get("about") or {}), **_about(plan)} if waiting else {}
    number = _jobs().add(plan.series, to, options, about=dict(about), waiting=waiting)
    transfer = state.transfers.add(job or (f"plan-{params['plan']}" if number is None else str(number)), plan, to, options)
    transfer.held = _jobs().hold(number)
    return transfer


def taken_up(state: EngineState, job: str, task: Task) -> Transfer:
    """What was queued here, or left unfinished by a program that is gone; it begins now."""
    transfer = state.transfers.find(job)
    if transfer is None:
        saved = _saved(job)
        held = _jobs().hold(saved.number)
        if not held.is_ours:
            raise NotFoundError(_TAKEN)
        try:
            plan = _planned_again(state, saved, task)
        except BaseException:
            held.release()
            raise
        transfer = state.transfers.add(job, plan, saved.destination, saved.options)
        transfer.held = held
    if transfer.held is None:
        raise NotFoundError("This download has ended; start it again.")
    transfer.held.begin()
    return transfer


def ended(state: EngineState, transfer: Transfer) -> None:
    """Whatever its outcome, it is not offered again; unless the whole engine ends."""
    held, transfer.held = transfer.held, None
    if held is not None:
        (held.release if state.closing else held.forget)()


def _enqueue_again(state: EngineState, job: str, purpose: api.Purpose) -> api.Queued:
    transfer = state.transfers.again(job)
    contents = _about(transfer.plan)
    number = int(job) if job.isdecimal() else None
    about = {**purpose, **contents}
    number = _jobs().add(transfer.plan.series, transfer.destination, transfer.options, about=about, waiting=True, number=number)
    transfer.held = _jobs().hold(number)
    return {**contents, "job": job, **_room(transfer.plan, transfer.destination, transfer.options.layout, transfer.options.keep_free)}


def _about(plan: Plan) -> api.Contents:
    """What a plan is, as far as a line can say it."""
    some = plan.series[:_MAX_DESCRIBED]
    collections = Counter(item.collection_id for item in some)
    cases = {(item.collection_id, item.patient_id) for item in some}
    whole = len(some) == len(plan.series)
    return {
        "series": len(plan.series),
        "bytes": plan.total_bytes,
        "collections": len(collections) if whole else None,
        "collection": next(iter(collections), ""),
        "cases": len(cases) if whole else None,
        "case": next(iter(cases))[1] if cases else "",
    }


def _room(plan: Plan, to: Path, layout: str, keep_free: int) -> api.Room:
    """``folder`` is the one that all series go to: that of their case or collection where they share one."""
    from IDCBrowserLib.transfer.download import bytes_to_come, items_of
    from IDCBrowserLib.transfer.folders.disk import free_bytes

    free = max(0, free_bytes(to) - keep_free)
    if len(plan.series) > _MAX_DESCRIBED or not plan.series:
        return {"missing_bytes": plan.total_bytes, "free_bytes": free, "folder": str(to)}
    items = items_of(plan, to, layout)
    common = os.path.commonpath([item.directory for item in items]) if len(items) > 1 else items[0].directory
    return {"missing_bytes": bytes_to_come(items, to), "free_bytes": free, "folder": str(to / common)}


def _row(item: TransferItem) -> api.SeriesRow:
    planned = item.series
    return (
        planned.crdc_series_uuid,
        planned.series_uid,
        planned.patient_id,
        planned.modality,
        planned.description,
        item.state.value,
        item.bytes_done,
        item.bytes_total,
        item.error or None,
    )


def _waiting_row(item: PlannedSeries, cancelled: bool) -> api.SeriesRow:
    state = "cancelled" if cancelled else "queued"
    return item.crdc_series_uuid, item.series_uid, item.patient_id, item.modality, item.description, state, 0, item.size_bytes, None


def _destination(to: str) -> Path:
    if not to:
        raise InputError("No folder to download to is given.")
    return Path(to).expanduser().absolute()


def _options(params: api.EnqueueParameters) -> TransferOptions:
    from IDCBrowserLib.transfer.options import TransferOptions

    defaults, given = TransferOptions(), params.get("options") or {}
    return TransferOptions(
        provider=given.get("provider") or defaults.provider,
        jobs=given.get("jobs") or defaults.jobs,
        endpoint_url=given.get("endpoint_url") or None,
        gcs_endpoint_url=given.get("gcs_endpoint_url") or None,
        wait_for_room=given.get("wait_for_room", False),
        stall_s=given.get("stall_s") or defaults.stall_s,
        retry_count=given.get("retry_count", defaults.retry_count),
        layout=given.get("layout") or defaults.layout,
        keep_free=given.get("keep_free") or defaults.keep_free,
    )


def _jobs() -> JobStore:
    from IDCBrowserLib.transfer.folders.journal import default_path
    from IDCBrowserLib.transfer.jobs import job_store_beside

    return job_store_beside(default_path())


def _saved(job: str) -> SavedJob:
    for saved in _jobs().leftover():
        if str(saved.number) == job:
            return saved
    raise NotFoundError(_TAKEN)


def _planned_again(state: EngineState, saved: SavedJob, task: Task) -> Plan:
    from IDCBrowserLib.selection.resolve import resolve

    return resolve(state.catalog(), saved.sources(), [], task)
