"""Where on images, or in space, a measurement was made (PS3.3 C.18.6, C.18.9)."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.report.item import Graphic, Reference


@dataclass(frozen=True)
class Region:
    """``points`` are (column, row) in pixels from the top left corner of the top left pixel, so that its center is (0.5, 0.5), of ``frame`` (from 1)
    of the image; or (x, y, z) in LPS mm where ``in_space``. ``purpose`` says whether a shape bounds what was measured.
    """

    group: int | None
    in_space: bool
    kind: str
    points: tuple[tuple[float, ...], ...]
    image_sop_uid: str
    image_series_uid: str
    frame: int
    frame_of_reference_uid: str
    purpose: Code | None

    @property
    def is_closed(self) -> bool:
        """Whether the outline ends where it begins."""
        if self.kind in ("CIRCLE", "ELLIPSE", "POLYGON"):
            return True
        return self.kind == "POLYLINE" and len(self.points) > 3 and self.points[0] == self.points[-1]

    @staticmethod
    def of(group: int | None, value_type: str, graphic: Graphic, image: Reference | None, series_uid: str, purpose: Code | None) -> Region:
        """From a SCOORD or SCOORD3D item and the image it was selected from."""
        in_space = value_type == "SCOORD3D"
        return Region(
            group,
            in_space,
            graphic.kind,
            graphic.points(3 if in_space else 2),
            image.sop_instance_uid if image else "",
            series_uid,
            image.frames[0] if image and image.frames else 1,
            graphic.frame_of_reference_uid,
            purpose,
        )
