"""On which grid a structure set becomes voxels: the images it was drawn on, or one made for its contours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.contours.planes import Planes, planes_of
from IDCBrowserLib.labelmap.contours.structure_set import Roi, StructureSet

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.volume.geometry import Geometry
    from IDCBrowserLib.volume.image_grid import ImageGrid


@dataclass(frozen=True)
class Target:
    """Where voxels go. ``frame_of_reference_uid`` is empty when any will do; ``images`` is None for the contours' own grid."""

    geometry: Geometry
    planes: Planes
    frame_of_reference_uid: str
    images: ImageGrid | None = None


def choose_target(structure_set: StructureSet, rois: list[Roi], grids: Sequence[ImageGrid] | None, options: ConvertOptions) -> Target:
    """The grid that ``options`` ask for. Raises ``ConversionError`` when the images are not given or are not those of the structure set."""
    if options.grid == "own":
        from IDCBrowserLib.labelmap.contours.own_grid import own_geometry

        geometry, frame = own_geometry(structure_set, rois)
        return Target(geometry, planes_of(geometry), frame)
    if not grids:
        wanted = ", ".join(dict.fromkeys(series.series_uid for series in structure_set.referenced_series)) or "which it does not name"
        raise ConversionError(
            f"{structure_set.path} needs the images it was drawn on (series {wanted}). Give their folder, or ask for the contours' own grid."
        )
    grid = _best(structure_set, grids)
    _check(structure_set, grid)
    return Target(grid.geometry, planes_of(grid.geometry, grid), grid.frame_of_reference_uid, grid)


def leave_out_foreign(structure_set: StructureSet, rois: list[Roi], target: Target) -> list[Roi]:
    """The ROIs that lie in the target's frame of reference; the others are noted. Raises ``ConversionError`` when that leaves none."""
    frames = _frames_of_target(structure_set, target)
    own = [roi for roi in rois if _lies_in(roi, target, frames)]
    for roi in rois:
        if roi not in own:
            structure_set.notes.say(f"{roi.title} is left out: it lies in another frame of reference ({roi.frame_of_reference_uid}) than the grid.")
    if rois and not own:
        raise ConversionError(
            f"No ROI of {structure_set.path} lies in the frame of reference of the images ({target.frame_of_reference_uid}). "
            "Give the images of another series that it refers to."
        )
    return own


def _frames_of_target(structure_set: StructureSet, target: Target) -> set[str]:
    """Its frame of reference by its own word, and by that of the structure set about its series."""
    frames = {target.frame_of_reference_uid}
    if target.images is not None:
        said = {series.frame_of_reference_uid for series in structure_set.referenced_series if series.series_uid == target.images.series_uid}
        if said and target.frame_of_reference_uid and target.frame_of_reference_uid not in said:
            structure_set.notes.say("The images say they are of another frame of reference than the structure set says they are; its word is taken.")
        frames |= said
    return frames


def _lies_in(roi: Roi, target: Target, frames: set[str]) -> bool:
    if not roi.frame_of_reference_uid or not target.frame_of_reference_uid or roi.frame_of_reference_uid in frames:
        return True
    return any(image in target.planes.named for contour in roi.contours for image in contour.images)


def _uids(grid: ImageGrid) -> set[str]:
    return {image.sop_instance_uid for image in grid.slices if image is not None}


def _best(structure_set: StructureSet, grids: Sequence[ImageGrid]) -> ImageGrid:
    """The grid that holds most of the images named; then the referenced series; then the same frame of reference; then the largest."""
    named = structure_set.names_images
    referenced = {series.series_uid for series in structure_set.referenced_series}

    def rank(grid: ImageGrid) -> tuple[int, bool, bool]:
        return len(named & _uids(grid)), grid.series_uid in referenced, grid.frame_of_reference_uid in structure_set.frames_of_reference

    return max(grids, key=rank)


def _check(structure_set: StructureSet, grid: ImageGrid) -> None:
    """Refuse images that have nothing to do with the structure set; note what is odd."""
    notes = structure_set.notes
    referenced = {series.series_uid for series in structure_set.referenced_series}
    named = structure_set.names_images
    present = named & _uids(grid)
    same_series = grid.series_uid in referenced
    same_frame = bool(grid.frame_of_reference_uid) and grid.frame_of_reference_uid in structure_set.frames_of_reference
    same_patient = structure_set.source.patient_id == grid.patient_id or not structure_set.source.patient_id or not grid.patient_id
    if not (present or same_series or (same_frame and same_patient)):
        _refuse(structure_set, grid, same_patient)
    if not same_patient:
        notes.say(f"The structure set is of patient {structure_set.source.patient_id!r}, the images of patient {grid.patient_id!r}.")
    if not same_series and referenced:
        by = "the images it names are among them" if present else "it has the same frame of reference"
        notes.say(f"The images are of series {grid.series_uid}, which the structure set does not name; {by}.")
    expected = {uid for series in structure_set.referenced_series if series.series_uid == grid.series_uid for uid in series.instance_uids}
    drawn_on = {uid for roi in structure_set.rois for contour in roi.contours for uid, _ in contour.images}
    missing = (expected or drawn_on) - _uids(grid)
    if missing and (same_series or present):
        notes.say(_missing(sorted(missing), len(expected or drawn_on)))
    if grid.missing_slices:
        notes.say(f"The images lack the slices at k = {', '.join(str(k) for k in grid.missing_slices)}; contours there are filled all the same.")
    for warning in grid.warnings:
        notes.say(warning)


def _missing(uids: list[str], named: int) -> str:
    if len(uids) == named:
        return f"None of the {named} images that the structure set names is among those given; the series is the same, so positions decide."
    shown = ", ".join(uids[:3]) + (", ..." if len(uids) > 3 else "")
    return f"{len(uids)} of the {named} images that the structure set names are not among those given: {shown}"


def _refuse(structure_set: StructureSet, grid: ImageGrid, same_patient: bool) -> None:
    if not same_patient:
        reason = f"they are of patient {grid.patient_id!r}, the structure set of {structure_set.source.patient_id!r}"
    else:
        reason = "their series and frame of reference are others"
    wanted = ", ".join(dict.fromkeys(series.series_uid for series in structure_set.referenced_series))
    hint = f"Give the files of series {wanted}." if wanted else "Give the images it was drawn on, or ask for the contours' own grid."
    raise ConversionError(f"The images given (series {grid.series_uid}) are not those of {structure_set.path}: {reason}. {hint}")
