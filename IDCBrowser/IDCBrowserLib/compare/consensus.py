"""A consensus segmentation of several segmentations: majority or STAPLE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from IDCBrowserLib.compare.masks import Masks, grid_of
from IDCBrowserLib.compare.matching import match
from IDCBrowserLib.compare.measures import Grid, Mask, box_around
from IDCBrowserLib.compare.one_grid import Compared
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.layers import LayerStack, label_dtype
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from IDCBrowserLib.compare.surface import Box

WAYS = ("majority", "staple")
# Voxels around the union, so that STAPLE sees background too.
_MARGIN = 2


def has_staple() -> bool:
    """Whether SimpleITK is installed."""
    return find_spec("SimpleITK") is not None


def consensus(compared: Sequence[Compared], way: str = "majority") -> Labelmap:
    """A segment for each one of the first segmentation that has a counterpart in another, on the grid of all (``on_one_grid``).

    "majority": voxels that more than half of all segmentations hold, those without the segment counted as not holding them. "staple": probability
    of at least 0.5 under STAPLE (Warfield et al. 2004, doi.org/10.1109/TMI.2004.828354) over those that have the segment, as SimpleITK does it.
    Raises ``InputError`` for another way, without SimpleITK, and where nothing is left.
    """
    if way not in WAYS:
        raise InputError(f"Unknown way to a consensus {way!r}; choose one of {', '.join(WAYS)}.")
    if way == "staple" and not has_staple():
        raise InputError("STAPLE needs SimpleITK, which is not installed. Install it with `pip install SimpleITK`, or choose the majority.")
    first, count = compared[0].labelmap, len(compared)
    masks = [Masks(one.labelmap) for one in compared]
    segments = list(_counterparts(compared).values())
    stack = LayerStack(first.geometry.shape, label_dtype(len(segments)))
    made = []
    for label, owned in enumerate(segments, 1):
        found = [mask for number, segment in owned if (mask := masks[number].of(segment)).voxels is not None]
        voted = _staple(found) if way == "staple" else _majority(found, count)
        segment = replace(_named(owned[0][1], way, len(owned), count), number=label, label_value=label)
        made.append(_added(stack, segment, voted, grid_of(first)))
    if not any(segment.voxels for segment in made):
        raise InputError("The segmentations have no voxel in common, so there is no consensus.")
    source = Source(
        "consensus",
        study_uid=first.source.study_uid,
        patient_id=first.source.patient_id,
        patient_name=first.source.patient_name,
        series_description=f"Consensus of {count} ({way})",
        frame_of_reference_uid=first.source.frame_of_reference_uid,
        referenced_series_uids=first.source.referenced_series_uids,
    )
    return replace(
        first,
        layers=stack.layers,
        segments=tuple(made),
        source=source,
        overlapping_voxels=stack.overlapping_voxels(),
        warnings=(),
        annotations=(),
        placed=(),
        holds={},
    )


def _added(stack: LayerStack, segment: Segment, voted: tuple[Box, NDArray[np.bool_]] | None, grid: Grid) -> Segment:
    """The segment with its voxels, which go into the stack."""
    if voted is None:
        return replace(segment, layer=0, voxels=0, volume_mm3=0.0)
    box, mask = voted
    layer = stack.add(segment.label_value, mask, (box[0].start, box[1].start, box[2].start))
    return replace(segment, layer=layer, voxels=int(np.count_nonzero(mask)), volume_mm3=grid.volume(mask, box))


def _counterparts(compared: Sequence[Compared]) -> dict[int, list[tuple[int, Segment]]]:
    """Number of a segment of the first -> those who have it: place in ``compared``, their segment. At least two each."""
    found: dict[int, list[tuple[int, Segment]]] = {segment.number: [(0, segment)] for segment in compared[0].labelmap.segments}
    for place, other in enumerate(compared[1:], 1):
        for pair in match(compared[0].labelmap.segments, other.labelmap.segments)[0]:
            found[pair.a.number].append((place, pair.b))
    return {number: owned for number, owned in found.items() if len(owned) > 1}


def _named(segment: Segment, way: str, owners: int, count: int) -> Segment:
    description = f"Consensus ({way}) of {owners} of {count} segmentations"
    return replace(
        segment, description=description, algorithm_type="AUTOMATIC", algorithm_name=f"consensus {way}", tracking_id="", tracking_uid="", details={}
    )


def _majority(masks: Sequence[Mask], count: int) -> tuple[Box, NDArray[np.bool_]] | None:
    whole = box_around(masks)
    if whole is None:
        return None
    votes = np.zeros(tuple(one.stop - one.start for one in whole), np.uint16)
    for mask in masks:
        votes += mask.inside(whole)
    held = votes * 2 > count
    return (whole, held) if held.any() else None


def _staple(masks: Sequence[Mask]) -> tuple[Box, NDArray[np.bool_]] | None:
    import SimpleITK

    whole = box_around(masks, _MARGIN)
    if whole is None:
        return None
    itk: Any = SimpleITK
    images = [itk.GetImageFromArray(mask.inside(whole).astype(np.uint8)) for mask in masks]
    probability: NDArray[Any] = itk.GetArrayFromImage(itk.STAPLE(images, 1.0))
    held = probability >= 0.5
    inside = tuple(slice(_MARGIN, size - _MARGIN) for size in held.shape)
    box = box_around(masks)
    return (box, held[inside]) if box is not None and held[inside].any() else None
