"""Answers the methods on the engine itself."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping

import IDCBrowserLib
from IDCBrowserLib.api import diagnostics as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Progress, Task


@answers(api.ECHO)
def echo(state: EngineState, params: Mapping[str, object], task: Task) -> Mapping[str, object]:
    """The parameters back; cancellable."""
    seconds = params.get("seconds", 0)
    end = time.monotonic() + (seconds if isinstance(seconds, (int, float)) else 0)
    while (left := end - time.monotonic()) > 0:
        task.raise_if_cancelled()
        task.report(Progress("Waiting", seconds_left=left))
        time.sleep(min(left, 0.02))
    return params


@answers(api.INFO)
def info(state: EngineState, params: Nothing, task: Task) -> api.Info:
    """Process id, versions, the folder of exchanged arrays, and what is kept for the host."""
    return {
        "pid": os.getpid(),
        "python": sys.version.split()[0],
        "version": IDCBrowserLib.__version__,
        "exchange_folder": str(state.exchange_folder),
        "handles": state.handles(),
    }
