"""Answers the methods on index files and IDC releases."""

from __future__ import annotations

from IDCBrowserLib.api import indices as api
from IDCBrowserLib.api.catalog import Info
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.methods.catalog import info
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.SIDE_INDICES)
def side_indices(state: EngineState, params: Nothing, task: Task) -> api.SideIndices:
    """Which side indices are here."""
    return {"indices": state.catalog().side_indices()}


@answers(api.FETCH_SIDE_INDEX)
def fetch_side_index(state: EngineState, params: api.FetchIndexParameters, task: Task) -> api.FetchedIndex:
    """Get one."""
    path = state.catalog().fetch_side_index(params["name"], task, params.get("from") or "", state.network)
    return {"name": params["name"], "path": str(path), "bytes": path.stat().st_size}


@answers(api.SIDE_INDEX_BYTES)
def side_index_bytes(state: EngineState, params: api.IndexSizesParameters, task: Task) -> api.IndexSizes:
    """How large some are, asked of the server."""
    catalog = state.catalog()
    return {"bytes": {name: catalog.side_index_bytes(name, params.get("from") or "", state.network) for name in params["names"]}}


@answers(api.REMOVE_SIDE_INDEX)
def remove_side_index(state: EngineState, params: api.IndexName, task: Task) -> Nothing:
    """Remove one; that of idc-index stays."""
    state.catalog().remove_side_index(params["name"])
    return {}


@answers(api.CHECK_RELEASE)
def check_release(state: EngineState, params: api.From, task: Task) -> api.Offered:
    """What IDC, or ``from``, offers, and whether it is newer than what is in use."""
    from IDCBrowserLib.catalog.files import release

    offered = release.check(task, params.get("from") or "", state.network)
    newer = release.is_newer(offered.version, state.catalog().index_version)
    return {"index_version": offered.version, "idc_version": offered.idc_version, "bytes": offered.bytes, "newer": newer}


@answers(api.UPDATE_RELEASE)
def update_release(state: EngineState, params: api.From, task: Task) -> Info:
    """Fetch what is offered and use it."""
    from IDCBrowserLib.catalog.files import release
    from IDCBrowserLib.catalog.files.sources import index_data_version

    release.update(task, index_data_version(), params.get("from") or "", state.network)
    state.reopen_catalog()
    return info(state, {}, task)


@answers(api.USE_BUNDLED_RELEASE)
def use_bundled_release(state: EngineState, params: Nothing, task: Task) -> Info:
    """Back to the release of the installed package."""
    from IDCBrowserLib.catalog.files import release

    release.use_bundled()
    state.reopen_catalog()
    return info(state, {}, task)
