"""Histograms of a dose as the engine answers them."""

from __future__ import annotations

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import dose


def dose_handlers() -> Handlers:
    """One ROI, with what a planning system stored."""
    return answer(dose.HISTOGRAMS, _histograms)


def _histograms(_params: dose.HistogramsParameters) -> dose.Histograms:
    stated: dose.Statistics = {"volume_cc": 12.0, "min_gy": 1.0, "mean_gy": 14.0, "max_gy": 15.0, "d95_gy": 13.0, "d2_gy": 14.9}
    curve = [(0.0, 12.0, 100.0), (14.0, 6.0, 50.0), (15.0, 0.0, 0.0)]
    tumor: dose.RoiHistogram = {
        **stated,
        "number": 2,
        "name": "Tumor",
        "color": (0, 255, 0),
        "curve": curve,
        "stored": stated,
        "stored_curve": curve,
    }
    return {"rois": [tumor], "warnings": []}
