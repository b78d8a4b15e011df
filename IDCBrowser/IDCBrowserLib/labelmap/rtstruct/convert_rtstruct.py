"""RT Structure Sets (DICOM PS3.3 A.19.3) to labelmaps: a voxel belongs to an ROI when its center lies inside the ROI's contours on its slice.

How contours find their slice: ``contour_planes``. What "inside" means on an edge: ``contour_fill``. How several contours combine:
``contour_combine``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.labelmap.contours.structure_set import Roi, StructureSet
from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.meaning import meaning_of
from IDCBrowserLib.labelmap.types import Annotation, Labelmap, Segment
from IDCBrowserLib.task import Progress, Task

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.contours.voxels import RoiVoxels
    from IDCBrowserLib.labelmap.rtstruct.grid import Target
    from IDCBrowserLib.volume.image_grid import ImageGrid

_RULES = ("auto", "union", "xor")
_LARGEST_LABEL = 65535


def convert_rtstruct(
    input_path: str | Path, image_grids: Sequence[ImageGrid] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> tuple[Labelmap, ...]:
    """The closed contours of a structure set as voxels; points and open contours as annotations.

    ``image_grids`` are the grids of the images at hand; the one it was drawn on is taken. ``options.grid`` "own" needs none.
    Label values are the ROI Numbers where all of the file fit (1 to 65535), otherwise 1..n in file order, which a warning says; ``segments``
    changes none.
    Raises ``ConversionError`` when the file is no usable structure set, or the images are missing or foreign; ``InputError`` for wrong options.
    """
    from IDCBrowserLib.labelmap.rtstruct.grid import choose_target, leave_out_foreign
    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    options = options or ConvertOptions()
    task = task or Task()
    if options.contour_rule not in _RULES:
        raise InputError(f"Unknown contour rule {options.contour_rule!r}; choose one of {', '.join(_RULES)}.")
    task.report(Progress("Reading contours"))
    wanted = options.segments
    structure_set = read_structure_set(input_path, wanted=lambda number: wanted is None or number in wanted)
    rois = _chosen(structure_set, options)
    target = choose_target(structure_set, rois, image_grids, options)
    rois = leave_out_foreign(structure_set, rois, target)
    enclosing = [roi for roi in rois if any(contour.kind.encloses for contour in roi.contours)]
    annotations = tuple(_annotation(roi, contour) for roi in rois for contour in roi.contours if not contour.kind.encloses)
    if not enclosing and not annotations:
        raise ConversionError(f"{input_path} has no usable contours. {' '.join(structure_set.notes.sentences()[:3])}".strip())
    _note_empty(structure_set, rois)
    _note_units(structure_set, enclosing, target)
    return (replace(_labelmap(structure_set, enclosing, target, options, task), annotations=annotations),)


def describe_rtstruct(input_path: str | Path) -> Description:
    """ROIs and references of a structure set; no contour is read."""
    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    structure_set = read_structure_set(input_path, with_contours=False)
    labels = _labels(structure_set, structure_set.rois)
    source = structure_set.source
    segments = tuple(_segment(roi, labels[roi.number], {"contours": roi.contour_count}) for roi in structure_set.rois)
    return Description(
        kind="RTSTRUCT",
        segments=segments,
        referenced_series_uids=source.referenced_series_uids,
        frame_of_reference_uid=source.frame_of_reference_uid,
        source=source,
        warnings=structure_set.notes.sentences(),
        images_needed=True,
    )


def contours_of(input_path: str | Path, segments: frozenset[int] | None = None) -> tuple[Annotation, ...]:
    """Every contour as drawn, closed ones too (``kind`` is the geometric type), for showing them over the voxels. LPS, mm."""
    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    structure_set = read_structure_set(input_path, wanted=lambda number: segments is None or number in segments)
    return tuple(_annotation(roi, contour) for roi in structure_set.rois for contour in roi.contours)


def _chosen(structure_set: StructureSet, options: ConvertOptions) -> list[Roi]:
    if options.segments is None:
        return list(structure_set.rois)
    known = {roi.number for roi in structure_set.rois}
    if unknown := sorted(options.segments - known):
        numbers = ", ".join(str(number) for number in unknown)
        raise InputError(f"{structure_set.path} has no ROI {numbers}; it has {', '.join(str(number) for number in sorted(known)) or 'none'}.")
    return [roi for roi in structure_set.rois if roi.number in options.segments]


def _labels(structure_set: StructureSet, rois: list[Roi]) -> dict[int, int]:
    """ROI Number to label value."""
    if all(1 <= roi.number <= _LARGEST_LABEL for roi in rois):
        return {roi.number: roi.number for roi in rois}
    structure_set.notes.say("Label values are 1, 2, 3... in the order of the file: not every ROI Number can be a voxel value (1 to 65535).")
    return {roi.number: index for index, roi in enumerate(rois, 1)}


def _note_empty(structure_set: StructureSet, rois: list[Roi]) -> None:
    empty = [roi.title for roi in rois if not roi.contours]
    if empty:
        structure_set.notes.say(f"Left out, without usable contours: {', '.join(empty)}.")


def _note_units(structure_set: StructureSet, rois: list[Roi], target: Target) -> None:
    """Say so when all contours together are smaller than two voxels: their coordinates are then hardly in millimeters."""
    import numpy as np

    points = [contour.points for roi in rois for contour in roi.contours if contour.kind.encloses]
    if len(points) < 2:
        return
    low = np.min([part.min(axis=0) for part in points], axis=0)
    high = np.max([part.max(axis=0) for part in points], axis=0)
    width = float((high - low).max())
    if width < 2 * min(target.geometry.spacing):
        structure_set.notes.say(f"All contours together are {width:.2g} mm wide; their coordinates may be in another unit than mm, such as meters.")


def _labelmap(structure_set: StructureSet, rois: list[Roi], target: Target, options: ConvertOptions, task: Task) -> Labelmap:
    from IDCBrowserLib.labelmap.contours.across import voxels_across
    from IDCBrowserLib.labelmap.contours.voxels import voxels_of
    from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
    from IDCBrowserLib.labelmap.rtstruct.layer import OneLayer

    notes = structure_set.notes
    # Decided among all, so that an ROI keeps its value when others are left out.
    labels = _labels(structure_set, structure_set.rois)
    highest = max((labels[roi.number] for roi in rois), default=1)
    stack = (OneLayer if options.one_layer else LayerStack)(target.geometry.shape, label_dtype(highest))
    segments: dict[int, Segment] = {}
    for done, roi in enumerate(sorted(rois, key=lambda roi: labels[roi.number])):
        task.raise_if_cancelled()
        task.report(Progress("Filling contours", done, len(rois), "ROIs", roi.name))
        how = options.contour_rule, options.interpolate
        voxels = voxels_across(roi, target.geometry, target.planes, notes, *how) or voxels_of(roi, target.planes, notes, *how)
        layer = stack.add(labels[roi.number], voxels.mask, voxels.corner) if voxels.mask.size else 0
        segment = _segment(roi, labels[roi.number], _details(roi, voxels, target, options))
        volume = voxels.count * target.geometry.voxel_volume_mm3
        segments[roi.number] = replace(segment, layer=layer, voxels=voxels.count, volume_mm3=volume)
        _note_gaps(structure_set, roi, voxels)
    task.raise_if_cancelled()
    if segments and not any(segment.details["contours_used"] for segment in segments.values()):
        raise ConversionError(f"No contour of {structure_set.path} lies in the grid. {' '.join(notes.sentences()[:4])}")
    empty = [roi.title for roi in rois if not segments[roi.number].voxels]
    if empty:
        notes.say(f"Without a voxel, since no contour encloses the center of one: {', '.join(empty)}.")
    return Labelmap(
        layers=stack.layers,
        geometry=target.geometry,
        segments=tuple(segments[roi.number] for roi in rois),
        source=structure_set.source,
        overlapping_voxels=stack.overlapping_voxels(),
        warnings=notes.sentences(),
    )


def _details(roi: Roi, voxels: RoiVoxels, target: Target, options: ConvertOptions) -> dict[str, Any]:
    """How an ROI came about. Areas are sums over slices with contours: by contour (shoelace, holes subtracted) and by voxels.

    Where contours were filled on their own planes, "slices" are these, and the area by voxels is their volume by the distance of the planes.
    """
    i_spacing, j_spacing, _ = target.geometry.spacing
    voxel_area = (voxels.count - voxels.interpolated_voxels) * i_spacing * j_spacing
    if voxels.plane_step:
        voxel_area = (voxels.count - voxels.interpolated_voxels) * target.geometry.voxel_volume_mm3 / voxels.plane_step
    return {
        "contours": roi.contour_count,
        "contours_used": voxels.used,
        "slices": len(voxels.slices),
        "rule": options.contour_rule + (", on the contours' own planes" if voxels.plane_step else ""),
        "combined": sorted(voxels.found),
        "contour_area_mm2": round(voxels.area_mm2, 6),
        "contour_area_is_exact": voxels.area_is_exact,
        "voxel_area_mm2": round(voxel_area, 6),
        "voxel_to_contour_area": round(voxel_area / voxels.area_mm2, 6) if voxels.area_mm2 > 0 else None,
        "empty_slices_between": voxels.empty_between,
        "interpolated_slices": voxels.interpolated,
    }


def _segment(roi: Roi, label: int, details: dict[str, Any]) -> Segment:
    category, kind = meaning_of(roi)
    meaning = {
        "interpreted_type": roi.interpreted_type,
        "observation_label": roi.observation_label,
        "geometric_types": sorted(roi.stored_kinds),
        "frame_of_reference_uid": roi.frame_of_reference_uid,
    }
    return Segment(
        number=roi.number,
        label_value=label,
        name=roi.name,
        description=roi.description,
        category=category,
        type=kind,
        type_modifiers=roi.type_modifiers,
        anatomic_region=roi.anatomic_region,
        anatomic_region_modifiers=roi.anatomic_region_modifiers,
        color=roi.color,
        algorithm_type=roi.algorithm_type,
        algorithm_name=roi.algorithm_name,
        tracking_uid=roi.tracking_uid,
        details={**meaning, **details},
    )


def _annotation(roi: Roi, contour: Any) -> Annotation:
    points = tuple((float(x), float(y), float(z)) for x, y, z in contour.points.tolist())
    return Annotation(roi.name, contour.kind.value, points, roi.color, roi.number)


def _note_gaps(structure_set: StructureSet, roi: Roi, voxels: RoiVoxels) -> None:
    if not voxels.empty_between:
        return
    count = f"{voxels.empty_between} slice{'s' if voxels.empty_between > 1 else ''}"
    if voxels.interpolated:
        structure_set.notes.say(f"{roi.title}: {count} between its contours were interpolated from their neighbors.")
    else:
        structure_set.notes.say(f"{roi.title}: {count} between its contours have none and stay empty; interpolation is off.")
