"""Segmentations of slides that the window asks about: as files on this computer, or as the objects of a series in its bucket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api.values import Buckets
from IDCBrowserLib.engine.asked_series import options_of, planned_series
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    from IDCBrowserLib.preview.objects import SeriesObject
    from IDCBrowserLib.slide.segment_levels import SegmentLevels


def in_files(files: Sequence[str]) -> tuple[list[SegmentLevels], list[str]]:
    """As ``read_segment_levels`` finds them; each time anew, as a file may be another one."""
    from IDCBrowserLib.slide.segment_levels import read_segment_levels

    return read_segment_levels(files)


def in_bucket(state: EngineState, series: str, buckets: Buckets) -> tuple[list[SegmentLevels], list[str]]:
    """Those of a series, whose headers are fetched once. Raises ``NotFoundError``, ``TransferError`` and what ``read_segment_levels`` raises."""
    from IDCBrowserLib.cohort.attributes import objects_of

    planned, options = planned_series(state, series), options_of(state, buckets)
    return of_objects(state, series, objects_of(planned, options))


def of_objects(state: EngineState, series: str, objects: Sequence[SeriesObject]) -> tuple[list[SegmentLevels], list[str]]:
    """Those of objects that were listed."""
    from IDCBrowserLib.slide.segment_levels import read_segment_levels

    key = (series, *sorted((item.label, item.size) for item in objects))
    return state.slide_segments.get(key, lambda: read_segment_levels(objects))


def window_of(state: EngineState, series: str, files: Sequence[str], buckets: Buckets) -> SegmentLevels:
    """The one in these ``files``; with a ``series`` they are names of its objects in the bucket. Looked up once for all windows."""
    if not series:
        found, _notes = state.slide_segments.get(tuple(files), lambda: in_files(files))
    else:
        found, _notes = state.slide_segments.get(("windows", series, *files), lambda: in_bucket(state, series, buckets))
    own = next((one for one in found if one.files == list(files)), None)
    if own is None:
        raise InputError("The segmentation is no longer the one that was loaded. Load it again.")
    return own
