"""Answers the methods that make pictures of series."""

from __future__ import annotations

from IDCBrowserLib.api import preview as api
from IDCBrowserLib.api.values import Nothing
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.asked_series import asked_series
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task

# Whoever walks through a table with the arrow keys asks the network for nothing.
_SETTLE_S = 0.08


@answers(api.SERIES)
def series(state: EngineState, params: api.SeriesParameters, task: Task) -> api.Picture:
    """Of files that are here, else of one object that is fetched."""
    from IDCBrowserLib import paths
    from IDCBrowserLib.preview.cache import PictureCache
    from IDCBrowserLib.preview.series import preview

    _wait(task)
    asked = asked_series(state, params)
    found = preview(asked.series, asked.options, PictureCache(paths.cache_folder() / "previews"), task, asked.files)
    return {"file": str(found.file or ""), "description": found.description}


@answers(api.THUMBNAIL)
def thumbnail(state: EngineState, params: api.SeriesParameters, task: Task) -> api.Picture:
    """The same, small."""
    from IDCBrowserLib import paths
    from IDCBrowserLib.preview.thumbnails import thumbnail_of

    _wait(task)
    asked = asked_series(state, params)
    found = thumbnail_of(asked.series, asked.options, paths.cache_folder(), task, asked.files)
    return {"file": str(found.file or ""), "description": found.description}


@answers(api.OPEN_STACK)
def open_stack(state: EngineState, params: api.SeriesParameters, task: Task) -> api.Stack:
    """Order the frames of a series."""
    from IDCBrowserLib.engine.frame_files import FrameFiles
    from IDCBrowserLib.preview.stack import open_stack as opened

    asked = asked_series(state, params)
    made = FrameFiles(opened(asked.series, asked.options, task, asked.files), state.new_array_path)
    return {"stack": state.stacks.keep(made), "frames": len(made.stack)}


@answers(api.FRAME)
def frame(state: EngineState, params: api.FrameParameters, task: Task) -> api.Picture:
    """One of them."""
    path, description = state.stacks.get(params["stack"]).read(params["frame"], task)
    return {"file": str(path), "description": description}


@answers(api.CLOSE_STACK)
def close_stack(state: EngineState, params: api.StackHandle, task: Task) -> Nothing:
    """Remove its files."""
    state.stacks.close(params["stack"])
    return {}


def _wait(task: Task) -> None:
    from threading import Event

    stopped = Event()
    task.on_cancel(stopped.set)
    stopped.wait(_SETTLE_S)
    task.raise_if_cancelled()
