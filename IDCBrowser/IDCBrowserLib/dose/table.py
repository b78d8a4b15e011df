"""Dose-volume histograms as CSV, from what the engine and the command line answer. Needs nothing but Python."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from IDCBrowserLib.safe_text import cell

STATISTICS = ("volume_cc", "min_gy", "mean_gy", "max_gy", "d95_gy", "d2_gy")
Curve = Sequence[tuple[float, float, float]]


def volume_at(curve: Curve, gray: float) -> tuple[float, float] | None:
    """(cc, percent) that receive at least ``gray``, from a curve of (Gy, cc, percent) ascending in dose; None without one."""
    if not curve:
        return None
    place = bisect_left(curve, gray, key=lambda point: point[0])
    if place == 0:
        return curve[0][1], curve[0][2]
    if place == len(curve):
        return 0.0, 0.0
    (low, *before), (high, *after) = curve[place - 1], curve[place]
    part = (gray - low) / (high - low)
    cc, percent = (a + part * (b - a) for a, b in zip(before, after, strict=True))
    return cc, percent


def statistics_csv(rois: Sequence[Mapping[str, Any]]) -> str:
    """One line per ROI; ``volume_at``: ``[{"gy", "cc", "percent"}]`` of each where something was asked for, ``stored`` beside ours."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    grays = [one["gy"] for one in rois[0].get("volume_at", ())] if rois else []
    at = [f"v{gray:g}gy_{unit}" for gray in grays for unit in ("cc", "percent")]
    writer.writerow(["number", "name", *STATISTICS, *at, *(f"stored_{name}" for name in STATISTICS)])
    for roi in rois:
        stored = roi["stored"] or {}
        volumes = [one[unit] for one in roi.get("volume_at", ()) for unit in ("cc", "percent")]
        values = [*(roi[name] for name in STATISTICS), *volumes, *(stored.get(name) for name in STATISTICS)]
        writer.writerow([roi["number"], cell(roi["name"]), *("" if value is None else f"{value:.6g}" for value in values)])
    return out.getvalue()


def curves_csv(rois: Sequence[Mapping[str, Any]]) -> str:
    """One line per point of each curve: ours, then the stored one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["number", "name", "source", "dose_gy", "volume_cc", "volume_percent"])
    for roi in rois:
        for source, key in (("computed", "curve"), ("stored", "stored_curve")):
            for dose, volume, percent in roi[key]:
                writer.writerow([roi["number"], cell(roi["name"]), source, f"{dose:.6g}", f"{volume:.6g}", f"{percent:.6g}"])
    return out.getvalue()
