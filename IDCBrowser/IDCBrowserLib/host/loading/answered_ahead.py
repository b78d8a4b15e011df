"""Answers of the engine that are there before they are asked for, and stay for the next time."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from IDCBrowserLib.api.method import Question
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.array_files import remove_arrays
from IDCBrowserLib.host_interface import OnError, OnProgress
from IDCBrowserLib.task import Progress

R = TypeVar("R")
# Of files that an engine writes, which counts from 1.
_FIRST_COPY = 10**15


class AnsweredAhead:
    """An ``Engine``. What ``ask_ahead`` has asked is answered at once, as often as it is asked, until it is forgotten; everything else by ``engine``.

    Whoever asks removes the arrays of the answer, as those of any other: they are further names of the same files.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: dict[str, _Kept] = {}
        # What was handed over is asked about again by its name (``FILL``); by that name, what it is a copy of.
        self._originals: dict[str, str] = {}
        self._numbers = itertools.count(_FIRST_COPY)

    @property
    def bytes(self) -> int:
        """Of the arrays that are kept."""
        return sum(one.bytes for one in self._kept.values())

    def ask(
        self,
        question: Question[R],
        on_result: Callable[[R], object] | None = None,
        on_error: OnError | None = None,
        on_progress: OnProgress | None = None,
    ) -> Asked:
        """See ``Engine``."""
        kept = self._kept.get(self._key(question))
        if kept is not None and not kept.is_good:
            self._drop(kept)
        elif kept is not None and not kept.is_awaited:
            return kept.hand_over(_Asker(on_result, on_error, on_progress))
        return self._engine.ask(question, on_result, on_error, on_progress)

    def ask_ahead(self, question: Question[R], on_done: Callable[[R | None], object]) -> Asked:
        """Keep the answer; ``on_done`` is called with it when it is there, with None when it will not be. To cancel is to wait no more."""
        key = self._key(question)
        kept = self._kept.get(key)
        if kept is not None and (kept.is_good or kept.has_failed):
            kept.wait(on_done)
            return _Waiting(kept)
        if kept is not None:
            self._drop(kept)
        kept = self._kept[key] = _Kept(key, self._copy, self._drop)
        kept.on_done = on_done
        kept.asked = self._engine.ask(question, kept.answered, kept.failed, kept.progressed)
        return _Waiting(kept)

    def has(self, question: Question[Any]) -> bool:
        """Whether there is an answer, or the reason why there is none."""
        kept = self._kept.get(self._key(question))
        return kept is not None and (kept.has_failed or (kept.is_good and kept.is_there))

    def forget(self, questions: Collection[Question[Any]], only_under_way: bool = False) -> None:
        """Remove the arrays of the answers, and stop what is under way unless somebody waits for it."""
        for question in questions:
            kept = self._kept.get(self._key(question))
            if kept is not None and not (only_under_way and kept.is_there):
                self._drop(kept)

    def _drop(self, kept: _Kept) -> None:
        if self._kept.get(kept.key) is kept:
            del self._kept[kept.key]
        for copy in kept.copies:
            self._originals.pop(copy, None)
        kept.let_go()

    def _copy(self, kept: _Kept, answer: Any) -> Any:
        """The answer with other names for its files; where the disk has only one name for each, the answer is no longer kept."""
        before = len(kept.copies)
        try:
            return self._with_copies(kept, answer)
        except OSError:
            for copy in kept.copies[before:]:
                Path(copy).unlink(missing_ok=True)
            kept.gives_away = True
            self._drop(kept)
            return answer

    def _with_copies(self, kept: _Kept, answer: Any) -> Any:
        if isinstance(answer, list):
            return [self._with_copies(kept, part) for part in answer]
        if not isinstance(answer, Mapping):
            return answer
        copied = {name: self._with_copies(kept, part) for name, part in answer.items()}
        if "array" in copied:
            original = Path(copied["array"])
            copy = str(original.with_name(f"{next(self._numbers)}{original.suffix}"))
            os.link(original, copy)
            kept.copies.append(copy)
            self._originals[copy] = str(original)
            copied["array"] = copy
        return copied

    def _key(self, question: Question[Any]) -> str:
        params = question.params
        if isinstance(params, Mapping) and params.get("array") in self._originals:
            params = {**params, "array": self._originals[params["array"]]}
        return json.dumps([question.method, params], sort_keys=True)


