"""Answers the methods on segments that are chosen before a SEG is decoded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from IDCBrowserLib.api import segments as api
from IDCBrowserLib.api.preview import SeriesParameters
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.asked_series import asked_series
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.seg.some_segments import SegHead
    from IDCBrowserLib.preview.objects import SeriesObject


@answers(api.LIST)
def list_segments(state: EngineState, params: SeriesParameters, task: Task) -> api.OfferedSegments:
    """From the header of the file, here or in its bucket."""
    item, path = _object(state, params)
    head = _head(state, item, path)
    offered: list[api.OfferedSegment] = [
        {
            "number": one.number,
            "name": one.name,
            "meaning": one.type.meaning if one.type is not None else "",
            "color": one.color,
            "bytes": head.bytes_of([one.number]),
        }
        for one in head.seg.segments.values()
    ]
    about = head.seg.source
    return {
        "segments": offered,
        "bytes": item.size,
        "here": bool(path),
        "why_whole": head.why_whole,
        "referenced_series_uids": list(about.referenced_series_uids),
        "frame_of_reference_uid": about.frame_of_reference_uid,
    }


@answers(api.LOAD)
def load(state: EngineState, params: api.ChosenParameters, task: Task) -> api.ChosenSegments:
    """Decode them; where the file is not here, fetch their frames into a file that goes afterward."""
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
    from IDCBrowserLib.labelmap.options import ConvertOptions
    from IDCBrowserLib.labelmap.seg.some_segments import fetch_segments

    begin = time.perf_counter()
    item, path = _object(state, params)
    options = ConvertOptions(segments=frozenset(params["numbers"]), even=True)
    fetched = None if path else fetch_segments(_head(state, item), params["numbers"], state.new_array_path(), task)
    try:
        parts = convert_parts(fetched.path if fetched is not None else path, list(params["image_files"]) or None, options, task)
        document, *others = [to_document(part, save_arrays(part, state.new_array_path)) for part in parts]
    finally:
        if fetched is not None:
            fetched.path.unlink(missing_ok=True)
    read = fetched.bytes_read if fetched is not None else 0
    seconds = round(time.perf_counter() - begin, 3)
    return {**document, "others": others, "seconds": seconds, "bytes_read": read, "bytes": item.size}


def _head(state: EngineState, item: SeriesObject, path: str = "") -> SegHead:
    """Of a file here it is read each time: the file may be another one."""
    from IDCBrowserLib.labelmap.seg.some_segments import read_seg_head

    return read_seg_head(item, path) if path else state.seg_heads.get((item.label, item.size), lambda: read_seg_head(item))


def _object(state: EngineState, params: SeriesParameters) -> tuple[SeriesObject, str]:
    """The one object of the series, and its path where it is here. Raises ``InputError`` where there are several."""
    from IDCBrowserLib.cohort.attributes import objects_of
    from IDCBrowserLib.preview.objects import local_objects

    asked = asked_series(state, params)
    here = local_objects(asked.files)
    found = here or objects_of(asked.series, asked.options)
    if len(found) != 1:
        raise InputError(f"The series has {len(found):,} objects, so segments cannot be chosen. Download and load it as a whole.")
    return found[0], str(here[0].path) if here else ""
