"""The phantom's slide and its nuclei as files of a folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from helpers.answer import Handlers, answer
from IDCBrowserLib.api import slide as api
from IDCBrowserLib.demo.dicom_file import save
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects import slide
from IDCBrowserLib.engine.methods import slide as methods
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.task import Task


@cache
def _made() -> dict[str, MadeSeries]:
    return slide.made()


def saved_slide(folder: str) -> list[str]:
    """Its levels, label and thumbnail."""
    return _saved("slide", folder)


def saved_nuclei(folder: str) -> str:
    """The annotations."""
    return _saved("nuclei", folder)[0]


def _saved(key: str, folder: str) -> list[str]:
    paths = []
    for number, dataset in enumerate(_made()[key].objects):
        paths.append(Path(folder) / f"{key}{number}.dcm")
        save(dataset, paths[-1])
    return [str(path) for path in paths]


def slide_handlers(folder: Path) -> Handlers:
    """The engine's own functions in this process, on files that a test has made."""
    state = EngineState({"exchange_folder": str(folder)})
    return {
        **answer(api.OPEN, lambda params: methods.open_slide(state, params, Task())),
        **answer(api.REFERENCED, lambda params: methods.referenced(state, params, Task())),
        **answer(api.ANNOTATIONS, lambda params: methods.annotated(state, params, Task())),
    }
