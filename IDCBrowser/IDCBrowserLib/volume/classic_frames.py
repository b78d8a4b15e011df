"""Frames of multi-frame objects without functional groups: NM, RT Dose, and CT, MR, PET or ultrasound in one file (PS3.3 C.7.6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from IDCBrowserLib.dicom.reading import number, numbers, text

# Vectors that number what a frame belongs to (PS3.3 C.8.4.8); slices apart, they tell phases.
_VECTORS = {
    0x00540010: "EnergyWindowVector",
    0x00540020: "DetectorVector",
    0x00540030: "PhaseVector",
    0x00540050: "RotationVector",
    0x00540060: "RRIntervalVector",
    0x00540070: "TimeSlotVector",
    0x00540090: "AngularViewVector",
    0x00540100: "TimeSliceVector",
}
_SLICE_VECTOR = 0x00540080
# Positions and offsets are rounded differently.
_SAME_PLACE_MM = 0.1
_TIMES = (0x00181063, 0x00181065, 0x00082144)
_NO_PLACES = "The image does not say how far its frames are from each other; they are put 1 mm apart, so distances and volumes across them are wrong."


@dataclass(frozen=True)
class ClassicFrame:
    """``offset`` mm along the normal from the stored position; ``labels`` tell frames at one place apart; ``note`` says what was assumed."""

    offset: float
    labels: dict[str, str] = field(default_factory=dict)
    note: str = ""


def place_source(dataset: Any) -> Any:
    """What holds position and orientation: the data set, or for NM its first detector (PS3.3 C.8.4.11)."""
    if "ImagePositionPatient" in dataset or "DetectorInformationSequence" not in dataset:
        return dataset
    detectors = dataset.get("DetectorInformationSequence") or []
    return detectors[0] if len(detectors) else dataset


def classic_frames(dataset: Any, count: int, assume_positions: bool) -> list[ClassicFrame] | None:
    """Where each of ``count`` frames lies; None where nothing says it."""
    if count <= 1:
        return [ClassicFrame(0.0)]
    offsets = numbers(dataset, "GridFrameOffsetVector", count)
    if offsets is not None:
        return _dose_planes(dataset, offsets)
    pointers = _pointers(dataset)
    labels = _labels(dataset, pointers, count)
    step, note = _step(dataset, count)
    if any(tag in _TIMES for tag in pointers) and _SLICE_VECTOR not in pointers:
        return [ClassicFrame(float(index) if assume_positions else 0.0, {"Frame": str(index + 1)}) for index in range(count)]
    if step is None:
        # Without any place that is said of the whole image.
        note = _NO_PLACES if "ImagePositionPatient" in place_source(dataset) else ""
        return [ClassicFrame(float(index), labels[index], note) for index in range(count)] if assume_positions else None
    slices = numbers(dataset, "SliceVector", count)
    if slices is None:
        if any(labels):
            # Projections and planar views are numbered by angle or detector: they are no slices.
            return None
        slices = tuple(float(index + 1) for index in range(count))
    return [ClassicFrame(step * (number - 1), labels[index], note) for index, number in enumerate(slices)]


def _dose_planes(dataset: Any, offsets: Sequence[float]) -> list[ClassicFrame]:
    """RT Dose (PS3.3 C.8.8.3.2): along the normal from the first plane, which is 0; else the patient's z coordinate of each plane."""
    first, direction, note = offsets[0], 1.0, ""
    if first != 0:
        axes = numbers(dataset, "ImageOrientationPatient", 6)
        if axes is not None:
            # Writers put these also where the normal points downward, against the letter of the standard.
            direction = -1.0 if axes[0] * axes[4] - axes[1] * axes[3] < 0 else 1.0
        position = numbers(dataset, "ImagePositionPatient", 3)
        if position is not None and abs(position[2] - first) > _SAME_PLACE_MM:
            note = (
                f"The first dose plane is at z = {position[2]:g} mm by its position and at {first:g} mm by its Grid Frame Offset Vector; "
                "the position is used."
            )
    return [ClassicFrame((offset - first) * direction, note=note) for offset in offsets]


def _pointers(dataset: Any) -> list[int]:
    """Frame Increment Pointer: the tags that number the frames."""
    value = dataset.get("FrameIncrementPointer")
    if value is None:
        return []
    values = [value] if isinstance(value, int) else value
    try:
        return [int(tag) for tag in values]
    except (TypeError, ValueError):
        return []


def _labels(dataset: Any, pointers: Sequence[int], count: int) -> list[dict[str, str]]:
    labels: list[dict[str, str]] = [{} for _ in range(count)]
    for tag in pointers:
        values = numbers(dataset, _VECTORS[tag], count) if tag in _VECTORS else None
        if values is not None and len(set(values)) > 1:
            for label, value in zip(labels, values, strict=True):
                label[_VECTORS[tag]] = f"{value:g}"
    return labels


def _step(dataset: Any, count: int) -> tuple[float | None, str]:
    """mm from frame to frame along the normal; its sign is the direction of stacking (PS3.3 C.8.4.15)."""
    stated = number(dataset, "SpacingBetweenSlices")
    if stated:
        return stated, ""
    thickness = number(dataset, "SliceThickness")
    if not thickness:
        return None, ""
    modality = text(dataset, "Modality") or "image"
    return abs(thickness), f"The {count} frames of the {modality} state no distance; their slice thickness of {abs(thickness):g} mm is taken."
