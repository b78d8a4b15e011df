"""On which grids a structure set becomes voxels: those of the images it was drawn on, or its own; and which contour lies on which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.planes import Extents, Planes, extents_of, planes_of
from IDCBrowserLib.labelmap.contours.structure_set import Contour, Roi, StructureSet
from IDCBrowserLib.volume.tolerances import CONTOUR_NAMED_WITHIN, HAIR, on_border, same_place
from IDCBrowserLib.wording import first_of

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.volume.geometry import Geometry
    from IDCBrowserLib.volume.image_grid import ImageGrid

_SHOWN = 3


@dataclass(frozen=True)
class TargetGrid:
    """Where voxels go, and the ``rois`` with the contours that go there. ``images`` is None for the contours' own grid.

    ``frame_of_reference_uid`` is empty when any will do. ``uneven`` are the planes of an own grid where their distances vary.
    """

    geometry: Geometry
    planes: Planes
    frame_of_reference_uid: str
    images: ImageGrid | None = None
    rois: list[Roi] = field(default_factory=list)
    label: str = ""
    uneven: ImageGrid | None = None

    @property
    def slices(self) -> ImageGrid | None:
        """The slices as they lie; None for an even grid of its own."""
        return self.uneven if self.images is None else self.images


def choose_targets(
    structure_set: StructureSet, rois: list[Roi], grids: Sequence[ImageGrid] | None, options: ConvertOptions
) -> tuple[list[TargetGrid], list[Roi]]:
    """The grids that ``options`` ask for, each with what lies on it, and those of ``rois`` that lie in their frames of reference.

    Raises ``ConversionError`` when the images are not given or are not those of the structure set.
    """
    if options.grid == "own":
        return _on_own_grids(structure_set, rois)
    if not grids:
        wanted = ", ".join(dict.fromkeys(series.series_uid for series in structure_set.referenced_series)) or "which it does not name"
        raise ConversionError(
            f"{structure_set.path} needs the images it was drawn on (series {wanted}). Give their folder, or ask for the contours' own grid."
        )
    related = _related(structure_set, grids)
    targets = [TargetGrid(grid.geometry, planes_of(grid.geometry, grid), grid.frame_of_reference_uid, grid, label=grid.label) for grid in related]
    here = _leave_out_foreign(structure_set, rois, targets)
    used = _assigned(structure_set, here, targets) if len(targets) > 1 else [replace(targets[0], rois=here)]
    _note_images(structure_set, [target.images for target in used if target.images is not None], related)
    return used, here


def _on_own_grids(structure_set: StructureSet, rois: list[Roi]) -> tuple[list[TargetGrid], list[Roi]]:
    from IDCBrowserLib.labelmap.contours.own_grid import own_grids

    found, frame = own_grids(structure_set, rois)
    targets = [TargetGrid(own.geometry, planes_of(own.geometry, own.uneven), frame, None, own.rois, own.label, own.uneven) for own in found]
    here = _leave_out_foreign(structure_set, rois, targets[:1])
    keys = {roi.key for roi in here}
    return [replace(target, rois=[roi for roi in target.rois if roi.key in keys]) for target in targets], here


def _related(structure_set: StructureSet, grids: Sequence[ImageGrid]) -> list[ImageGrid]:
    """The grids that the structure set can lie on, best first: those of series with images that it names, else of series that it names.

    Else those of the best series in its frame of reference. Raises ``ConversionError`` where none has anything to do with it.
    """
    named = structure_set.names_images
    referenced = {series.series_uid for series in structure_set.referenced_series}

    def rank(grid: ImageGrid) -> tuple[int, bool, bool]:
        return len(named & _uids(grid)), grid.series_uid in referenced, grid.frame_of_reference_uid in structure_set.frames_of_reference

    ordered = sorted(grids, key=rank, reverse=True)
    best = ordered[0]
    _check_related(structure_set, best)
    present = {grid.series_uid for grid in grids if named & _uids(grid)}
    series = present or (referenced & {grid.series_uid for grid in grids}) or {best.series_uid}
    return [grid for grid in ordered if grid.series_uid in series]


def _uids(grid: ImageGrid) -> set[str]:
    return {image.sop_instance_uid for image in grid.slices if image is not None}


def _leave_out_foreign(structure_set: StructureSet, rois: list[Roi], targets: list[TargetGrid]) -> list[Roi]:
    """The ROIs that lie in a target's frame of reference; the others are noted. Raises ``ConversionError`` when that leaves none."""
    here = []
    for roi in rois:
        if any(_lies_in(structure_set, roi, target) for target in targets):
            here.append(roi)
        elif roi.frame_of_reference_uid not in structure_set.stated_frames:
            structure_set.notes.say(
                f"{roi.title} names a frame of reference that occurs nowhere else in the file; it is taken as that of the images."
            )
            here.append(roi)
        else:
            structure_set.notes.say(f"{roi.title} is skipped: it is in another frame of reference ({roi.frame_of_reference_uid}) than the grid.")
    if rois and not here:
        frames = ", ".join(dict.fromkeys(target.frame_of_reference_uid for target in targets))
        raise ConversionError(
            f"No ROI of {structure_set.path} has the frame of reference of the images ({frames}). "
            "Give the images of another series that it refers to."
        )
    return here


