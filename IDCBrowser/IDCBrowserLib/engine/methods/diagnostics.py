"""Questions about the engine itself."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import IDCBrowserLib
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Progress, Task


def echo(state: EngineState, params: dict[str, Any], task: Task) -> Any:
    """The parameters back, after ``seconds`` if that is given; cancellable. For checking the pipe."""
    end = time.monotonic() + float(params.get("seconds", 0))
    while (left := end - time.monotonic()) > 0:
        task.raise_if_cancelled()
        task.report(Progress("Waiting", seconds_left=left))
        time.sleep(min(left, 0.02))
    return params


def info(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """Process id, versions and the folder of exchanged arrays."""
    return {
        "pid": os.getpid(),
        "python": sys.version.split()[0],
        "version": IDCBrowserLib.__version__,
        "exchange_folder": str(state.exchange_folder),
    }
