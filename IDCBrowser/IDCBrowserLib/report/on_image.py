"""Regions drawn on images, as points in the patient (PS3.3 C.7.6.2.1.1, C.18.6.1.1)."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.errors import ConversionError, NotFoundError
from IDCBrowserLib.report.region import Region
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.frames import Frame, read_frames
from IDCBrowserLib.volume.geometry import Vector

# A circle is stated by its center and a point on it, an ellipse by the ends of its axes.
_ROUND_POINTS = 48


def in_patient(region: Region, files: Sequence[str], task: Task) -> tuple[Vector, ...]:
    """The outline in LPS mm. ``files`` are those of the image series; of a region in space none is needed.

    Circles and ellipses come as ``_ROUND_POINTS`` points. A point lies on the plane of its image whatever its orientation: corner of the first
    pixel, plus columns along the row direction and rows along the column direction, each times its own spacing.
    Raises ``NotFoundError`` where the image is not among the files.
    """
    points = region.points
    if region.in_space:
        return tuple((float(x), float(y), float(z)) for x, y, z in points)
    frame = _frame_of(region, files, task)
    return tuple(_on_frame(frame, column, row) for column, row in _outline(region.kind, points))


def _frame_of(region: Region, files: Sequence[str], task: Task) -> Frame:
    frames, _ = read_frames(files, task)
    own = [frame for frame in frames if frame.sop_instance_uid == region.image_sop_uid]
    found = next((frame for frame in own if max(1, frame.frame_number) == region.frame), own[0] if len(own) == 1 else None)
    if found is None:
        raise NotFoundError(
            f"The image that the region was drawn on ({region.image_sop_uid}) is not among the files of its series. Download the series."
        )
    if found.position_assumed:
        raise ConversionError("The image that the region was drawn on has no position in the patient, so the region cannot be shown in the views.")
    return found


def _on_frame(frame: Frame, column: float, row: float) -> Vector:
    # The center of the first pixel, which Image Position states, is (0.5, 0.5) in these coordinates.
    along, down = (column - 0.5) * frame.spacing[0], (row - 0.5) * frame.spacing[1]
    x, y, z = (frame.position[axis] + along * frame.row[axis] + down * frame.column[axis] for axis in range(3))
    return x, y, z


def _outline(kind: str, points: Sequence[tuple[float, ...]]) -> list[tuple[float, float]]:
    from math import cos, hypot, pi, sin

    flat = [(float(point[0]), float(point[1])) for point in points]
    turns = [2 * pi * step / _ROUND_POINTS for step in range(_ROUND_POINTS)]
    if kind == "CIRCLE" and len(flat) == 2:
        (x, y), (edge_x, edge_y) = flat
        radius = hypot(edge_x - x, edge_y - y)
        return [(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns]
    if kind == "ELLIPSE" and len(flat) == 4:
        first, second, third, fourth = flat
        center = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
        major = ((second[0] - first[0]) / 2, (second[1] - first[1]) / 2)
        minor = ((fourth[0] - third[0]) / 2, (fourth[1] - third[1]) / 2)
        return [(center[0] + major[0] * cos(t) + minor[0] * sin(t), center[1] + major[1] * cos(t) + minor[1] * sin(t)) for t in turns]
    return flat
