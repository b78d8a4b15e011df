"""Where the frames of a slide lie in its total pixel matrix (PS3.3 C.7.6.17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.reading import number, text
from IDCBrowserLib.preview.limits import MAX_PIXELS

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def tile_places(dataset: Dataset, frames: int, most: int) -> dict[int, tuple[int, int]]:
    """Frame -> (row, column) of its first pixel, from 0; empty for what is no tiled image, has focal planes or channels, or is too large."""
    size = [int(number(dataset, keyword, 0.0)) for keyword in ("TotalPixelMatrixRows", "TotalPixelMatrixColumns", "Rows", "Columns")]
    rows, columns, height, width = size
    if min(size) < 1 or frames > most or rows * columns > MAX_PIXELS // 3:
        return {}
    down, across = -(-rows // height), -(-columns // width)
    if frames != down * across:
        return {}
    if text(dataset, "DimensionOrganizationType") == "TILED_FULL":
        return {frame: (frame // across * height, frame % across * width) for frame in range(frames)}
    places = {}
    for frame, groups in enumerate(dataset.get("PerFrameFunctionalGroupsSequence") or []):
        place = (groups.get("PlanePositionSlideSequence") or [None])[0]
        first = [int(number(place, f"{axis}PositionInTotalImagePixelMatrix", 0.0)) for axis in ("Row", "Column")] if place else [0]
        if min(first) < 1 or first[0] > rows or first[-1] > columns:
            return {}
        places[frame] = (first[0] - 1, first[1] - 1)
    return places if len(places) == frames else {}
