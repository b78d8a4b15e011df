"""License, DOI and version on the nodes that Slicer's own DICOM module made with our plugins, afterward and without holding it up.

``Origin`` asks the index. The engine of the open browser answers; where the browser has not been opened yet, one that ends with its answer.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.host.loading.origin import Origin
from IDCBrowserLib.host.loading.steps import Steps
from IDCBrowserLib.host.qt_engine import QtEngine
from IDCBrowserLib.host.slicer import packages
from IDCBrowserLib.qtbinding import QtCore

logger = logging.getLogger(__name__)

_REQUIREMENTS = Path(__file__).resolve().parents[4] / "Resources" / "requirements.txt"


class _Asking:
    """What waits for an answer, and whom to ask."""

    def __init__(self) -> None:
        self.client: Engine | None = None
        self.waiting: dict[str, str] = {}
        self.own: QtEngine | None = None
        self.work: Steps | None = None


_asking = _Asking()


def use(client: Engine | None) -> None:
    """The engine of the browser that has been opened; None when it closes."""
    _asking.client = client


def learn(series_uid: str, file: str) -> None:
    """Ask where a series comes from whose nodes were just made of ``file``."""
    _asking.waiting[series_uid] = file
    if len(_asking.waiting) == 1:
        QtCore.QTimer.singleShot(0, _ask_or_end)


def close() -> None:
    """Wait for no answer any more."""
    _asking.waiting.clear()
    work, _asking.work = _asking.work, None
    if work is not None:
        work.cancel()
    _end_own()


def _ask_or_end() -> None:
    """What comes while an answer is on its way waits for it."""
    if _asking.work is not None:
        return
    if not _asking.waiting:
        _end_own()
        return
    waiting, _asking.waiting = _asking.waiting, {}
    client = _asking.client or _start_own()
    if client is not None:
        _ask(client, waiting)


def _ask(client: Engine, waiting: Mapping[str, str]) -> None:
    import slicer

    origin = Origin(slicer.mrmlScene, client)
    for series_uid, file in waiting.items():
        origin.remember(series_uid, [file])
    _asking.work = Steps(origin.mark_nodes(), lambda _none: QtCore.QTimer.singleShot(0, _answered))


def _answered() -> None:
    _asking.work = None
    _ask_or_end()


def _start_own() -> Engine | None:
    if _asking.own is None:
        _asking.own = _engine()
        if _asking.own is not None:
            _asking.own.start()
    return None if _asking.own is None else _asking.own.client


def _end_own() -> None:
    own, _asking.own = _asking.own, None
    if own is not None:
        own.close()


def _engine() -> QtEngine | None:
    """None where its packages are not installed: nothing is installed for this."""
    python = shutil.which("PythonSlicer")
    if python is None or not packages.are_installed(str(_REQUIREMENTS)):
        logger.debug("Where series come from is not asked: the packages of IDC Browser are not installed.")
        return None
    return QtEngine(python, {})
