"""Frames of axial images as their headers are read, made up: no files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from IDCBrowserLib.volume.frames import Frame, SeriesHeader


def frame(z: float = 0.0, number: int = 1, *, reference: str = "1.5", series: str = "1.2", path: str = "", **values: Any) -> Frame:
    """An axial image of 4 rows and 6 columns, ``z`` mm up."""
    header = SeriesHeader(series, "1", "P", "Doe", reference, "CT", "chest", "4")
    given: dict[str, Any] = {
        "path": path or f"{number}.dcm",
        "sop_instance_uid": f"1.2.{number}",
        "frame_number": 1,
        "instance_number": number,
        "rows": 4,
        "columns": 6,
        "position": (0.0, 0.0, z),
        "row": (1.0, 0.0, 0.0),
        "column": (0.0, 1.0, 0.0),
        "spacing": (0.5, 0.5),
        "spacing_assumed": False,
        "position_assumed": False,
        "is_color": False,
        "thickness": None,
        "slice_thickness": None,
        "labels": {},
        "series": header,
    }
    return Frame(**{**given, **values})


def stack(places: Sequence[float], **values: Any) -> list[Frame]:
    return [frame(z, number, **values) for number, z in enumerate(places, 1)]
