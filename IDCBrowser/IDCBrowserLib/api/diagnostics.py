"""Methods on the engine itself: version, open handles, and an echo to test the pipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Nothing

ECHO: Method[Mapping[str, object], Mapping[str, object]] = Method("engine.echo", "query")
"""The parameters back, after ``seconds`` where that is given; for checking the pipe."""


class Handles(TypedDict):
    """How many of each are kept."""

    views: int
    plans: int
    results: int
    inventories: int
    downloads: int


class Info(TypedDict):
    """``exchange_folder``: where arrays lie that the host maps."""

    pid: int
    python: str
    version: str
    exchange_folder: str
    handles: Handles


INFO: Method[Nothing, Info] = Method("engine.info", "query")
