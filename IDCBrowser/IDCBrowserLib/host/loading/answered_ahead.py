"""Answers of the engine that are there before they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from IDCBrowserLib.api.method import Question
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import remove_arrays
from IDCBrowserLib.host_interface import OnError, OnProgress
from IDCBrowserLib.task import Progress

R = TypeVar("R")


class AnsweredAhead:
    """An ``Engine``. What ``ask_ahead`` has asked is answered at once, and once; everything else by ``engine``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[str, _Kept] = {}

    def ask(
        self,
        question: Question[R],
        on_result: Callable[[R], object] | None = None,
        on_error: OnError | None = None,
        on_progress: OnProgress | None = None,
    ) -> Asked:
        """See ``Engine``."""
        kept = self._kept.pop(_key(question), None)
        if kept is not None and kept.is_good:
            return kept.hand_over(on_result, on_error, on_progress)
        return self._engine.ask(question, on_result, on_error, on_progress)

    def ask_ahead(self, question: Question[Any], on_done: Callable[[None], object]) -> Asked:
        """Keep the answer until it is asked for, or forgotten; ``on_done`` is called when it is there, or will not be."""
        kept = self._kept[_key(question)] = _Kept(on_done)
        kept.asked = self._engine.ask(question, kept.answered, kept.failed, kept.progressed)
        return kept

    def forget(self) -> None:
        """Stop what is under way and remove the arrays that nobody has asked for."""
        kept, self._kept = list(self._kept.values()), {}
        for one in kept:
            one.cancel()


class _Kept:
    """An answer, or one that is on its way."""

    def __init__(self, on_done: Callable[[None], object]) -> None:
        self.asked: Asked | None = None
        self._on_done = on_done
        self._answer: Any = None
        self._error: IDCBrowserError | None = None
        self._on_result: Callable[[Any], object] | None = None
        self._on_error: OnError | None = None
        self._on_progress: OnProgress | None = None
        self._is_wanted = False

    @property
    def is_good(self) -> bool:
        """False where it has failed, or its arrays went with another engine."""
        return self._error is None and all(Path(array["array"]).is_file() for array in _arrays(self._answer))

    def hand_over(self, on_result: Callable[[Any], object] | None, on_error: OnError | None, on_progress: OnProgress | None) -> Asked:
        """Answer with it, now or when it comes."""
        self._is_wanted = True
        self._on_result, self._on_error, self._on_progress = on_result, on_error, on_progress
        if self._answer is not None and on_result is not None:
            on_result(self._answer)
        return _Wanted(self)

    def answered(self, answer: object) -> None:
        """It has come."""
        self._answer = answer
        if self._on_result is not None:
            self._on_result(answer)
        self._on_done(None)

    def failed(self, error: IDCBrowserError) -> None:
        """It will not come."""
        self._error = error
        if self._on_error is not None:
            self._on_error(error)
        self._on_done(None)

    def progressed(self, progress: Progress) -> None:
        """It takes a while."""
        if self._on_progress is not None:
            self._on_progress(progress)

    def cancel(self) -> None:
        """Nobody reads ahead any more; whoever has asked since goes on waiting."""
        if self._is_wanted:
            return
        self.stop()
        remove_arrays(list(_arrays(self._answer)))

    def stop(self) -> None:
        """Unless it is there."""
        if self._answer is None and self.asked is not None:
            self.asked.cancel()


class _Wanted:
    """Of the one who has asked."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def cancel(self) -> None:
        """See ``Asked``."""
        self._kept.stop()


def _arrays(answer: Any) -> Iterator[Any]:
    """Each part of an answer that refers to a file."""
    if isinstance(answer, Mapping):
        if "array" in answer:
            yield answer
        answer = list(answer.values())
    if isinstance(answer, list):
        for part in answer:
            yield from _arrays(part)


def _key(question: Question[Any]) -> str:
    return json.dumps([question.method, question.params], sort_keys=True)