def _lies_in(structure_set: StructureSet, roi: Roi, target: TargetGrid) -> bool:
    if not roi.frame_of_reference_uid or not target.frame_of_reference_uid or roi.frame_of_reference_uid == target.frame_of_reference_uid:
        return True
    if target.images is not None:
        said = {series.frame_of_reference_uid for series in structure_set.referenced_series if series.series_uid == target.images.series_uid}
        if roi.frame_of_reference_uid in said:
            structure_set.notes.say(
                "The images say they are of another frame of reference than the structure set says they are; that of the structure set is used."
            )
            return True
    return any(image in target.planes.named for contour in roi.contours for image in contour.images)


def _assigned(structure_set: StructureSet, rois: list[Roi], targets: list[TargetGrid]) -> list[TargetGrid]:
    """The targets on which contours lie, each with its own; contours that lie on none stay with the first, where the reason is told."""
    finder = _Finder(rois, targets)
    found: list[dict[int, list[Contour]]] = [{} for _ in targets]
    for roi in rois:
        allowed = [n for n, target in enumerate(targets) if _lies_in(structure_set, roi, target)] or list(range(len(targets)))
        for contour in roi.contours:
            found[finder.target_of(contour, allowed)].setdefault(roi.key, []).append(contour)
    used = [
        replace(target, rois=[replace(roi, contours=own[roi.key]) for roi in rois if roi.key in own])
        for target, own in zip(targets, found, strict=True)
        if any(contour.kind.encloses for contours in own.values() for contour in contours)
    ] or [replace(targets[0], rois=rois)]
    empty = [roi for roi in rois if not roi.contours]
    return [replace(used[0], rois=[*used[0].rois, *empty]), *used[1:]]


class _Finder:
    """Asks which of several targets a contour lies on."""

    def __init__(self, rois: list[Roi], targets: list[TargetGrid]) -> None:
        self._targets = targets
        self._extents: list[Extents] = []
        self._number: dict[int, int] = {}
        contours = [contour for roi in rois for contour in roi.contours if len(contour.points)]
        known: dict[tuple[float, ...], Extents] = {}
        for target in targets:
            key = (*target.planes.normal.tolist(), target.planes.step)
            if key not in known and contours:
                known[key] = extents_of(contours, target.planes)
            self._extents.append(known.get(key, Extents(np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))))
        self._number = {id(contour): index for index, contour in enumerate(contours)}
        self._rank = self._most_named_first(contours)

    def _most_named_first(self, contours: list[Contour]) -> list[int]:
        """The rank of each target: those whose images most contours name alone come first, then as given."""
        alone: Counter[int] = Counter()
        for contour in contours:
            named = {n for n, target in enumerate(self._targets) for image in contour.images if image in target.planes.named}
            if len(named) == 1:
                alone[named.pop()] += 1
        ordered = sorted(range(len(self._targets)), key=lambda n: (-alone[n], n))
        return [ordered.index(n) for n in range(len(self._targets))]

    def target_of(self, contour: Contour, allowed: list[int]) -> int:
        """The target whose image the contour names, else on a slice of which it lies, else among whose slices, else the first of ``allowed``."""
        ranked = sorted(allowed, key=lambda n: self._rank[n])
        index = self._number.get(id(contour))
        if index is None:
            return ranked[0]
        named = [(distance, self._rank[n], n) for n in ranked if (distance := self._from_named(contour, index, n)) is not None]
        if named:
            return min(named)[2]
        for reach in (self._at_place, self._within):
            here = next((n for n in ranked if reach(index, n)), None)
            if here is not None:
                return here
        return ranked[0]

    def _from_named(self, contour: Contour, index: int, n: int) -> float | None:
        """Slices between the contour and the nearest image it names, None where it names none here within a slice."""
        planes, height = self._targets[n].planes, float(self._extents[n].middle[index])
        thickness = planes.thicknesses()
        slices = [k for image in contour.images if (k := planes.named.get(image, -1)) >= 0]
        apart = [abs(height - float(planes.offsets[k])) / max(planes.step, float(thickness[k])) for k in slices]
        nearest = min(apart, default=np.inf)
        return round(nearest, 3) if nearest <= CONTOUR_NAMED_WITHIN + HAIR else None

    def _at_place(self, index: int, n: int) -> bool:
        planes, extents = self._targets[n].planes, self._extents[n]
        near = float(np.abs(planes.offsets - extents.middle[index]).min())
        return near <= same_place(planes.step) and not extents.across(planes.step)[index]

    def _within(self, index: int, n: int) -> bool:
        planes, extents = self._targets[n].planes, self._extents[n]
        middles, border = planes.middles(), on_border(planes.step)
        inside = middles[0] - border <= extents.middle[index] <= middles[-1] + border
        return bool(inside) and not extents.across(planes.step)[index]


