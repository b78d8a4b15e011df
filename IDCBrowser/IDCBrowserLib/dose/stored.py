"""Dose-volume histograms that the planning system stored in the dose object (PS3.3 C.8.8.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from IDCBrowserLib.dicom.dicom_file import open_dicom
from IDCBrowserLib.dicom.elements import Elements
from IDCBrowserLib.dose.histogram import Histogram

_DVH_SEQUENCE = 0x30040050
_VOLUME_UNITS = "CM3"


@dataclass(frozen=True)
class StoredHistogram:
    """Of one ROI; in cc, or in parts of its volume where ``is_percent``."""

    roi_number: int
    histogram: Histogram
    is_percent: bool


def read_stored(path: str) -> tuple[dict[int, StoredHistogram], tuple[str, ...]]:
    """By ROI Number, and what could not be used. Histograms of several ROIs together, or of relative doses, are not used."""
    found: dict[int, StoredHistogram] = {}
    notes: list[str] = []
    for number, item in enumerate(open_dicom(path).root.items(_DVH_SEQUENCE), 1):
        try:
            one = _read(item)
        except ValueError as error:
            notes.append(f"The stored histogram {number} is not used: {error}.")
            continue
        found.setdefault(one.roi_number, one)
    return found, tuple(notes)


def _read(item: Elements) -> StoredHistogram:
    rois = [roi.text(0x30060084) for roi in item.items(0x30040060) if roi.text(0x30040062).upper() != "EXCLUDED"]
    if len(rois) != 1:
        raise ValueError(f"it is of {len(rois)} ROIs together")
    if item.text(0x30040002).upper() == "RELATIVE":
        raise ValueError("its doses are relative")
    numbers = np.array([float(part) for part in item.text(0x30040058).split("\\")], np.float64)
    scaling = float(item.text(0x30040052) or 1)
    if len(numbers) < 2 or len(numbers) % 2 or not np.isfinite(numbers).all() or (numbers[::2] < 0).any() or not scaling > 0:
        raise ValueError("its data make no sense")
    widths, volumes = numbers[::2] * scaling, np.maximum(numbers[1::2], 0.0)
    if item.text(0x30040001).upper() in ("DIFFERENTIAL", "NATURAL"):
        volumes = np.cumsum((volumes * widths if item.text(0x30040001).upper() == "NATURAL" else volumes)[::-1])[::-1]
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    cumulative = np.minimum.accumulate(np.append(volumes, 0.0))
    if cumulative[0] <= 0:
        raise ValueError("it holds no volume")
    parts = -np.diff(cumulative)
    mean = float(parts @ ((edges[:-1] + edges[1:]) / 2) / cumulative[0])
    full = np.flatnonzero(cumulative >= cumulative[0] * (1 - 1e-9))
    histogram = Histogram(edges, cumulative, float(edges[full[-1]]), mean, float(edges[-1]))
    return StoredHistogram(int(float(rois[0])), histogram, item.text(0x30040054).upper() != _VOLUME_UNITS)
