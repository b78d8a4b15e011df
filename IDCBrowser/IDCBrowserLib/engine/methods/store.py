"""Answers the methods on the DICOM database that the engine keeps for the standalone program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from IDCBrowserLib.api import store as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.status import SeriesPlace
from IDCBrowserLib.task import Task


@answers(api.IMPORT)
def import_files(state: EngineState, params: api.ImportParameters, task: Task) -> api.ImportReport:
    """Link files and what lies in directories."""
    from IDCBrowserLib.store import importing

    sources = [*(params.get("files") or []), *(params.get("directories") or [])]
    return importing.import_files(_database(params["database"]), sources, task).to_json()


@answers(api.SERIES_STATUS)
def series_status(state: EngineState, params: api.SeriesStatusParameters, task: Task) -> Mapping[str, str]:
    """Status per SeriesInstanceUID."""
    from IDCBrowserLib.store import status

    found = status.series_status(_database(params["database"]), _places(state, params["series"], params["folder"]))
    return {uid: item.value for uid, item in found.items()}


@answers(api.STUDY_STATUS)
def study_status(state: EngineState, params: api.StudyStatusParameters, task: Task) -> Mapping[str, api.StudyStatus]:
    """How much of studies is here."""
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.store import status
    from IDCBrowserLib.store.places import places_of_planned
    from IDCBrowserLib.transfer.folders.shared_stores import shared_stores

    lookup = Lookup(state.catalog())
    planned = lookup.selected([{"level": "studies", "ids": list(params["studies"])}])
    found = status.series_status(_database(params["database"]), places_of_planned(lookup, planned, params["folder"], shared_stores()))
    counts: dict[str, api.StudyStatus] = {uid: {"series": 0, "here": 0, "in database": 0, "older version": 0} for uid in params["studies"]}
    for item in planned:
        study, series = counts[item.study_uid], found[item.series_uid]
        study["series"] += 1
        study["here"] += series is not status.Status.ABSENT
        study["in database"] += series is status.Status.IN_DATABASE
        study["older version"] += series is status.Status.OUTDATED
    return counts


@answers(api.SERIES_FILES)
def series_files(state: EngineState, params: api.SeriesFilesParameters, task: Task) -> api.Files:
    """Files of one series."""
    from IDCBrowserLib.store import status

    return {"files": status.series_files(_database(params["database"]), params["series"])}


@answers(api.SERIES_BELOW)
def series_below(state: EngineState, params: api.SeriesBelowParameters, task: Task) -> api.SeriesBelow:
    """Series with files below folders."""
    from IDCBrowserLib.store import contents

    return {"series": contents.series_below(_database(params["database"]), params["folders"])}


@answers(api.SET_SHARED_STORES)
def set_shared_stores(state: EngineState, params: api.SharedStores, task: Task) -> Nothing:
    """Read from now on, never written."""
    from IDCBrowserLib.transfer.folders.shared_stores import choose_stores

    choose_stores(params["folders"])
    return {}


def _database(folder: str) -> Database:
    if not folder:
        raise InputError("No folder for the DICOM database is given.")
    return Database(folder)


def _places(state: EngineState, series_uids: Sequence[str], folder: str | None) -> list[SeriesPlace]:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.store.places import places_of
    from IDCBrowserLib.transfer.folders.shared_stores import shared_stores

    return places_of(Lookup(state.catalog()), series_uids, folder, shared_stores())
