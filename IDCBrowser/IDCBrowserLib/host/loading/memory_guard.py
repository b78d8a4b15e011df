"""Before something is loaded that may not fit into memory, the user decides: what the system does when memory runs out loses unsaved work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.api.method import Question
from IDCBrowserLib.api.volume import MEMORY, Memory
from IDCBrowserLib.engine.client import Engine
from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.host.loading.steps import Operation, Work
from IDCBrowserLib.host_interface import LoadRequest, OnError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.wording import human_size

Confirm = Callable[[str, Callable[[bool], None]], None]
"""Asks a question that is answered with yes or no, now or later; the answer is given once."""


class MemoryGuard:
    """Asks the engine what a series needs and what is free. One question per call of ``check``."""

    def __init__(self, engine: Engine, confirm: Confirm) -> None:
        self._engine = engine
        self._confirm = confirm

    def check(self, request: LoadRequest, files: Sequence[str], images: Sequence[str] = ()) -> Work[None]:
        """Go on when it fits, cannot be estimated, or the user wants it anyway; raises ``ConversionError`` when not."""
        try:
            answer: Memory = yield self._ask(MEMORY({"files": list(files), "images": list(images)}))
        except IDCBrowserError:
            # What cannot be estimated is not readable either, which loading says better.
            return
        needed, free = answer["bytes"], answer["available_bytes"]
        if free is None or needed <= free:
            return
        sizes = {"name": request.description or request.modality or request.series_uid, "needed": human_size(needed), "free": human_size(free)}
        wanted = yield self._question(
            _(
                "{name} needs about {needed} of memory, but only {free} is free. Loading it may slow down the computer or "
                "crash the program. Load it anyway?"
            ).format(**sizes)
        )
        if not wanted:
            text = _("{name} was not loaded: it needs about {needed} of memory, but only {free} is free. Close other data, then load it again.")
            raise ConversionError(text.format(**sizes))

    def _ask(self, question: Question[Memory]) -> Operation:
        return lambda done, fail: self._engine.ask(question, done, fail)

    def _question(self, text: str) -> Operation:
        def ask(on_done: Callable[[bool], None], _on_error: OnError) -> _Asked:
            asked = _Asked(on_done)
            self._confirm(text, asked.answer)
            return asked

        return ask


class _Asked:
    """A question that may be answered after the load was canceled."""

    def __init__(self, on_answer: Callable[[bool], None]) -> None:
        self._on_answer: Callable[[bool], None] | None = on_answer

    def answer(self, yes: bool) -> None:
        on_answer, self._on_answer = self._on_answer, None
        if on_answer is not None:
            on_answer(bool(yes))

    def cancel(self) -> None:
        self._on_answer = None


def refuse(_question: str, on_answer: Callable[[bool], None]) -> None:
    """For scripts, where nobody can be asked."""
    on_answer(False)
