"""What is done ahead while nobody waits for an answer: half a second less from the first click to its picture."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

logger = logging.getLogger(__name__)

# In the order in which a series of images, and what was drawn on it, ask for them.
_MODULES = (
    "IDCBrowserLib.labelmap.convert",
    "IDCBrowserLib.volume.memory",
    "IDCBrowserLib.engine.methods.labelmap",
    "IDCBrowserLib.engine.methods.volume",
    "IDCBrowserLib.volume.plain",
    "pydicom",
    "IDCBrowserLib.volume.pixels",
    "IDCBrowserLib.labelmap.files.raw",
    "IDCBrowserLib.labelmap.seg.convert_seg",
    "IDCBrowserLib.labelmap.rtstruct.convert_rtstruct",
)
# Programs that ask for one thing and end need nothing of it.
_REST_S = 2.0
_REST_BETWEEN_S = 0.1


def imports() -> list[Callable[[], object]]:
    """The modules that the first picture needs."""
    return [partial(_import, name) for name in _MODULES]


def do_while_idle(work: Sequence[Callable[[], object]], is_idle: Callable[[], bool], ends: threading.Event, rest_s: float = _REST_S) -> None:
    """One piece after the other, each once the engine ``is_idle`` for a while; until it ``ends``."""
    for do in work:
        if not _rests(is_idle, ends, rest_s):
            return
        # The first rest has shown that nobody is in a hurry.
        rest_s = min(rest_s, _REST_BETWEEN_S)
        do()


def _rests(is_idle: Callable[[], bool], ends: threading.Event, rest_s: float) -> bool:
    """Return once nobody has waited for so long; False at the end."""
    while True:
        was_idle = is_idle()
        if ends.wait(rest_s):
            return False
        if was_idle and is_idle():
            return True


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        # Whoever needs it says what is missing.
        logger.debug("%s cannot be imported", name, exc_info=True)
