"""The options for converting a SEG or RTSTRUCT."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConvertOptions:
    """Choices of the user.

    ``grid``: "images" puts the result on the grid of the referenced images, "own" on the object's own frames or contours; "auto" is
    "images" when images are given, else "own".
    ``segments``: Segment or ROI Numbers to convert; None means all.
    ``fractional_threshold``: FRACTIONAL SEG values (0 to 1) at or above it become voxels.
    ``contour_rule``: how several contours of one ROI on one slice combine: "auto" (contained = hole), "union", or "xor".
    ``interpolate``: fill slices between contours drawn on every n-th slice.
    ``even``: labelmaps on images at varying distances are brought onto the even grid that the images are shown on (``volume.even``).
    ``explain``: also tell where each frame or contour went, and why.
    ``slide_step``: of a SEG drawn on a slide the middle one of so many rows and columns.
    ``may_be_empty``: also a SEG in which no voxel is set is worth something.
    ``one_layer``: only a labelmap volume is wanted, so there is one layer in which the highest label value stays: less memory and time.
    """

    grid: str = "auto"
    segments: frozenset[int] | None = None
    fractional_threshold: float = 0.5
    contour_rule: str = "auto"
    interpolate: bool = False
    one_layer: bool = False
    explain: bool = False
    even: bool = False
    slide_step: int = 1
    may_be_empty: bool = False
