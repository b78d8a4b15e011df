"""Answers the methods on the network, which the host calls at each start and when the user changes the settings."""

from __future__ import annotations

from IDCBrowserLib import network
from IDCBrowserLib.api import network as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.SET_NETWORK)
def set_network(state: EngineState, params: api.NetworkParameters, task: Task) -> Nothing:
    """From now on everything that fetches uses this (``network.Network``). Raises ``InputError`` for what is no value."""
    from IDCBrowserLib.transfer.options import check_rate

    rate = float(params.get("limit_rate") or 0)
    check_rate(rate)
    state.network = network.Network(network.check_proxy(params.get("proxy") or network.ENVIRONMENT), params.get("ca_bundle") or "")
    state.limit_rate = rate
    for control in state.transfers.chosen(None).values():
        control.limit(rate)
    return {}


@answers(api.CHECK_BUNDLE)
def check_bundle(state: EngineState, params: api.BundleParameters, task: Task) -> Nothing:
    """Raises ``InputError`` when ``path`` is no file of certificates."""
    network.check_bundle(params["path"])
    return {}
