"""The DICOM database that the engine keeps for the standalone program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.store.database import Database
from IDCBrowserLib.store.status import SeriesPlace
from IDCBrowserLib.task import Task


def import_files(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Link ``files`` and ``directories``; counts and what was left out."""
    from IDCBrowserLib.store import importing

    sources = [*(params.get("files") or []), *(params.get("directories") or [])]
    return importing.import_files(_database(params), sources, task).to_json()


def series_status(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, str]:
    """Status per SeriesInstanceUID of ``series``."""
    from IDCBrowserLib.store import status

    found = status.series_status(_database(params), _places(state, params["series"], params.get("folder")))
    return {uid: item.value for uid, item in found.items()}


def study_status(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, dict[str, int]]:
    """By StudyInstanceUID of ``studies``: how many ``series`` it has, ``here`` in whatever state, ``in database`` and of an ``older version``."""
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.store import status
    from IDCBrowserLib.store.places import places_of_planned

    lookup = Lookup(state.catalog())
    planned = lookup.selected([{"level": "studies", "ids": list(params["studies"])}])
    found = status.series_status(_database(params), places_of_planned(lookup, planned, params.get("folder")))
    counts = {uid: {"series": 0, "here": 0, "in database": 0, "older version": 0} for uid in params["studies"]}
    for item in planned:
        study, series = counts[item.study_uid], found[item.series_uid]
        study["series"] += 1
        study["here"] += series is not status.Status.ABSENT
        if series.value in study:
            study[series.value] += 1
    return counts


def series_files(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Files of one series."""
    from IDCBrowserLib.store import status

    return {"files": status.series_files(_database(params), params["series"])}


def series_below(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Series with files below ``folder``."""
    from IDCBrowserLib.store import contents

    return {"series": contents.series_below(_database(params), params["folder"])}


def _database(params: dict[str, Any]) -> Database:
    if not params.get("database"):
        raise InputError("No folder for the DICOM database is given.")
    return Database(params["database"])


def _places(state: EngineState, series_uids: Sequence[str], folder: str | None) -> list[SeriesPlace]:
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.store.places import places_of

    return places_of(Lookup(state.catalog()), series_uids, folder)
