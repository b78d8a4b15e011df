"""Spatial registrations."""

from __future__ import annotations

from IDCBrowserLib.api import registration as api
from IDCBrowserLib.api.labelmap import Files
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.READ)
def read(state: EngineState, params: Files, task: Task) -> api.Transforms:
    """The transforms of all files."""
    from IDCBrowserLib.registration.read import read_registration

    found = [read_registration(path) for path in params["files"]]
    transforms: list[api.Transform] = [
        {
            "from_frame": one.from_frame,
            "to_frame": one.to_frame,
            "matrix": one.matrix.tolist(),
            "kind": one.kind,
            "images": list(one.images),
        }
        for registration in found
        for one in registration.transforms
    ]
    return {"transforms": transforms, "warnings": [warning for registration in found for warning in registration.warnings]}
