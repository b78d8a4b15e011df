"""Answers the methods on clinical data: what the tables say of a case, and fetching them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.api import clinical as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.about.clinical_tables import ClinicalTables


@answers(api.CASE)
def case(state: EngineState, params: api.CaseParameters, task: Task) -> api.Case:
    """What the tables that are here say."""
    catalog = state.catalog()
    if not catalog.has_clinical_data(params["id"].partition("/")[0]):
        return {"sections": [], "tables": [], "missing_indices": []}
    return _tables(state).of_case(params["id"])


@answers(api.FETCH)
def fetch(state: EngineState, params: api.FetchParameters, task: Task) -> api.Fetched:
    """Get the tables of a collection."""
    from IDCBrowserLib.catalog.about.clinical_tables import own_folder
    from IDCBrowserLib.transfer.clinical_fetch import fetch_tables

    names = _tables(state).names(params["collection"])
    if not names:
        raise NotFoundError(f"No clinical tables are known of the collection {params['collection']!r}.")
    release = state.catalog().release
    fetched = fetch_tables(names, release, own_folder(release), task, state.network, params.get("endpoint_url") or "")
    return {"tables": names, "bytes": fetched}


def _tables(state: EngineState) -> ClinicalTables:
    from IDCBrowserLib.catalog.about.clinical_tables import clinical_tables

    catalog = state.catalog()
    return clinical_tables(catalog.side_index_file("clinical_index"), catalog.release)
