"""Frames and contours of a drawn series against where the labelmaps show them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.drawn_series import DrawnSeg, Image, Series, StructurePlan, write_seg, write_structure_set
from IDCBrowserLib.labelmap.explain import Why
from IDCBrowserLib.labelmap.options import ConvertOptions
from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import convert_rtstruct
from IDCBrowserLib.labelmap.seg.convert_seg import convert_seg
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.task import Task

EXPLAINED = ConvertOptions(explain=True)


def assert_frames_are_on_their_images(made: Series, plan, folder) -> None:
    """Each frame that names its image is on it; each that names none is on an image of its place; nothing else is anywhere."""
    drawn = write_seg(folder, made, plan)
    named = plan[2] == "all"
    # Frames that name none can only be told apart by their places.
    if not named and _has_phases(made):
        return
    parts = convert_seg(drawn.path, made.grids(), EXPLAINED, Task())
    where = {placed.number: (part, placed) for part in parts for placed in part.placed if placed.why.is_placed}
    assert len(where) == len(drawn.frames), [warning for part in parts for warning in part.warnings]
    for number, (image, segment, mask) in enumerate(drawn.frames, 1):
        part, placed = where[number]
        assert placed.image == image.uid, (placed, image)
        assert np.array_equal(slice_of(part, segment, placed.k), mask)
    for part in parts:
        for segment in part.segments:
            expected = sum(int(mask.sum()) for n, (_, own, mask) in enumerate(drawn.frames, 1) if own == segment.number and where[n][0] is part)
            assert segment.voxels == expected
    assert_volumes(made, drawn, parts)


def _has_phases(made: Series) -> bool:
    heights = np.sort([float(image.position @ made.normal) for image in made.images])
    return bool((np.diff(heights) < made.step / 2).any())


def slice_of(part: Labelmap, number: int, k: int) -> np.ndarray:
    """The mask of one segment on slice k."""
    segment = next(segment for segment in part.segments if segment.number == number)
    found: np.ndarray = part.layers[segment.layer][k] == segment.label_value
    return found


def assert_volumes(made: Series, drawn: DrawnSeg, parts: tuple[Labelmap, ...]) -> None:
    """mm3 are sums over slices that reach halfway to their neighbors, missing slices included."""
    pixel = made.spacing[0] * made.spacing[1]
    stacks: dict[int, list[Image]] = {}
    for image in made.images:
        stacks.setdefault(image.stack, []).append(image)
    thickness = {}
    for images in stacks.values():
        ordered = sorted(images, key=lambda image: float(image.position @ made.normal))
        heights = np.array([float(image.position @ made.normal) for image in ordered])
        gaps = np.diff(heights)
        # A missing slice is as thick as the others; a thicker slice says so.
        gaps = np.where(
            gaps > 1.9 * max(made.step, 1e-9), [_gap(gap, made, a, b) for gap, a, b in zip(gaps, ordered, ordered[1:], strict=False)], gaps
        )
        halves = np.concatenate([[gaps[0] / 2], gaps / 2]), np.concatenate([gaps / 2, [gaps[-1] / 2]])
        thickness.update({image.uid: low + high for image, low, high in zip(ordered, *halves, strict=True)})
    expected = sum(mask.sum() * thickness[image.uid] * pixel for image, _, mask in drawn.frames)
    found = sum(segment.volume_mm3 for part in parts for segment in part.segments)
    # A short stack is only as long as its rounded positions say.
    rounding = max(float(np.linalg.norm(image.position - image.written)) for image in made.images)
    shortest = min(len(images) for images in stacks.values()) - 1
    assert abs(found - expected) <= (0.02 + 4 * rounding / (shortest * made.step)) * expected, (found, expected)


def _gap(gap: float, made: Series, a: Image, b: Image) -> float:
    return gap if max(a.thickness, b.thickness) > 1.4 * made.step else made.step


def assert_contours_are_on_their_images(made: Series, plan: StructurePlan, folder: Path) -> None:
    """Each ROI has on each image the mask that its contours stand for, and nothing anywhere else."""
    if not plan.named and _has_phases(made):
        return
    parts = convert_rtstruct(write_structure_set(folder, made, plan), made.grids(), EXPLAINED, Task())
    said = [warning for part in parts for warning in part.warnings]
    images = {image.uid: number for number, image in enumerate(made.images)}
    seen: set[tuple[int, int]] = set()
    for part in parts:
        slices = {placed.k: images[placed.image] for placed in part.placed if placed.k is not None}
        for segment in part.segments:
            mask = part.layers[segment.layer] == segment.label_value
            for k, plane in enumerate(mask):
                number = slices.get(k, -1)
                expected = plan.masks.get((number, segment.number))
                if expected is None:
                    assert not plane.any(), (k, number, said)
                else:
                    assert np.array_equal(plane, expected), (k, number, segment.number, plane.astype(int), expected.astype(int), said)
                    seen.add((number, segment.number))
    assert seen == set(plan.masks), (set(plan.masks) - seen, said)


def assert_frames_are_on_own_grids(made: Series, plan, folder) -> None:
    """Without images each frame has a slice of its own with all of its voxels; phases and passes stay apart where frames name images."""
    drawn = write_seg(folder, made, plan)
    if plan[2] != "all" and _has_phases(made):
        return
    parts = convert_seg(drawn.path, None, replace(EXPLAINED, grid="own"), Task())
    where = {placed.number: (part, placed) for part in parts for placed in part.placed if placed.why.is_placed}
    assert len(where) == len(drawn.frames), [warning for part in parts for warning in part.warnings]
    for number, (_, segment, mask) in enumerate(drawn.frames, 1):
        part, placed = where[number]
        assert int(slice_of(part, segment, placed.k).sum()) == int(mask.sum()), (placed, part.label)
    assert not [warning for part in parts for warning in part.warnings if "skipped" in warning or "united" in warning]


def assert_contours_are_on_own_grids(made: Series, plan: StructurePlan, folder: Path) -> None:
    """Without images each contour is used on a plane of its own grid, or is a copy."""
    if _has_phases(made):
        return
    parts = convert_rtstruct(write_structure_set(folder, made, plan), None, replace(EXPLAINED, grid="own"), Task())
    placed = [one for part in parts for one in part.placed]
    assert len(placed) == len(plan.contours)
    assert {one.why for one in placed} <= {Why.AT_PLACE, Why.NEAREST, Why.COPY}, [warning for part in parts for warning in part.warnings]
    for number in {contour.roi for contour in plan.contours}:
        own = [segment for part in parts for segment in part.segments if segment.number == number]
        planes = {contour.image for contour in plan.contours if contour.roi == number}
        assert sum(segment.details["slices"] for segment in own) == len(planes)
