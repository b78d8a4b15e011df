"""Where two segmentations agree and where they differ, as a segmentation to look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from IDCBrowserLib.compare.masks import Masks, grid_of
from IDCBrowserLib.compare.matching import match
from IDCBrowserLib.compare.measures import box_around
from IDCBrowserLib.compare.one_grid import Compared
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source

# Told apart by people who see few colors, too (Okabe and Ito 2008).
_BOTH, _ONLY_A, _ONLY_B = (0, 158, 115), (86, 180, 233), (230, 159, 0)


def agreement(a: Compared, b: Compared) -> Labelmap:
    """Three segments over all that is matched: what both hold, what only ``a``, what only ``b`` holds; both are on one grid (``on_one_grid``).

    Where a voxel agrees for one pair of segments and differs for another, it counts as different.
    """
    voxels = np.zeros(a.labelmap.geometry.shape, np.uint8)
    masks_a, masks_b = Masks(a.labelmap), Masks(b.labelmap)
    for pair in match(a.labelmap.segments, b.labelmap.segments)[0]:
        one, other = masks_a.of(pair.a), masks_b.of(pair.b)
        box = box_around([one, other])
        if box is None:
            continue
        held_a, held_b, part = one.inside(box), other.inside(box), voxels[box]
        part[held_a & held_b & (part == 0)] = 1
        part[held_a & ~held_b] = 2
        part[held_b & ~held_a] = 3
    grid = grid_of(a.labelmap)
    names = ("Both", f"Only {a.short_name}", f"Only {b.short_name}")
    segments = []
    for label, (name, color) in enumerate(zip(names, (_BOTH, _ONLY_A, _ONLY_B), strict=True), 1):
        held = voxels == label
        whole = (slice(0, voxels.shape[0]), slice(0, voxels.shape[1]), slice(0, voxels.shape[2]))
        segments.append(Segment(label, label, name, color=color, voxels=int(np.count_nonzero(held)), volume_mm3=grid.volume(held, whole)))
    source = Source("agreement", series_description=f"{a.short_name} and {b.short_name}")
    return replace(
        a.labelmap, layers=(voxels,), segments=tuple(segments), source=source, overlapping_voxels=0, warnings=(), annotations=(), placed=(), holds={}
    )
