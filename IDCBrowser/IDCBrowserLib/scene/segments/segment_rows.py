"""What the scene says about its segmentations and segments, as plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# As ``labelmap_nodes.series_name`` makes them: patient, number, description.
_NAME = re.compile(r"(\S*?) ?\b(\d+): (.+)", re.DOTALL)

Ras = tuple[float, float, float]
Color = tuple[int, int, int]


@dataclass(frozen=True)
class SegmentRow:
    """One segment of a segmentation node. ``color`` is sRGB 0 to 255; ``code`` is its meaning in words with its code, empty where it has none.

    ``number`` is the Segment or ROI Number; ``areas`` compares contours with voxels, of structure sets only, in words.
    """

    node_id: str
    segment_id: str
    name: str
    color: Color
    visible: bool
    code: str = ""
    number: int = 0
    areas: str = ""


@dataclass(frozen=True)
class SourceRow:
    """One segmentation node. ``maker`` says who or what made it, as far as it is stated; ``opacity`` is that of the fill, 0 to 1.

    ``line_width`` in pixels of the screen, ``line_style`` of ``line_style.STYLES``. ``contour_rule`` is how contours were combined (structure
    sets only).
    ``instance_uid`` is that of the DICOM object; ``origin`` says in words where in IDC it comes from.
    ``alias`` is what it is called while nobody is to see who made it.
    ``short_name`` is the name without the patient, where all segmentations of the scene are of one.
    ``one_color`` is set while all its segments are shown in one color.
    """

    node_id: str
    name: str
    kind: str
    maker: str
    license: str
    series_uid: str
    visible: bool
    opacity: float
    line_width: int
    filled: bool
    contour_rule: str = ""
    one_color: Color | None = None
    segments: tuple[SegmentRow, ...] = field(default=())
    instance_uid: str = ""
    origin: str = ""
    alias: str = ""
    line_style: str = "solid"
    short_name: str = ""


def short_names(names: Sequence[str]) -> list[str]:
    """Of "CASE-1 1002: Reader A" and the like "Reader A", with the number where descriptions are the same; whole where patients differ."""
    found = [_NAME.fullmatch(name) for name in names]
    if len({match[1] for match in found if match is not None and match[1]}) > 1:
        return list(names)
    texts = [name if match is None else match[3] for name, match in zip(names, found, strict=True)]
    if len(set(texts)) == len(texts):
        return texts
    return [name if match is None else f"{match[2]}: {match[3]}" for name, match in zip(names, found, strict=True)]


@dataclass(frozen=True)
class Figures:
    """Of one segment: ``voxels``, ``volume_mm3``, ``mean`` of the image inside (None where no image lies on the same grid) with its ``unit``;
    ``slices`` are the (index, voxels) of every slice that holds some, ascending. On a slide ``area_mm2`` says more than a volume."""

    voxels: int
    volume_mm3: float
    mean: float | None
    unit: str
    slices: tuple[tuple[int, int], ...]
    area_mm2: float | None = None
