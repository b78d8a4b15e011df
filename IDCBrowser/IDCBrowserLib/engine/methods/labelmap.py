"""Describing and converting SEG and RTSTRUCT in the engine; voxels go back as raw files."""

from __future__ import annotations

import time
from typing import Any

from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


def describe(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``input``: a file. Gives ``Description.to_json``."""
    from IDCBrowserLib.labelmap.convert import describe as describe_object

    return describe_object(params["input"])


def convert(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``input``, ``images`` (files or None), ``grid``, ``segments`` (numbers or None), and other fields of ``ConvertOptions`` by name.

    Gives the document of ``load_labelmap``, ``others`` (documents of the labelmaps on further grids and phases) and ``seconds``.
    """
    from IDCBrowserLib.labelmap.convert import convert_parts
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
    from IDCBrowserLib.labelmap.options import ConvertOptions

    begin = time.perf_counter()
    segments = params.get("segments")
    chosen = None if segments is None else frozenset(int(number) for number in segments)
    others = {name: params[name] for name in ("fractional_threshold", "contour_rule", "interpolate", "one_layer") if name in params}
    # A scene holds even grids only; images are brought onto the same one.
    options = ConvertOptions(grid=params.get("grid") or "auto", segments=chosen, even=True, **others)
    parts = convert_parts(params["input"], params.get("images") or None, options, task)
    task.raise_if_cancelled()
    document, *more = [to_document(part, save_arrays(part, state.new_array_path)) for part in parts]
    document["others"] = more
    document["seconds"] = round(time.perf_counter() - begin, 3)
    return document


def contours(state: EngineState, params: dict[str, Any], task: Task) -> dict[str, Any]:
    """``input``: a file of an RTSTRUCT; ``segments`` (ROI Numbers or None). Gives the document of ``load_lines``."""
    from IDCBrowserLib.labelmap.rtstruct.contour_lines import read_lines, save_lines

    segments = params.get("segments")
    lines = read_lines(params["input"], None if segments is None else frozenset(int(number) for number in segments))
    task.raise_if_cancelled()
    return save_lines(lines, state.new_array_path)
