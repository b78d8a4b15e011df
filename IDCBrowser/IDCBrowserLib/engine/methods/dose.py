"""RT Dose: dose-volume histograms."""

from __future__ import annotations

from IDCBrowserLib.api import dose as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.HISTOGRAMS)
def histograms(state: EngineState, params: api.HistogramsParameters, task: Task) -> api.Histograms:
    """Of a structure set in a dose."""
    from IDCBrowserLib.dose.dvh import dose_volume_histograms

    found = dose_volume_histograms(params["dose"], params["structures"], task)
    return {"rois": [roi.to_document() for roi in found.rois], "warnings": list(found.warnings)}
