"""Which images a SEG was drawn on, and which of the grids at hand are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.dicom.referenced import INSTANCE_UID, referenced_instances
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.wording import first_of, human_count

if TYPE_CHECKING:
    from IDCBrowserLib.dicom.elements import Elements
    from IDCBrowserLib.labelmap.seg.frames import FrameTable
    from IDCBrowserLib.labelmap.types import Source
    from IDCBrowserLib.volume.image_grid import ImageGrid

_SOURCE_IMAGES = 0x00082112
_SHOWN = 3


def source_instances(root: Elements, frames: FrameTable | None = None) -> frozenset[str]:
    """SOP Instance UIDs of the images: Referenced Series Sequence, else Source Image Sequence, else the frames' Derivation Image Sequence."""
    found = set(referenced_instances(root))
    if not found:
        found = {uid for image in root.iterate_items(_SOURCE_IMAGES) if (uid := image.text(INSTANCE_UID))}
    if not found and frames is not None:
        found = {uid for references in set(frames.references) for uid, _ in references}
    return frozenset(found)


def related_grids(source: Source, instances: frozenset[str], grids: Sequence[ImageGrid], path: str) -> tuple[list[int], bool]:
    """The indices of the grids that the SEG can lie on, best first: those with its source images, its referenced series, its frame of reference.

    Also whether the best is named by the SEG, and not only in the same frame of reference.
    Raises ``ConversionError`` that names both series when none has anything to do with the SEG.
    """
    scores = [_score(grid, source, instances) for grid in grids]
    # Of equals the first stays first: it is the largest.
    fitting = [number for number in sorted(range(len(grids)), key=lambda number: -scores[number]) if scores[number] > 0]
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


def absent_warning(instances: frozenset[str], grids: Sequence[ImageGrid]) -> str:
    """That some of the images the SEG names are not given; "" where all are, or none is."""
    present = {image.sop_instance_uid for grid in grids for image in grid.slices if image is not None}
    absent = sorted(instances - present)
    if not absent or len(absent) == len(instances):
        return ""
    shown = first_of(absent, _SHOWN)
    images = human_count(len(absent), "image", "images")
    return f"{images} of the {len(instances):,} that the SEG names are not among those given: {shown}. Download the series again if they are missing."
