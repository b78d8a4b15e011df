"""Which frame or contour went to which slice, and why: what ``convert --explain`` tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Why(Enum):
    """What put a frame or contour on its slice, or kept it off."""

    NAMED = "it names this image"
    AT_PLACE = "an image is at its position"
    NEAREST = "the slice is the nearest"
    RESAMPLED = "its plane lies between the slices; each voxel shows the nearest"
    OWN = "its own plane"
    COVERED = "skipped: another plane is nearer to the slice"
    ABSENT = "skipped: the image it names is not among those given"
    OUTSIDE = "skipped: it is outside the images"
    COPY = "counted once: another contour of the slice has the same border within a pixel"
    ACROSS = "its plane crosses the slices"
    REFUSED = "skipped"

    @property
    def is_placed(self) -> bool:
        """Whether its voxels are in the result."""
        return self not in (Why.COVERED, Why.COPY, Why.ABSENT, Why.OUTSIDE, Why.REFUSED)


@dataclass(frozen=True)
class SlicePlacement:
    """Frame or contour ``number`` (from 1) of the segment with label value ``segment`` (0: all of a label map).

    It lies on slice ``k``, ``distance`` mm from its middle; None where on none.

    ``image`` is the SOP Instance UID there, ``image_frame`` its frame; "" on a slice without an image. ``remark`` says more than ``why``.
    """

    segment: int
    number: int
    why: Why
    k: int | None = None
    image: str = ""
    image_frame: int = 0
    distance: float | None = None
    remark: str = ""

    def to_json(self, kind: str) -> dict[str, Any]:
        """``kind`` is "frame" or "contour"."""
        why = f"{self.why.value}: {self.remark}" if self.remark else self.why.value
        return {
            kind: self.number,
            "slice": self.k,
            "image": self.image or None,
            "image_frame": self.image_frame or None,
            "distance_mm": None if self.distance is None else round(self.distance, 4),
            "why": why,
        }
