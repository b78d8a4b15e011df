"""Where studies and series are, as numbers to sort them by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.engine.methods.store import series_status, study_status
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.api.store import StudyStatus
    from IDCBrowserLib.api.values import Folders

# From what is in the scene, and what is ready to load, to what is only begun.
_ORDER = ("loaded", "in database", "on disk", "older version", "partial")


def status_ranks(state: EngineState, level: str, here: Folders, loaded: Sequence[str], task: Task) -> dict[str, int]:
    """By id, of those studies or series of which anything is in the folder or the database: the less, the nearer it is; series that are ``loaded``
    have the least.
    """
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.store.contents import all_series
    from IDCBrowserLib.store.database import Database
    from IDCBrowserLib.store.inventory import take_inventory

    lookup, database = Lookup(state.catalog()), Database(here["database"])
    found = take_inventory(lookup, database, here["folder"], state.latest_inventory.walker(False), task)
    uids = sorted({item.series_uid for item in found.series} | set(all_series(database)))
    if level == "series":
        statuses = series_status(state, {**here, "series": uids}, task)
        ranks = {uid: _ORDER.index(status) for uid, status in statuses.items() if status in _ORDER}
        return {**ranks, **dict.fromkeys(loaded, _ORDER.index("loaded"))}
    studies = sorted({item.study_uid for item in lookup.series(uids).values()})
    return {uid: _rank(counts) for uid, counts in study_status(state, {**here, "studies": studies}, task).items() if counts["here"]}


def _rank(counts: StudyStatus) -> int:
    """As the icon of a study says."""
    if counts["in database"] == counts["series"]:
        return _ORDER.index("in database")
    if counts["older version"]:
        return _ORDER.index("older version")
    return _ORDER.index("on disk" if counts["here"] == counts["series"] else "partial")
