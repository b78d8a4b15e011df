"""Surfaces in DICOM objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IDCBrowserLib.api import surface as api
from IDCBrowserLib.api.labelmap import Files
from IDCBrowserLib.api.volume import Array
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray


@answers(api.READ)
def read(state: EngineState, params: Files, task: Task) -> api.Surfaces:
    """Each file as points and triangles."""
    from IDCBrowserLib.surface.read import read_surface

    found: list[api.Surface] = []
    for number, path in enumerate(params["files"]):
        task.raise_if_cancelled()
        task.report(Progress("Reading surfaces", number, len(params["files"]), "files"))
        mesh, description = read_surface(path)
        found.append({**description, "arrays": [_saved(state, mesh.points), _saved(state, mesh.triangles)]})
    return {"surfaces": found}


def _saved(state: EngineState, values: NDArray[Any]) -> Array:
    path = state.new_array_path()
    values.astype(values.dtype.newbyteorder("<"), copy=False).tofile(path)
    return {"array": str(path), "dtype": values.dtype.name, "shape": list(values.shape)}
