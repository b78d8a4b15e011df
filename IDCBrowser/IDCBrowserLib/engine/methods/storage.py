"""Answers the methods on the data on this computer: inventory, removing, cleaning up and moving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api import storage as api
from IDCBrowserLib.api.values import Folders, Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.store.inventory import StoredSeries
    from IDCBrowserLib.store.move_record import MoveRecord
    from IDCBrowserLib.store.moving import Move
    from IDCBrowserLib.store.removing import RemovalTarget

_MAX_LEFTOVERS = 2000
# By the length of the node above.
_LEVELS = ("collection_id", "patient_id", "study_uid")
# Of a collection of hundred thousand series the first ones tell where it is.
_MAX_LOOKED_FOR = 500


@answers(api.INVENTORY)
def inventory(state: EngineState, params: api.InventoryParameters, task: Task) -> api.Inventory:
    """Look through the download folder."""
    from IDCBrowserLib.store import inventory as stored
    from IDCBrowserLib.store.disk_usage import program_folders
    from IDCBrowserLib.store.leftovers import find_leftovers
    from IDCBrowserLib.store.status import Status

    folder, database = _folder(params), _database(params)
    found = stored.take_inventory(_lookup(state), database, folder, state.latest_inventory.walker(params.get("again", False)), task)
    leftovers = find_leftovers(found, task)
    number = state.latest_inventory.keep(found, leftovers)
    return {
        "inventory": number,
        "folder": found.folder,
        "totals": stored.totals(found.series),
        "rows": _rows(state, number, []),
        "leftovers": [(item.kind.value, item.path, item.label, item.files, item.bytes) for item in leftovers[:_MAX_LEFTOVERS]],
        "leftover_count": len(leftovers),
        "unreadable": found.unreadable[:_MAX_LEFTOVERS],
        "elsewhere": found.elsewhere,
        "not_imported": sum(item.status is Status.ON_DISK for item in found.series),
        "places": program_folders(folder, str(database.folder), task),
        "notes": state.take_notes(),
    }


@answers(api.ROWS)
def rows(state: EngineState, params: api.RowsParameters, task: Task) -> api.Rows:
    """The rows below a node of an inventory: collections, cases, studies or series."""
    return {"rows": _rows(state, params["inventory"], params["node"])}


@answers(api.NOT_IMPORTED)
def not_imported(state: EngineState, params: api.NodesParameters, task: Task) -> api.Directories:
    """Folders of series that are whole on the disk and not in the database."""
    from IDCBrowserLib.store.status import Status

    series = state.latest_inventory.series(params["inventory"], params.get("nodes") or [[]])
    return {"directories": sorted({item.directory for item in series if item.status is Status.ON_DISK})}


@answers(api.DIRECTORIES)
def directories(state: EngineState, params: api.NodesParameters, task: Task) -> api.Directories:
    """Folders of the series below nodes."""
    series = state.latest_inventory.series(params["inventory"], params.get("nodes") or [[]])
    return {"directories": sorted({item.directory for item in series})}


@answers(api.FOLDER)
def folder_of(state: EngineState, params: api.ChosenParameters, task: Task) -> api.FolderFound:
    """Where files are, of at most the first series of a long choice."""
    from IDCBrowserLib.store.places import common_folder, folder_of_series

    if params.get("nodes"):
        stored = state.latest_inventory.series(params["inventory"], params["nodes"])
        return {"folder": common_folder({item.directory for item in stored})}
    uids = params.get("series") or state.catalog().series_uids(params.get("selections") or [])[:_MAX_LOOKED_FOR]
    return {"folder": folder_of_series(_lookup(state), uids, _folder(params), _database(params))}


@answers(api.REMOVAL)
def removal(state: EngineState, params: api.ChosenParameters, task: Task) -> api.Removed:
    """What ``remove`` would do; raises ``InputError`` for series that are being downloaded."""
    from IDCBrowserLib.store.removing import remove_series

    chosen = _chosen(state, params)
    _refuse_what_is_written(state, params, chosen)
    return remove_series(_database(params), _folder(params), chosen, task, dry_run=True).to_json()


@answers(api.REMOVE)
def remove(state: EngineState, params: api.RemoveParameters, task: Task) -> api.Removed:
    """Delete files, and rows unless ``rows`` is false (a host whose own database has forgotten them already)."""
    from IDCBrowserLib.store.removing import remove_series

    chosen = _chosen(state, params)
    _refuse_what_is_written(state, params, chosen)
    database = _database(params) if params.get("rows", True) else None
    return remove_series(database, _folder(params), chosen, task).to_json()


@answers(api.ROWS_OF)
def rows_of(state: EngineState, params: api.ChosenParameters, task: Task) -> api.RowsOf:
    """For a host with a database of its own: which series it has to forget, and which files of them it has to add again.

    Such a database forgets whole series, so those are added again that lie elsewhere than what is removed.
    """
    from IDCBrowserLib.store.removing import forgotten_and_kept

    chosen = _chosen(state, params)
    _refuse_what_is_written(state, params, chosen)
    forgotten, kept = forgotten_and_kept(_database(params), _folder(params), chosen)
    return {"series": forgotten, "again": kept}


@answers(api.CLEAN)
def clean(state: EngineState, params: api.CleanParameters, task: Task) -> api.Removed:
    """Remove ``leftovers``, by their positions in the inventory, that are no series; the others are removed like series."""
    from IDCBrowserLib.store.leftovers import remove_leftovers

    kept = state.latest_inventory.inventory(params["inventory"])
    return remove_leftovers(kept, state.latest_inventory.leftovers(params["inventory"], params["leftovers"]), task).to_json()


@answers(api.MOVE_CHECK)
def move_check(state: EngineState, params: api.MoveCheckParameters, task: Task) -> api.MovePlan:
    """What moving the download folder to ``to`` means; changes nothing."""
    return _planned_move(state, params, task).to_json()


@answers(api.MOVE)
def move(state: EngineState, params: api.MoveParameters, task: Task) -> api.Moved:
    """Move it. With ``rows`` false another program keeps the database: ``again`` are then the folders it has to add, after which ``move_end``
    finishes; otherwise the rows follow and what is left at the old place is removed.
    """
    from IDCBrowserLib.store import moving
    from IDCBrowserLib.store.removing import RemoveReport

    if state.latest_inventory.has_move:
        move_end(state, {}, task)
    planned = _planned_move(state, params, task)
    document = planned.to_json()
    own_rows = params.get("rows", True)
    known = [] if own_rows else moving.folders_in(_database(params), [planned.before(relative) for relative in planned.files])
    record = _record(planned, params["database"] if own_rows else "")
    try:
        moving.bring(planned, task)
        record.arrived()
    except BaseException:
        record.end()
        raise
    if not own_rows:
        state.latest_inventory.keep_move(planned, record)
        again = [planned.after(relative) for relative in planned.files if planned.before(relative) in known]
        return {**document, "removed": RemoveReport().to_json(), "again": again, "left_out": []}
    return {**document, "removed": _ended(planned, record, _database(params)), "again": [], "left_out": []}


@answers(api.MOVE_END)
def move_end(state: EngineState, params: Nothing, task: Task) -> api.MoveEnd:
    """After the host's database has the new places: the journal follows, and what is left at the old place is removed."""
    planned, record = state.latest_inventory.take_move()
    return {"removed": _ended(planned, record, None)}


