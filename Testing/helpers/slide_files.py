"""The phantom's slide and its nuclei as files of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import labelmap as labelmap_api
from IDCBrowserLib.api import slide as api
from IDCBrowserLib.demo.dicom_file import save
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects import slide, slide_segments
from IDCBrowserLib.engine.methods import labelmap as labelmap_methods
from IDCBrowserLib.engine.methods import slide as methods
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@cache
def _made() -> dict[str, MadeSeries]:
    return {**slide.made(), **slide_segments.made()}


def saved_slide(folder: str) -> list[str]:
    """Its levels, label and thumbnail."""
    return _saved("slide", folder)


def saved_nuclei(folder: str) -> str:
    """The annotations."""
    return _saved("nuclei", folder)[0]


def saved_segments(folder: str) -> list[str]:
    """The segmentation in its two sizes, the larger first."""
    return _saved("slide_segments", folder)


def known_segments() -> Mapping[str, Any]:
    """What is true of it."""
    return _made()["slide_segments"].truth or {}


def _saved(key: str, folder: str) -> list[str]:
    paths = []
    for number, dataset in enumerate(_made()[key].objects):
        paths.append(Path(folder) / f"{key}{number}.dcm")
        save(dataset, paths[-1])
    return [str(path) for path in paths]


class _Sizes:
    """What a catalog knows of slides that are not here."""

    def __init__(self, sizes: Mapping[str, tuple[int, int]]) -> None:
        self._sizes = sizes

    def slide_sizes(self, sop_uids: Iterable[str]) -> dict[str, tuple[int, int]]:
        return {uid: self._sizes[uid] for uid in sop_uids if uid in self._sizes}


class _State(EngineState):
    def __init__(self, folder: Path, sizes: Mapping[str, tuple[int, int]]) -> None:
        super().__init__({"exchange_folder": str(folder)})
        self._sizes = _Sizes(sizes)

    def catalog(self) -> Any:
        return self._sizes


def slide_handlers(folder: Path, sizes: Mapping[str, tuple[int, int]] | None = None) -> Handlers:
    """The engine's own functions in this process, on files that a test has made. ``sizes`` (rows, columns) are of pictures that are not here."""
    state = _State(folder, sizes or {})
    return {
        **answer(api.OPEN, lambda params: methods.open_slide(state, params, Task())),
        **answer(api.WINDOW, lambda params: methods.window(state, params, Task())),
        **answer(api.SEGMENTATIONS, lambda params: methods.segmentations(state, params, Task())),
        **answer(api.SEGMENT_WINDOW, lambda params: methods.segment_window(state, params, Task())),
        **answer(api.REFERENCED, lambda params: methods.referenced(state, params, Task())),
        **answer(api.ANNOTATIONS, lambda params: methods.annotated(state, params, Task())),
    }


def drawn_handlers(folder: Path) -> Handlers:
    """Which files hold segmentations, likewise."""
    state = _State(folder, {})
    return {
        **answer(labelmap_api.DESCRIBE, lambda params: labelmap_methods.describe(state, params, Task())),
        **answer(labelmap_api.DRAWN, lambda params: labelmap_methods.drawn(state, params, Task())),
    }
