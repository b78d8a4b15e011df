"""How fakes of the engine answer: one function per method, whose types the type checker compares with the declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from IDCBrowserLib.api.method import Method

P = TypeVar("P")
R = TypeVar("R")

Handler = Callable[[Any], object]
Handlers = dict[str, Handler]


def answer(method: Method[P, R], function: Callable[[P], R]) -> Handlers:
    """A method of a ``FakeEngine`` with the function that answers it."""
    return {method.name: function}
