"""Segmentations against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.labelmap import Color, Part
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Code


class Volumes(TypedDict):
    """mm3; the difference is B - A, in percent of A (None where A is empty)."""

    volume_a_mm3: float
    volume_b_mm3: float
    difference_mm3: float
    difference_percent: float | None


class Pair(Volumes):
    """Two segments taken for one structure. ``a`` and ``b`` name the segmentations, ``part`` the grid or phase of several. Figures as defined in
    ``compare.measures``; None where they are not defined or infinite, then ``note`` says why."""

    a: str
    b: str
    part: str
    name: str
    name_b: str
    code: Code | None
    number_a: int
    number_b: int
    matched_by: str
    color: Color
    dice: float | None
    hd95_mm: float | None
    hausdorff_mm: float | None
    mean_surface_distance_mm: float | None
    mean_a_to_b_mm: float | None
    mean_b_to_a_mm: float | None
    is_infinite: bool
    note: str


class Total(Volumes):
    """All matched segments together; ``mean_dice`` is the mean over them."""

    a: str
    b: str
    part: str
    segments: int
    dice: float | None
    mean_dice: float | None


class Unmatched(TypedDict):
    """A segment of ``source`` without a counterpart in ``other``."""

    source: str
    other: str
    part: str
    number: int
    name: str
    code: Code | None
    volume_mm3: float


class Comparison(TypedDict):
    """``notes`` are sentences for the user."""

    pairs: Sequence[Pair]
    totals: Sequence[Total]
    unmatched: Sequence[Unmatched]
    notes: Sequence[str]


class CompareParameters(TypedDict, total=False):
    """``names`` and ``parts``: two or more segmentations with their voxels, on grids with the same voxel centers. ``by_hand``: pairs of numbers
    of the first two. ``agreement``: also where the first two agree and differ; ``consensus``: "majority" or "staple", empty for none."""

    names: Sequence[str]
    parts: Sequence[Part]
    by_hand: Sequence[tuple[int, int]]
    agreement: bool
    consensus: str


class Compared(TypedDict):
    """``agreement`` and ``consensus`` are None where not asked for."""

    comparison: Comparison
    agreement: Part | None
    consensus: Part | None


COMPARE: Method[CompareParameters, Compared] = Method("compare.compare", "work")
