"""RT Structure Sets (DICOM PS3.3 A.19.3) to labelmaps: a voxel belongs to an ROI when its center lies inside the ROI's contours on its slice.

How contours find their slice: ``contour_planes``. What "inside" means on an edge: ``contour_fill``. How several contours combine:
``contour_combine``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.labelmap.contours.structure_set import ConversionNotes, Roi, StructureSet
from IDCBrowserLib.labelmap.description import Description
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.meaning import meaning_of
from IDCBrowserLib.labelmap.types import Annotation, Labelmap, Segment
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.image_grid import is_one_of_several

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.contours.voxels import RoiVoxels
    from IDCBrowserLib.labelmap.explain import SlicePlacement
    from IDCBrowserLib.labelmap.rtstruct.grid import TargetGrid
    from IDCBrowserLib.volume.image_grid import ImageGrid

_RULES = ("auto", "union", "xor")
_LARGEST_LABEL = 65535


def convert_rtstruct(
    source: str | Path | DicomFile, image_grids: Sequence[ImageGrid] | None = None, options: ConvertOptions | None = None, task: Task | None = None
) -> tuple[Labelmap, ...]:
    """The closed contours of a structure set as voxels; points and open contours as annotations.

    ``image_grids`` are the grids of the images at hand; the one it was drawn on is taken. ``options.grid`` "own" needs none.
    Label values are the ROI Numbers where all of the file fit (1 to 65535), otherwise 1..n in file order, which a warning says; ``segments``
    changes none.
    Raises ``ConversionError`` when the file is no usable structure set, or the images are missing or foreign; ``InputError`` for wrong options.
    """
    options, task = options or ConvertOptions(), task or Task()
    with task.at_work():
        return _converted(source, image_grids, options, task)


def _converted(source: str | Path | DicomFile, image_grids: Sequence[ImageGrid] | None, options: ConvertOptions, task: Task) -> tuple[Labelmap, ...]:
    from IDCBrowserLib.labelmap.rtstruct.grid import choose_targets
    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    if options.contour_rule not in _RULES:
        raise InputError(f"Unknown contour rule {options.contour_rule!r}; choose one of {', '.join(_RULES)}.")
    task.report(Progress("Reading contours"))
    wanted = options.segments
    structure_set = read_structure_set(source, wanted=lambda number: wanted is None or number in wanted)
    _number(structure_set)
    targets, rois = choose_targets(structure_set, _chosen(structure_set, options), image_grids, options)
    annotations = tuple(_annotation(roi, contour) for roi in rois for contour in roi.contours if not contour.kind.encloses)
    if not annotations and not any(contour.kind.encloses for roi in rois for contour in roi.contours):
        raise ConversionError(f"{structure_set.path} has no usable contours. {' '.join(structure_set.notes.sentences()[:3])}".strip())
    _note_empty(structure_set, rois)
    _note_units(structure_set, rois, targets[0])
    # What is said about the structure set as a whole is said with the first of several labelmaps.
    own_notes = [structure_set, *(replace(structure_set, notes=ConversionNotes()) for _ in targets[1:])]
    parts = [_labelmap(told, target, options, task) for told, target in zip(own_notes, targets, strict=True)]
    if parts[0].segments and not any(segment.details["contours_used"] for part in parts for segment in part.segments):
        raise ConversionError(f"No contour of {structure_set.path} is within the grid. {' '.join(parts[0].warnings[:4])}")
    parts[0] = replace(parts[0], annotations=annotations)
    return tuple(_labeled(parts, targets, image_grids or ()))


def _number(structure_set: StructureSet) -> None:
    """Give each ROI a key of its own; ROI Numbers may repeat."""
    for key, roi in enumerate(structure_set.rois, 1):
        roi.key = key


def _labeled(parts: list[Labelmap], targets: list[TargetGrid], grids: Sequence[ImageGrid]) -> list[Labelmap]:
    """With labels that tell several apart, and that say which of the phases of the images a single one is of."""
    if len(parts) == 1:
        return [replace(parts[0], label=targets[0].label if is_one_of_several(targets[0].images, grids) else "")]
    labels = [target.label or (target.images.series_description if target.images is not None else "") for target in targets]
    if len(set(labels)) < len(labels) or "" in labels:
        labels = [f"{label} stack {number}".strip() for number, label in enumerate(labels, 1)]
    return [replace(part, label=label) for part, label in zip(parts, labels, strict=True)]


def describe_rtstruct(file: str | Path | DicomFile) -> Description:
    """ROIs and references of a structure set; no contour is read."""
    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    structure_set = read_structure_set(file, with_contours=False)
    _number(structure_set)
    labels = _labels(structure_set)
    source = structure_set.source
    segments = tuple(_segment(roi, labels[roi.key], {"contours": roi.contour_count}) for roi in structure_set.rois)
    return Description(
        kind="RTSTRUCT",
        segments=segments,
        referenced_series_uids=source.referenced_series_uids,
        frame_of_reference_uid=source.frame_of_reference_uid,
        source=source,
        warnings=structure_set.notes.sentences(),
        images_needed=True,
    )


def contours_of(file: str | Path | DicomFile, segments: frozenset[int] | None = None) -> tuple[Annotation, ...]:
    """Every contour as drawn, closed ones too (``kind`` is the geometric type), for showing them over the voxels. LPS, mm."""
    from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set

    structure_set = read_structure_set(file, wanted=lambda number: segments is None or number in segments)
    return tuple(_annotation(roi, contour) for roi in structure_set.rois for contour in roi.contours)


def _chosen(structure_set: StructureSet, options: ConvertOptions) -> list[Roi]:
    if options.segments is None:
        return list(structure_set.rois)
    known = {roi.number for roi in structure_set.rois}
    if unknown := sorted(options.segments - known):
        numbers = ", ".join(str(number) for number in unknown)
        raise InputError(f"{structure_set.path} has no ROI {numbers}; it has {', '.join(str(number) for number in sorted(known)) or 'none'}.")
    return [roi for roi in structure_set.rois if roi.number in options.segments]


def _labels(structure_set: StructureSet) -> dict[int, int]:
    """ROI key to label value. Decided among all ROIs, so that one keeps its value when others are skipped."""
    numbers = [roi.number for roi in structure_set.rois]
    if all(1 <= number <= _LARGEST_LABEL for number in numbers) and len(set(numbers)) == len(numbers):
        return {roi.key: roi.number for roi in structure_set.rois}
    why = "ROI Numbers repeat" if len(set(numbers)) < len(numbers) else f"not every ROI Number can be a voxel value (1 to {_LARGEST_LABEL})"
    structure_set.notes.say(f"Label values are 1, 2, 3... in the order of the file: {why}.")
    return {roi.key: index for index, roi in enumerate(structure_set.rois, 1)}


def _note_empty(structure_set: StructureSet, rois: list[Roi]) -> None:
    empty = [roi.title for roi in rois if not roi.contours]
    if empty:
        structure_set.notes.say(f"Skipped, without usable contours: {', '.join(empty)}.")


def _note_units(structure_set: StructureSet, rois: list[Roi], target: TargetGrid) -> None:
    """Say so when all contours together are smaller than two voxels: their coordinates are then hardly in millimeters."""
    import numpy as np

    points = [contour.points for roi in rois for contour in roi.contours if contour.kind.encloses]
    if len(points) < 2 or float(np.ptp(points[0], axis=0).max()) >= 2 * min(target.geometry.spacing):
        return
    low = np.min([part.min(axis=0) for part in points], axis=0)
    high = np.max([part.max(axis=0) for part in points], axis=0)
    width = float((high - low).max())
    if width < 2 * min(target.geometry.spacing):
        structure_set.notes.say(f"All contours together are {width:.2g} mm wide; their coordinates may be in another unit than mm, such as meters.")


def _labelmap(structure_set: StructureSet, target: TargetGrid, options: ConvertOptions, task: Task) -> Labelmap:
    """What lies on one target."""
    from IDCBrowserLib.labelmap.contours.across import voxels_across
    from IDCBrowserLib.labelmap.contours.voxels import voxels_of
    from IDCBrowserLib.labelmap.evened import told_uneven
    from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
    from IDCBrowserLib.labelmap.rtstruct.layer import OneLayer

    notes = structure_set.notes
    labels = _labels(structure_set)
    rois = [roi for roi in target.rois if any(contour.kind.encloses for contour in roi.contours)]
    for warning in target.slices.warnings if target.slices is not None else ():
        notes.say(warning)
    highest = max((labels[roi.key] for roi in rois), default=1)
    stack = (OneLayer if options.one_layer else LayerStack)(target.geometry.shape, label_dtype(highest))
    segments: dict[int, Segment] = {}
    placed: list[SlicePlacement] = []
    for done, roi in enumerate(sorted(rois, key=lambda roi: labels[roi.key])):
        task.raise_if_cancelled()
        task.report(Progress("Filling contours", done, len(rois), "ROIs", roi.name))
        how = options.contour_rule, options.interpolate
        voxels = voxels_across(roi, target.geometry, target.planes, notes, *how) or voxels_of(roi, target.planes, notes, *how)
        layer = stack.add(labels[roi.key], voxels.mask, voxels.corner) if voxels.mask.size else 0
        segment = _segment(roi, labels[roi.key], _details(roi, voxels, target, options))
        segments[roi.key] = replace(segment, layer=layer, voxels=voxels.count, volume_mm3=_volume(voxels, target))
        if options.explain:
            placed += [_with_image(one, labels[roi.key], target) for one in voxels.placed]
        _note_gaps(structure_set, roi, voxels)
    task.raise_if_cancelled()
    if empty := [roi.title for roi in rois if not segments[roi.key].voxels]:
        notes.say(f"Without a voxel, since no contour encloses the center of one: {', '.join(empty)}.")
    thicknesses = target.planes.thicknesses()
    labelmap = Labelmap(
        layers=stack.layers,
        geometry=target.geometry,
        segments=tuple(segments[roi.key] for roi in rois),
        source=structure_set.source,
        overlapping_voxels=stack.overlapping_voxels(),
        warnings=notes.sentences(),
        series_uid="" if target.images is None else target.images.series_uid,
        slice_thicknesses=() if target.slices is None or not target.slices.centers else tuple(thicknesses.tolist()),
        holds={"contours": {str(labels[roi.key]): [contour.number for contour in roi.contours] for roi in rois}},
        placed=tuple(placed),
    )
    return told_uneven(labelmap, target.slices, even=options.even)


def _volume(voxels: RoiVoxels, target: TargetGrid) -> float:
    """mm3: slices are as thick as they are."""
    if target.slices is None or not target.slices.centers:
        return voxels.count * target.geometry.voxel_volume_mm3
    import numpy as np

    first = voxels.corner[0]
    thicknesses = target.planes.thicknesses()[first : first + len(voxels.mask)]
    counts = np.count_nonzero(voxels.mask.reshape(len(voxels.mask), -1), axis=1)
    return float(counts @ thicknesses) * target.geometry.spacing[0] * target.geometry.spacing[1]


def _with_image(one: SlicePlacement, label: int, target: TargetGrid) -> SlicePlacement:
    image = target.images.slices[one.k] if target.images is not None and one.k is not None else None
    if image is None:
        return replace(one, segment=label)
    return replace(one, segment=label, image=image.sop_instance_uid, image_frame=image.frame_number)


def _details(roi: Roi, voxels: RoiVoxels, target: TargetGrid, options: ConvertOptions) -> dict[str, Any]:
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
        structure_set.notes.roi(roi, f"{count} between its contours were interpolated from their neighbors")
    else:
        structure_set.notes.roi(roi, f"{count} between its contours have none and stay empty; interpolation is off")
