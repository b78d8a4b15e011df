"""Newer releases of IDC and the side indices of the one in use. See the table in Resources/Decisions/0001-engine.md."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib.engine.methods.catalog import info
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


def side_index_bytes(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """How large some are, asked of the server; None for those it does not tell."""
    catalog = state.catalog()
    return {"bytes": {name: catalog.side_index_bytes(name, params.get("from") or "", state.network) for name in params["names"]}}


def remove_side_index(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Remove one; that of idc-index stays."""
    state.catalog().remove_side_index(params["name"])
    return {}


def check_release(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """What IDC, or ``from``, offers, and whether it is newer than what is in use."""
    from IDCBrowserLib.catalog.files import release

    offered = release.check(task, params.get("from") or "", state.network)
    newer = release.is_newer(offered.version, state.catalog().index_version)
    return {"index_version": offered.version, "idc_version": offered.idc_version, "bytes": offered.bytes, "newer": newer}


def update_release(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Fetch what is offered and use it from the next question on; views have to be opened again. The answer is that of ``catalog.info``."""
    from IDCBrowserLib.catalog.files import release
    from IDCBrowserLib.catalog.files.sources import index_data_version

    release.update(task, index_data_version(), params.get("from") or "", state.network)
    state.reopen_catalog()
    return info(state, params, task)


def use_bundled_release(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Back to the release of the installed package; as ``update_release``."""
    from IDCBrowserLib.catalog.files import release

    release.use_bundled()
    state.reopen_catalog()
    return info(state, params, task)
