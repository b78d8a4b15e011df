"""Surfaces in DICOM objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from IDCBrowserLib.api.labelmap import Color, Files
from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.values import Code
from IDCBrowserLib.api.volume import Array


class SurfaceDescription(TypedDict):
    """What the object says about its surface. ``color`` sRGB, 0 to 255; ``opacity`` 0 to 1."""

    name: str
    color: Color
    opacity: float
    category: Code | None
    type: Code | None
    anatomic_region: Code | None
    frame_of_reference_uid: str
    study_uid: str
    series_uid: str
    series_number: str
    patient_id: str
    patient_name: str
    warnings: Sequence[str]


class Surface(SurfaceDescription):
    """``arrays``: points (n, 3) float32 in LPS mm, and triangles (m, 3) int32, indices of points."""

    arrays: Sequence[Array]


class Surfaces(TypedDict):
    """One per file."""

    surfaces: Sequence[Surface]


READ: Method[Files, Surfaces] = Method("surface.read", "work")