def _ended(planned: Move, record: MoveRecord, database: Database | None) -> api.Removed:
    """What was removed at the old place, after journal and database have the new one."""
    from IDCBrowserLib.store import moving

    try:
        moving.follow(planned, database)
        removed = moving.leave(planned).to_json()
    except BaseException:
        record.let_go()
        raise
    record.end()
    return removed


def _record(planned: Move, database: str) -> MoveRecord:
    from IDCBrowserLib.store.move_record import MoveRecord

    try:
        return MoveRecord(planned, database)
    except OSError as error:
        raise InputError("Another program is moving downloads. Wait until it has finished, then try again.") from error


def _planned_move(state: EngineState, params: api.MoveCheckParameters, task: Task) -> Move:
    from IDCBrowserLib.store.inventory import take_inventory
    from IDCBrowserLib.store.moving import plan_move

    if not params["to"]:
        raise InputError("No folder to move to is given.")
    found = take_inventory(_lookup(state), _database(params), _folder(params), state.latest_inventory.walker(False), task)
    return plan_move(found, params["to"], task, params.get("keep_free") or 0)


def _rows(state: EngineState, number: int, node: Sequence[str]) -> list[api.Row]:
    from IDCBrowserLib.store.inventory import grouped, totals

    series = state.latest_inventory.series(number, [node])
    if len(node) < len(_LEVELS):
        groups = grouped(series, _LEVELS[len(node)])
        names = _studies(state, groups) if _LEVELS[len(node)] == "study_uid" else {}
        rows = [_group([*node, name], items, *names.get(name, ("", name))) for name, items in groups.items()]
        return sorted(rows, key=lambda row: row["date"])
    return [
        {
            "node": [*node, item.directory],
            "name": item.label,
            "date": "",
            "SeriesInstanceUID": item.series_uid,
            "status": item.status.value,
            "imported": item.imported,
            "expected": item.expected,
            **totals([item]),
        }
        for item in sorted(series, key=lambda item: (item.label, item.directory))
    ]


