"""Where tiles of a segmentation of a slide are read from that are finer than the overview in the scene."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.provenance import SLIDE_SEGMENTS_ATTRIBUTE, mark

if TYPE_CHECKING:
    from slicer import vtkMRMLNode


@dataclass(frozen=True)
class SlideSegmentFiles:
    """``files`` of its sizes, the largest first; with a ``series`` they are names of its objects in the bucket. ``numbers`` of its segments where
    some were chosen, else None.
    """

    files: tuple[str, ...]
    series: str = ""
    numbers: tuple[int, ...] | None = None

    @staticmethod
    def of(node: vtkMRMLNode) -> SlideSegmentFiles | None:
        """Those of a node; None of one that was not drawn on a slide."""
        stored = json.loads(node.GetAttribute(SLIDE_SEGMENTS_ATTRIBUTE) or "null")
        if isinstance(stored, list):
            # As scenes have it that were saved before segments could be chosen.
            return SlideSegmentFiles(tuple(stored))
        if not isinstance(stored, dict):
            return None
        numbers = stored["numbers"]
        return SlideSegmentFiles(tuple(stored["files"]), stored["series"], None if numbers is None else tuple(numbers))

    def mark(self, node: vtkMRMLNode) -> None:
        """Have the node know them."""
        mark(node, {SLIDE_SEGMENTS_ATTRIBUTE: json.dumps(asdict(self))})
