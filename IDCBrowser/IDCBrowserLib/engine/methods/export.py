"""Writing segmentations as DICOM objects; voxels come as raw files."""

from __future__ import annotations

from IDCBrowserLib.api import export as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.EXPORT)
def export(state: EngineState, params: api.ExportParameters, task: Task) -> api.Exported:
    """A SEG or structure set."""
    from IDCBrowserLib.export.export import export as write
    from IDCBrowserLib.export.options import ExportOptions
    from IDCBrowserLib.labelmap.files.raw import load_labelmap

    options = ExportOptions(params["kind"], params["description"], params["creator"], license=params["license"])
    made = write(load_labelmap(params["part"]), params["images"], params["out"], options, task)
    return {
        "path": made.path,
        "sop_instance_uid": made.sop_instance_uid,
        "series_uid": made.series_uid,
        "referenced_series_uid": made.referenced_series_uid,
        "warnings": list(made.warnings),
    }
