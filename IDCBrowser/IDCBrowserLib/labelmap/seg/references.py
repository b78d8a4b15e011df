"""Which images a SEG was drawn on, and which of the grids at hand is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.elements import Elements, item_stream, iterate_items
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.labelmap.seg.frames import PER_FRAME, SHARED
from IDCBrowserLib.labelmap.seg.segments import REFERENCED_SERIES
from IDCBrowserLib.labelmap.types import Source

if TYPE_CHECKING:
    from IDCBrowserLib.volume.image_grid import ImageGrid

_SOP_INSTANCE = 0x00081155
_SOURCE_IMAGES = 0x00082112
_DERIVATION = 0x00089124
_MAX_FRAMES_LOOKED_AT = 5000


def source_instances(root: Elements) -> frozenset[str]:
    """SOP Instance UIDs of the images: Referenced Series Sequence, else Source Image Sequence, else the frames' Derivation Image Sequence."""
    found = {
        uid for series in root.iterate_items(REFERENCED_SERIES) for image in series.iterate_items(0x0008114A) if (uid := image.text(_SOP_INSTANCE))
    }
    if not found:
        found = {uid for image in root.iterate_items(_SOURCE_IMAGES) if (uid := image.text(_SOP_INSTANCE))}
    return frozenset(found or _of_frames(root))


def _of_frames(root: Elements) -> set[str]:
    found: set[str] = set()
    for tag in (SHARED, PER_FRAME):
        element = root.table.get(tag)
        if element is None:
            continue
        stream = item_stream(root.stream, element)
        for number, (start, stop) in enumerate(iterate_items(root.stream, element)):
            if number >= _MAX_FRAMES_LOOKED_AT:
                break
            for derivation in Elements.parse(stream, start, stop).iterate_items(_DERIVATION):
                found.update(uid for image in derivation.iterate_items(_SOURCE_IMAGES) if (uid := image.text(_SOP_INSTANCE)))
    return found


def rank_grids(root: Elements, source: Source, grids: Sequence[ImageGrid], path: str) -> tuple[list[ImageGrid], bool]:
    """The grids that the SEG can lie on, best first: those with its source images, then its referenced series, then its frame of reference.

    Also whether the best is named by the SEG, and not only in the same frame of reference.
    Raises ``ConversionError`` that names both series when none has anything to do with the SEG.
    """
    instances = source_instances(root)
    scores = [_score(grid, source, instances) for grid in grids]
    # Of equals the first stays first: it is the largest.
    fitting = [grids[number] for number in sorted(range(len(grids)), key=lambda number: -scores[number]) if scores[number] > 0]
    if not fitting:
        wanted = " or ".join(source.referenced_series_uids) or "one that it does not name"
        raise ConversionError(
            f"{path} was drawn on series {wanted}; the given images are of series {', '.join(sorted({grid.series_uid for grid in grids}))}, "
            "in another frame of reference. Give the folder of the referenced series, or convert on the SEG's own grid."
        )
    return fitting, max(scores) > 1


def _score(grid: ImageGrid, source: Source, instances: frozenset[str]) -> int:
    """Images in common count most; then the series; then the same coordinate system."""
    common = sum(image is not None and image.sop_instance_uid in instances for image in grid.slices)
    same_series = grid.series_uid in source.referenced_series_uids
    same_frame = bool(source.frame_of_reference_uid) and grid.frame_of_reference_uid == source.frame_of_reference_uid
    return common * 4 + same_series * 2 + same_frame
