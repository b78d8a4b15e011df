"""Methods that set the proxy, certificates and bandwidth limit of the engine."""

from __future__ import annotations

from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Nothing


class NetworkParameters(TypedDict, total=False):
    """``proxy``: "environment", "none" or an address; ``ca_bundle``: a file or ""; ``limit_rate``: bytes per second, 0 for no limit."""

    proxy: str
    ca_bundle: str
    limit_rate: float


SET_NETWORK: Method[NetworkParameters, Nothing] = Method("engine.set_network", "control")
"""From now on for everything that fetches; the limit is for downloads, also those under way."""


class BundleParameters(TypedDict):
    """A file."""

    path: str


CHECK_BUNDLE: Method[BundleParameters, Nothing] = Method("engine.check_bundle", "control")
"""An ``InputError`` when it is no file of certificates."""
