"""Answers the methods on SEG and RTSTRUCT; voxels are returned as raw files."""

from __future__ import annotations

import time
from collections.abc import Sequence

from IDCBrowserLib.api import labelmap as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@answers(api.DESCRIBE)
def describe(state: EngineState, params: api.Input, task: Task) -> api.Described:
    """What an object holds."""
    from IDCBrowserLib.labelmap.convert import describe as describe_object

    return describe_object(state.last_opened.open(params["input"]))


@answers(api.DRAWN)
def drawn(state: EngineState, params: api.Files, task: Task) -> api.Files:
    """The files that are SEG or RTSTRUCT."""
    from IDCBrowserLib.labelmap.convert import is_drawn_on_images

    found = []
    for file in params["files"]:
        task.raise_if_cancelled()
        if is_drawn_on_images(file):
            found.append(file)
    return {"files": found}


@answers(api.CONVERT)
def convert(state: EngineState, params: api.ConvertParameters, task: Task) -> api.Labelmap:
    """An object as voxels."""
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
    from IDCBrowserLib.labelmap.options import ConvertOptions

    begin = time.perf_counter()
    usual = ConvertOptions()
    options = ConvertOptions(
        grid=params.get("grid") or usual.grid,
        segments=_numbers(params.get("segments")),
        fractional_threshold=params.get("fractional_threshold", usual.fractional_threshold),
        contour_rule=params.get("contour_rule", usual.contour_rule),
        interpolate=params.get("interpolate", usual.interpolate),
        one_layer=params.get("one_layer", usual.one_layer),
        may_be_empty=params.get("may_be_empty", usual.may_be_empty),
        # A scene holds even grids only; images are brought onto the same one.
        even=True,
    )
    files = params.get("images")
    images = state.last_images.images(files) if files else None
    parts = convert_parts(state.last_opened.open(params["input"]), images, options, task)
    task.raise_if_cancelled()
    document, *others = [to_document(part, save_arrays(part, state.new_array_path)) for part in parts]
    return {**document, "others": others, "seconds": round(time.perf_counter() - begin, 3)}


@answers(api.LABELS)
def labels(state: EngineState, params: api.Input, task: Task) -> api.Part:
    """A label file as voxels."""
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
    from IDCBrowserLib.labelmap.files.read import read_label_file

    read = read_label_file(params["input"])
    task.raise_if_cancelled()
    return to_document(read, save_arrays(read, state.new_array_path))


@answers(api.CONTOURS)
def contours(state: EngineState, params: api.ContoursParameters, task: Task) -> api.Contours:
    """The contours of an RTSTRUCT as drawn."""
    from IDCBrowserLib.labelmap.rtstruct.contour_lines import read_lines, save_lines

    lines = read_lines(state.last_opened.open(params["input"]), _numbers(params.get("segments")))
    task.raise_if_cancelled()
    return save_lines(lines, state.new_array_path)


def _numbers(given: Sequence[int] | None) -> frozenset[int] | None:
    return None if given is None else frozenset(given)
