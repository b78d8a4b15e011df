"""How the engine reaches the world outside; the host tells it at each start and when the user changes it."""

from __future__ import annotations

from typing import Any

from IDCBrowserLib import network
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


def set_network(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """From now on everything that fetches uses this ``proxy`` and ``ca_bundle`` (``network.Network``), and downloads this ``limit_rate`` as well.

    ``limit_rate``, in bytes per second, is also for the download under way; 0 is none. Raises ``InputError`` for what is no value.
    """
    from IDCBrowserLib.transfer.options import check_rate

    rate = float(params.get("limit_rate") or 0)
    check_rate(rate)
    state.network = network.Network(
        network.check_proxy(params.get("proxy") or network.ENVIRONMENT),
        str(params.get("ca_bundle") or ""),
    )
    state.limit_rate = rate
    for control in state.transfers.chosen(None).values():
        control.limit(rate)
    return {}


def check_bundle(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Raises ``InputError`` when ``path`` is no file of certificates."""
    network.check_bundle(str(params["path"]))
    return {}
