"""Answers the methods that show the first slices of a series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.api import first_slices as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.volume.first_slices import Seen

# So many times its room has to be free: the download needs the disk more.
_SPARE = 4


@answers(api.OPEN)
def open_slices(state: EngineState, params: api.OpenParameters, _task: Task) -> api.FirstSlicesHandle:
    """Nothing is read yet."""
    from IDCBrowserLib.volume.first_slices import FirstSlices

    slices = FirstSlices(params["series"], params["expected"], lambda size: state.new_zeros(size, _SPARE))
    return {"slices": state.first_slices.keep(slices)}


@answers(api.LOOK)
def look(state: EngineState, params: api.LookParameters, task: Task) -> api.Seen:
    """What has come."""
    slices = state.first_slices.get(params["slices"])
    seen = slices.look(params["folder"], task)
    return {"volume": _shown(seen) if seen is not None else None, "has_more": slices.has_more}


def _shown(seen: Seen) -> api.Shown:
    series = seen.frame.series
    return {
        "array": str(seen.voxels),
        "dtype": seen.dtype,
        "shape": list(seen.geometry.shape),
        "geometry": seen.geometry.to_json(),
        "present": list(seen.present),
        "of": seen.of,
        "window": seen.window,
        "inverted": seen.inverted,
        "series_uid": series.series_uid,
        "modality": series.modality,
        "series_description": series.series_description,
        "series_number": series.series_number,
        "patient_id": series.patient_id,
        "patient_name": series.patient_name,
    }


@answers(api.CLOSE)
def close(state: EngineState, params: api.FirstSlicesHandle, _task: Task) -> Nothing:
    """Remove its file."""
    state.first_slices.close(params["slices"])
    return {}