def _studies(state: EngineState, groups: Mapping[str, Sequence[StoredSeries]]) -> dict[str, tuple[str, str]]:
    """Date and description by StudyInstanceUID: what IDC has, else the database."""
    from IDCBrowserLib.store.inventory import OTHER

    names = {uid: next((item.study for item in series if any(item.study)), ("", "")) for uid, series in groups.items()}
    return {**names, **_lookup(state).studies([uid for uid in groups if uid != OTHER])}


def _group(node: Sequence[str], series: Sequence[StoredSeries], date: str, name: str) -> api.Row:
    from IDCBrowserLib.store.inventory import totals

    imported = sum(item.imported for item in series)
    return {
        "node": node,
        "name": name,
        "date": date,
        "SeriesInstanceUID": "",
        "status": "",
        "imported": imported,
        "expected": None,
        **totals(series),
    }


def _chosen(state: EngineState, params: api.ChosenParameters) -> list[RemovalTarget]:
    """``series``: UIDs, everything of them; or ``nodes`` or ``leftovers`` of an inventory: what lies in their folders."""
    from IDCBrowserLib.store.leftovers import chosen_series
    from IDCBrowserLib.store.places import places_of
    from IDCBrowserLib.store.removing import RemovalTarget

    if params.get("series"):
        return [RemovalTarget.of(place) for place in places_of(_lookup(state), params["series"], _folder(params))]
    if params.get("selections"):
        uids = state.catalog().series_uids(params["selections"])
        return [RemovalTarget.of(place) for place in places_of(_lookup(state), uids, _folder(params))]
    if params.get("leftovers"):
        return chosen_series(state.latest_inventory.leftovers(params["inventory"], params["leftovers"]))
    series = state.latest_inventory.series(params["inventory"], params.get("nodes") or ())
    return [RemovalTarget(item.series_uid, (item.directory,), everywhere=False) for item in series]


def _refuse_what_is_written(state: EngineState, params: Folders, chosen: Sequence[RemovalTarget]) -> None:
    from IDCBrowserLib.store.active_downloads import refuse_what_is_written, written_to
    from IDCBrowserLib.store.places import places_of

    written = written_to(_folder(params))
    if written:
        refuse_what_is_written(places_of(_lookup(state), [item.series_uid for item in chosen], None), written)


def _lookup(state: EngineState) -> Lookup:
    from IDCBrowserLib.selection.lookup import Lookup

    return Lookup(state.catalog())


def _folder(params: Folders) -> str:
    if not params["folder"]:
        raise InputError("Without the download folder nothing can be looked up or removed safely; choose it in the settings.")
    return params["folder"]


def _database(params: Folders) -> Database:
    if not params["database"]:
        raise InputError("No folder for the DICOM database is given.")
    return Database(params["database"])
