"""Describes the segments of a SEG or RTSTRUCT without decoding voxels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from IDCBrowserLib.labelmap.types import Segment, Source

if TYPE_CHECKING:
    from IDCBrowserLib.api.labelmap import Described


@dataclass(frozen=True)
class Description:
    """The segment list of an object, for choosing before decoding.

    ``segments`` carry names, codes and colors; their ``voxels`` and ``volume_mm3`` are 0. ``referenced_series_uids`` are the series it was drawn on.
    ``images_needed`` is True where nothing can be converted without them (RTSTRUCT); a SEG has a grid of its own. ``on_slide``: a SEG of a slide.
    ``warnings`` are sentences for the user.
    """

    kind: Literal["SEG", "RTSTRUCT"]
    segments: tuple[Segment, ...]
    referenced_series_uids: tuple[str, ...]
    frame_of_reference_uid: str
    source: Source
    warnings: tuple[str, ...] = ()
    images_needed: bool = False
    on_slide: bool = False

    def to_json(self) -> Described:
        """The answer of ``labelmap.describe``."""
        return {
            "kind": self.kind,
            "segments": [segment.to_json() for segment in self.segments],
            "referenced_series_uids": list(self.referenced_series_uids),
            "frame_of_reference_uid": self.frame_of_reference_uid,
            "source": self.source.to_json(),
            "warnings": list(self.warnings),
            "images_needed": self.images_needed,
            "on_slide": self.on_slide,
        }
