"""Any DICOM object in words."""

from __future__ import annotations

from pathlib import Path

from IDCBrowserLib.api import objects as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.DESCRIBE)
def describe(state: EngineState, params: api.File, task: Task) -> api.Description:
    """What a file is."""
    from IDCBrowserLib.describe.describe import describe_file

    return describe_file(params["file"])


@answers(api.SAVE)
def save(state: EngineState, params: api.SaveParameters, task: Task) -> api.Saved:
    """Write what is inside."""
    from IDCBrowserLib.describe.payload import OPENED, save_payload

    saved = save_payload(params["file"], Path(params["folder"]))
    return {"file": str(saved), "opens": saved.suffix in OPENED}
