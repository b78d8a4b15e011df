"""Surfaces in DICOM objects."""

from __future__ import annotations

from IDCBrowserLib.api import surface as api
from IDCBrowserLib.api.labelmap import Files
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.arrays import save_array
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Progress, Task


@answers(api.READ)
def read(state: EngineState, params: Files, task: Task) -> api.Surfaces:
    """Each file as points and triangles."""
    from IDCBrowserLib.surface.read import read_surface

    found: list[api.Surface] = []
    for number, path in enumerate(params["files"]):
        task.raise_if_cancelled()
        task.report(Progress("Reading surfaces", number, len(params["files"]), "files"))
        mesh, description = read_surface(path)
        found.append({**description, "arrays": [save_array(state, mesh.points), save_array(state, mesh.triangles)]})
    return {"surfaces": found}
