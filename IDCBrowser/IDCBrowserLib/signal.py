"""Signals without Qt: state objects notify their listeners, whether these are widgets or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Signal(Generic[P]):
    """Calls its listeners in the order they connected. Holds strong references: disconnect what dies earlier.

    What it tells is in the annotation: ``self.changed: Signal[str, TableState] = Signal()``, with nothing to tell ``Signal[[]]``.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[P, object]] = []

    def connect(self, listener: Callable[P, object]) -> None:
        """Call ``listener`` at each ``emit``; connecting the same one twice calls it once."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def disconnect(self, listener: Callable[P, object]) -> None:
        """Stop calling ``listener``; unknown ones are ignored."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def listen(self, listener: Callable[P, object], on: bool) -> None:
        """Call ``listener`` from now on, or not any more."""
        (self.connect if on else self.disconnect)(listener)

    def emit(self, *arguments: P.args, **named: P.kwargs) -> None:
        """Call every listener with ``arguments``."""
        for listener in list(self._listeners):
            listener(*arguments, **named)
