"""RT Dose: dose-volume histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.labelmap import Color
from IDCBrowserLib.api.method import Method


class HistogramsParameters(TypedDict):
    """Files of one dose, and the file of a structure set."""

    dose: Sequence[str]
    structures: str


class Statistics(TypedDict):
    """Volumes in cc, doses in Gy; None where nothing lies within the dose, or a stored histogram has no absolute volumes."""

    volume_cc: float | None
    min_gy: float | None
    mean_gy: float | None
    max_gy: float | None
    d95_gy: float | None
    d2_gy: float | None


class RoiHistogram(Statistics):
    """``curve``: (dose in Gy, volume in cc, percent of the volume), ascending in dose; ``stored`` by the planning system, if it did."""

    number: int
    name: str
    color: Color
    curve: Sequence[tuple[float, float, float]]
    stored: Statistics | None
    stored_curve: Sequence[tuple[float, float, float]]


class Histograms(TypedDict):
    """One per ROI with a volume."""

    rois: Sequence[RoiHistogram]
    warnings: Sequence[str]


HISTOGRAMS: Method[HistogramsParameters, Histograms] = Method("dose.histograms", "work")