def _check_related(structure_set: StructureSet, grid: ImageGrid) -> None:
    """Refuse images that have nothing to do with the structure set. ``grid`` is the best of them."""
    referenced = {series.series_uid for series in structure_set.referenced_series}
    present = structure_set.names_images & _uids(grid)
    same_frame = bool(grid.frame_of_reference_uid) and grid.frame_of_reference_uid in structure_set.frames_of_reference
    same_patient = _is_same_patient(structure_set, grid)
    if not (present or grid.series_uid in referenced or (same_frame and same_patient)):
        _refuse(structure_set, grid, same_patient)


def _is_same_patient(structure_set: StructureSet, grid: ImageGrid) -> bool:
    return structure_set.source.patient_id == grid.patient_id or not structure_set.source.patient_id or not grid.patient_id


def _note_images(structure_set: StructureSet, used: list[ImageGrid], related: list[ImageGrid]) -> None:
    """What is odd about the images that are used. ``related`` are all that are given of their series."""
    notes = structure_set.notes
    referenced = {series.series_uid for series in structure_set.referenced_series}
    present = set[str]().union(*(_uids(grid) for grid in related))
    named = structure_set.names_images & present
    for grid in used:
        if not _is_same_patient(structure_set, grid):
            notes.say(f"The structure set is of patient {structure_set.source.patient_id!r}, the images of patient {grid.patient_id!r}.")
        if grid.series_uid not in referenced and referenced:
            by = "the images it names are among them" if named else "it has the same frame of reference"
            notes.say(f"The images are of series {grid.series_uid}, which the structure set does not name; {by}.")
        if grid.missing_slices:
            notes.say(f"The images lack the slices at k = {', '.join(str(k) for k in grid.missing_slices)}; contours there are filled all the same.")
    given = {grid.series_uid for grid in related}
    expected = {uid for series in structure_set.referenced_series if series.series_uid in given for uid in series.instance_uids}
    expected = expected or {uid for roi in structure_set.rois for contour in roi.contours for uid, _ in contour.images}
    missing = sorted(expected - present)
    if missing and (named or given & referenced):
        notes.say(_missing(missing, len(expected)))


def _missing(uids: list[str], named: int) -> str:
    if len(uids) == named:
        return f"None of the {named} images that the structure set names is among those given; the series is the same, so positions decide."
    return f"{len(uids)} of the {named} images that the structure set names are not among those given: {first_of(uids, _SHOWN)}"


def _refuse(structure_set: StructureSet, grid: ImageGrid, same_patient: bool) -> None:
    if not same_patient:
        reason = f"they are of patient {grid.patient_id!r}, the structure set of {structure_set.source.patient_id!r}"
    else:
        reason = "their series and frame of reference are others"
    wanted = ", ".join(dict.fromkeys(series.series_uid for series in structure_set.referenced_series))
    hint = f"Give the files of series {wanted}." if wanted else "Give the images it was drawn on, or ask for the contours' own grid."
    raise ConversionError(f"The images given (series {grid.series_uid}) are not those of {structure_set.path}: {reason}. {hint}")
