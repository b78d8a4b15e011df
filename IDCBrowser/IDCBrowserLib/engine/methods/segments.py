"""Answers the methods on segments that are chosen before a SEG is decoded."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api import segments as api
from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.api.slide import OVERVIEW_PIXELS
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.asked_series import asked_series
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import ConversionError, InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.seg.header import SegHeader
    from IDCBrowserLib.labelmap.seg.some_segments import SegHead
    from IDCBrowserLib.preview.objects import SeriesObject


@answers(api.LIST)
def list_segments(state: EngineState, params: SeriesParameters, task: Task) -> api.OfferedSegments:
    """From the header of the file, here or in its bucket; of several sizes of a segmentation of a slide from that of the smallest."""
    items, is_here = _objects(state, params)
    smallest = min(items, key=lambda item: item.size)
    head = _head(state, smallest, _path(smallest))
    if head is None:
        return _on_slide(state, params, items, is_here)
    item, _here = _only(items, is_here)
    of_each = {number: head.bytes_of([number]) for number in head.seg.segments}
    return _offered(head.seg, of_each, item.size, is_here, head.why_whole)


def _on_slide(state: EngineState, params: SeriesParameters, items: Sequence[SeriesObject], is_here: bool) -> api.OfferedSegments:
    from IDCBrowserLib.engine.slide_segmentations import in_files, of_objects

    found, _notes = in_files([_path(item) for item in items]) if is_here else of_objects(state, params["series"], items)
    if len(found) != 1:
        raise InputError(f"The series holds {len(found):,} segmentations of a slide, so segments cannot be chosen. Download and load it as a whole.")
    levels, size = found[0], sum(item.size for item in items)
    seg, why_whole = levels.levels[0].seg, ""
    of_each: Mapping[int, int] = {}
    common = 0
    try:
        of_each, common = levels.overview_bytes(OVERVIEW_PIXELS)
    except ConversionError as error:
        why_whole = str(error)
    return {**_offered(seg, of_each, size, is_here, why_whole), "on_slide": True, "common_bytes": common}


def _offered(seg: SegHeader, of_each: Mapping[int, int], size: int, is_here: bool, why_whole: str) -> api.OfferedSegments:
    segments: list[api.OfferedSegment] = [
        {
            "number": one.number,
            "name": one.name,
            "meaning": one.type.meaning if one.type is not None else "",
            "color": one.color,
            "bytes": of_each.get(one.number, 0),
        }
        for one in seg.segments.values()
    ]
    return {
        "segments": segments,
        "bytes": size,
        "common_bytes": 0,
        "here": is_here,
        "why_whole": why_whole,
        "on_slide": False,
        "referenced_series_uids": list(seg.source.referenced_series_uids),
        "frame_of_reference_uid": seg.source.frame_of_reference_uid,
    }


@answers(api.LOAD)
def load(state: EngineState, params: api.ChosenParameters, task: Task) -> api.ChosenSegments:
    """Decode them; where the file is not here, fetch their frames into a file that goes afterward."""
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.labelmap.seg.some_segments import fetch_segments

    begin = time.perf_counter()
    item, path = _only(*_objects(state, params))
    options = ConvertOptions(segments=frozenset(params["numbers"]), even=True)
    fetched = None
    if not path:
        head = _head(state, item)
        if head is None:
            raise InputError("Segments of a slide are loaded over their slide.")
        fetched = fetch_segments(head, params["numbers"], state.new_array_path(), task)
    try:
        parts = convert_parts(fetched.path if fetched is not None else path, list(params["image_files"]) or None, options, task)
        document, *others = [to_document(part, save_arrays(part, state.new_array_path)) for part in parts]
    finally:
        if fetched is not None:
            fetched.path.unlink(missing_ok=True)
    read = fetched.bytes_read if fetched is not None else 0
    seconds = round(time.perf_counter() - begin, 3)
    return {**document, "others": others, "seconds": seconds, "bytes_read": read, "bytes": item.size}


def _head(state: EngineState, item: SeriesObject, path: str = "") -> SegHead | None:
    """None for one that was drawn on a slide. Of a file here it is read each time: the file may be another one."""
    from IDCBrowserLib.labelmap.seg.some_segments import read_seg_head

    return read_seg_head(item, path) if path else state.seg_heads.get((item.label, item.size), lambda: read_seg_head(item))


def _objects(state: EngineState, params: SeriesParameters) -> tuple[Sequence[SeriesObject], bool]:
    """Those of the series, and whether they are here."""
    from IDCBrowserLib.cohort.attributes import objects_of
    from IDCBrowserLib.preview.objects import local_objects

    asked = asked_series(state, params)
    here = local_objects(asked.files)
    return here or objects_of(asked.series, asked.options), bool(here)


def _only(items: Sequence[SeriesObject], is_here: bool) -> tuple[SeriesObject, str]:
    """The one object of the series, and its path where it is here. Raises ``InputError`` where there are several."""
    if len(items) != 1:
        raise InputError(f"The series has {len(items):,} objects, so segments cannot be chosen. Download and load it as a whole.")
    return items[0], _path(items[0]) if is_here else ""


def _path(item: SeriesObject) -> str:
    """Of one on this computer; "" of others."""
    from IDCBrowserLib.preview.objects import LocalObject

    return str(item.path) if isinstance(item, LocalObject) else ""