@dataclass(frozen=True)
class _Asker:
    on_result: Callable[[Any], object] | None
    on_error: OnError | None
    on_progress: OnProgress | None


class _Kept:
    """An answer, or one that is on its way. ``copy`` makes the answer for whoever asks; ``drop`` is called when it was stopped."""

    def __init__(self, key: str, copy: Callable[[_Kept, Any], Any], drop: Callable[[_Kept], None]) -> None:
        self.key = key
        self.asked: Asked | None = None
        self.copies: list[str] = []
        self.gives_away = False
        self.on_done: Callable[[Any], object] | None = None
        self._copy, self._drop = copy, drop
        self._answer: Any = None
        self._error: IDCBrowserError | None = None
        self._asker: _Asker | None = None
        self._is_kept = True

    @property
    def is_there(self) -> bool:
        """Whether the answer has come."""
        return self._answer is not None

    @property
    def has_failed(self) -> bool:
        """Whether there will be none."""
        return self._error is not None

    @property
    def is_awaited(self) -> bool:
        """Whether somebody was promised the answer that is on its way."""
        return self._asker is not None

    @property
    def is_good(self) -> bool:
        """False where it has failed, or its arrays went with another engine."""
        return self._error is None and all(Path(array["array"]).is_file() for array in _arrays(self._answer))

    @property
    def bytes(self) -> int:
        """Of its arrays."""
        total = 0
        for array in _arrays(self._answer):
            with contextlib.suppress(OSError):
                total += Path(array["array"]).stat().st_size
        return total

    def hand_over(self, asker: _Asker) -> Asked:
        """Answer, now or when it comes."""
        self._asker = asker
        if self.is_there:
            self._deliver()
        return _Handed(self, asker)

    def wait(self, on_done: Callable[[Any], object]) -> None:
        """Tell when it is there, or will not be."""
        self.on_done = on_done
        if self.is_there or self.has_failed:
            self._tell()

    def answered(self, answer: object) -> None:
        """It has come."""
        self._answer = answer
        self._deliver()
        self._tell()

    def failed(self, error: IDCBrowserError) -> None:
        """It will not come."""
        self._error = error
        asker, self._asker = self._asker, None
        if asker is not None and asker.on_error is not None:
            asker.on_error(error)
        self._tell()

    def progressed(self, progress: Progress) -> None:
        """It takes a while."""
        if self._asker is not None and self._asker.on_progress is not None:
            self._asker.on_progress(progress)

    def let_go(self) -> None:
        """It is not kept any more; whoever waits for it goes on waiting."""
        self._is_kept = False
        if self._asker is None:
            self._stop()
            if not self.gives_away:
                remove_arrays(list(_arrays(self._answer)))

    def nobody_waits(self, asker: _Asker) -> None:
        """``asker`` wants it no more: what is not there yet is stopped."""
        if self._asker is asker:
            self._asker = None
            self._drop(self)
            self._tell()

    def _stop(self) -> None:
        if not self.is_there and self.asked is not None:
            self.asked.cancel()

    def _deliver(self) -> None:
        asker, self._asker = self._asker, None
        if asker is not None and asker.on_result is not None:
            asker.on_result(self._copy(self, self._answer) if self._is_kept else self._answer)
        elif not self._is_kept:
            remove_arrays(list(_arrays(self._answer)))

    def _tell(self) -> None:
        on_done, self.on_done = self.on_done, None
        if on_done is not None:
            on_done(self._answer)


class _Handed:
    """Of the one who has asked."""

    def __init__(self, kept: _Kept, asker: _Asker) -> None:
        self._kept, self._asker = kept, asker

    def cancel(self) -> None:
        """See ``Asked``."""
        self._kept.nobody_waits(self._asker)


class _Waiting:
    """Of the one who has asked ahead."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def cancel(self) -> None:
        """See ``Asked``; the answer is kept all the same."""
        self._kept.on_done = None


def _arrays(answer: Any) -> Iterator[Any]:
    """Each part of an answer that refers to a file."""
    if isinstance(answer, Mapping):
        if "array" in answer:
            yield answer
        answer = list(answer.values())
    if isinstance(answer, list):
        for part in answer:
            yield from _arrays(part)
