"""Dose-volume histograms of a structure set in a dose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.api.dose import RoiHistogram, Statistics
from IDCBrowserLib.dose.dose_grid import DoseGrid, read_dose
from IDCBrowserLib.dose.histogram import Histogram, histogram_of
from IDCBrowserLib.dose.region import Region, region_of, usual_distance
from IDCBrowserLib.dose.sampling import Sampler
from IDCBrowserLib.dose.stored import StoredHistogram, read_stored
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.contours.structure_set import Roi, StructureSet

# Parts of a volume that are outside the dose grid and not worth a word.
_NOTHING = 1e-3
_CURVE_POINTS = 301


@dataclass(frozen=True)
class RoiDose:
    """One ROI. ``volume_cc`` is all of it; ``histogram`` is of what lies within the dose grid, None where nothing does.

    ``stored`` is what the planning system put into the dose object, if it did.
    """

    number: int
    name: str
    color: tuple[int, int, int]
    volume_cc: float
    histogram: Histogram | None
    stored: StoredHistogram | None = None

    def to_json(self) -> dict[str, Any]:
        """The statistics; volumes in cc, doses in Gy, null where there are none."""
        return {"number": self.number, "name": self.name, **_statistics(self.histogram, self.volume_cc), "stored": self._stored()}

    def to_document(self) -> RoiHistogram:
        """With the curves."""
        stored = [] if self.stored is None else _curve(self.stored.histogram)
        return {
            "number": self.number,
            "name": self.name,
            "color": self.color,
            "curve": self.curve(),
            **_statistics(self.histogram, self.volume_cc),
            "stored": self._stored(),
            "stored_curve": stored,
        }

    def curve(self) -> list[tuple[float, float, float]]:
        """(dose in Gy, volume in cc, percent), ascending in dose."""
        return [] if self.histogram is None else _curve(self.histogram)

    def _stored(self) -> Statistics | None:
        if self.stored is None:
            return None
        return _statistics(self.stored.histogram, None if self.stored.is_percent else self.stored.histogram.total_cc)


@dataclass(frozen=True)
class Doses:
    """All ROIs of a structure set that have a volume, and sentences for the user."""

    rois: tuple[RoiDose, ...]
    warnings: tuple[str, ...]


def dose_volume_histograms(dose_files: Sequence[str], structure_set_file: str, task: Task | None = None) -> Doses:
    """Raises ``ConversionError`` for a dose that is not in Gy, other frames of reference, or a structure set without closed contours."""
    task = task or Task()
    task.report(Progress("Reading the dose"))
    dose = read_dose(dose_files, task)
    task.report(Progress("Reading contours"))
    structure_set = read_structure_set(structure_set_file)
    notes = [*dose.warnings]
    rois = [roi for roi in _of_frame(structure_set, dose, notes) if any(contour.kind.encloses for contour in roi.contours)]
    if not rois:
        raise ConversionError(f"{structure_set_file} contains no closed contours in the frame of reference of the dose.")
    stored, unused = read_stored(dose.path)
    notes += unused
    sampler = Sampler(dose)
    usual = _usual_step(rois, dose)
    found = []
    for done, roi in enumerate(rois):
        task.raise_if_cancelled()
        task.report(Progress("Computing histograms", done, len(rois), "ROIs", roi.name))
        region = region_of(roi.contours, usual)
        assert region is not None, "it has closed contours"
        found.append(_roi_dose(roi, region, sampler, stored.get(roi.number), notes, task))
    return Doses(tuple(found), (*structure_set.notes.sentences(), *dict.fromkeys(notes)))


def _roi_dose(roi: Roi, region: Region, sampler: Sampler, stored: StoredHistogram | None, notes: list[str], task: Task) -> RoiDose:
    grays, volumes, inner = [], [], []
    outside = 0.0
    for gray, part, missed, cubic_mm in _samples(region, sampler):
        task.raise_if_cancelled()
        grays.append(gray)
        volumes.append(part * np.float32(cubic_mm))
        inner.append(part > 0.5)
        outside += missed * cubic_mm
    histogram = histogram_of(np.concatenate(grays), np.concatenate(volumes), np.concatenate(inner))
    inside = float(np.sum([volume.sum(dtype=np.float64) for volume in volumes]))
    total = inside + outside
    if outside > _NOTHING * total:
        notes.append(f"{roi.title}: {100 * outside / total:.3g} % of it is outside the dose grid; its doses are of the rest.")
    return RoiDose(roi.number, roi.name, roi.color, total / 1000.0, histogram, stored)


def _samples(region: Region, sampler: Sampler) -> Iterator[tuple[Any, Any, float, float]]:
    for layer in region.layers():
        gray, part, missed = sampler.layer(region, layer)
        yield gray, part, missed, layer.thickness * region.pixel**2


def _of_frame(structure_set: StructureSet, dose: DoseGrid, notes: list[str]) -> list[Roi]:
    """The ROIs that lie in the frame of reference of the dose."""
    frame = dose.frame_of_reference_uid
    stated = [roi.frame_of_reference_uid or structure_set.source.frame_of_reference_uid for roi in structure_set.rois]
    if not frame or not any(stated):
        notes.append("The dose or the structure set states no frame of reference; they are taken to be in the same one.")
        return list(structure_set.rois)
    fitting = [roi for roi, uid in zip(structure_set.rois, stated, strict=True) if uid in ("", frame)]
    if not fitting:
        raise ConversionError(
            f"{structure_set.path} is in another frame of reference ({next(uid for uid in stated if uid)}) than the dose ({frame}). "
            "Give the structure set that the dose was computed for."
        )
    if other := len(structure_set.rois) - len(fitting):
        notes.append(f"{other} of {len(structure_set.rois)} ROIs are in another frame of reference than the dose and are skipped.")
    return fitting


def _usual_step(rois: Sequence[Roi], dose: DoseGrid) -> float:
    """mm between contours; that of the dose where every ROI has one."""
    steps = [
        usual_distance(np.array([float(np.mean(contour.points[:, 2])) for contour in roi.contours if contour.kind.encloses]))
        for roi in rois
        if len(roi.contours) > 1
    ]
    steps = [step for step in steps if step > 0]
    return float(np.median(steps)) if steps else dose.geometry.slice_step


def _curve(histogram: Histogram) -> list[tuple[float, float, float]]:
    doses = np.linspace(0.0, float(histogram.dose_gy[-1]), _CURVE_POINTS)
    volumes = np.interp(doses, histogram.dose_gy, histogram.volume_cc)
    return list(zip(doses.tolist(), volumes.tolist(), (100.0 * volumes / histogram.total_cc).tolist(), strict=True))


def _statistics(histogram: Histogram | None, volume_cc: float | None) -> Statistics:
    if histogram is None:
        return {"volume_cc": volume_cc, "min_gy": None, "mean_gy": None, "max_gy": None, "d95_gy": None, "d2_gy": None}
    return {
        "volume_cc": volume_cc,
        "min_gy": histogram.minimum,
        "mean_gy": histogram.mean,
        "max_gy": histogram.maximum,
        "d95_gy": histogram.dose_at(95),
        "d2_gy": histogram.dose_at(2),
    }
