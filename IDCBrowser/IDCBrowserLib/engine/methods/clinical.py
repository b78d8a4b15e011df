"""Answers the methods on clinical data: what the tables say of a case, their attributes as filters, and fetching them."""

from __future__ import annotations

from IDCBrowserLib.api import clinical as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import NotFoundError, TransferError
from IDCBrowserLib.task import Task


@answers(api.CASE)
def case(state: EngineState, params: api.CaseParameters, task: Task) -> api.Case:
    """What the tables that are here say."""
    catalog = state.catalog()
    if not catalog.has_clinical_data(params["id"].partition("/")[0]):
        return {"sections": [], "tables": [], "missing_indices": []}
    return catalog.clinical.tables().of_case(params["id"])


@answers(api.ATTRIBUTES)
def attributes(state: EngineState, params: api.AttributesParameters, task: Task) -> api.Attributes:
    """What can be filtered by."""
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return catalog.clinical.attributes(params["filters"], params["collections"], params["text"], params["limit"])


@answers(api.FACET)
def facet(state: EngineState, params: api.FacetParameters, task: Task) -> api.Facet:
    """The values of an attribute."""
    catalog = state.catalog()
    with catalog.cancelled_by(task):
        return catalog.clinical.facet(params["column"], params["filters"], params["unit"], params["collections"])


@answers(api.TABLE_BYTES)
def table_bytes(state: EngineState, params: api.TablesParameters, task: Task) -> api.TableBytes:
    """Asked of the bucket."""
    from IDCBrowserLib.transfer.clinical_fetch import table_bytes

    try:
        return {"bytes": table_bytes(params["tables"], state.catalog().release, task, state.network, params.get("endpoint_url") or "")}
    except TransferError:
        return {"bytes": None}


@answers(api.FETCH)
def fetch(state: EngineState, params: api.TablesParameters, task: Task) -> api.Fetched:
    """Get tables."""
    from IDCBrowserLib.catalog.about.clinical_tables import own_folder
    from IDCBrowserLib.transfer.clinical_fetch import fetch_tables

    catalog = state.catalog()
    names = list(params["tables"])
    unknown = catalog.clinical.unknown_tables(names)
    if unknown:
        raise NotFoundError(f"No clinical table is known as {unknown[0]!r}.")
    again = [name for name in names if catalog.clinical.is_table_damaged(name)]
    fetched = fetch_tables(names, catalog.release, own_folder(catalog.release), task, state.network, params.get("endpoint_url") or "", again)
    return {"tables": names, "bytes": fetched}
