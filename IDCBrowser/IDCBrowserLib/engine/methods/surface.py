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

    from IDCBrowserLib.surface.read import Surface


@answers(api.READ)
def read(state: EngineState, params: Files, task: Task) -> api.Surfaces:
    """Each file as points and triangles."""
    from IDCBrowserLib.surface.read import read_surface

    found = []
    for number, path in enumerate(params["files"]):
        task.raise_if_cancelled()
        task.report(Progress("Reading surfaces", number, len(params["files"]), "files"))
        found.append(_document(state, read_surface(path)))
    return {"surfaces": found}


def _document(state: EngineState, surface: Surface) -> api.Surface:
    codes = (None if code is None else code.to_json() for code in (surface.category, surface.type, surface.anatomic_region))
    category, kind, region = codes
    return {
        "name": surface.name,
        "color": surface.color,
        "opacity": surface.opacity,
        "category": category,
        "type": kind,
        "anatomic_region": region,
        "frame_of_reference_uid": surface.frame_of_reference_uid,
        "study_uid": surface.study_uid,
        "series_uid": surface.series_uid,
        "series_number": surface.series_number,
        "patient_id": surface.patient_id,
        "patient_name": surface.patient_name,
        "arrays": [_saved(state, surface.points), _saved(state, surface.triangles)],
        "warnings": list(surface.warnings),
    }


def _saved(state: EngineState, values: NDArray[Any]) -> Array:
    path = state.new_array_path()
    values.astype(values.dtype.newbyteorder("<"), copy=False).tofile(path)
    return {"array": str(path), "dtype": values.dtype.name, "shape": list(values.shape)}
