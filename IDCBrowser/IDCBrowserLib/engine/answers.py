"""The registry that maps each method to the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from IDCBrowserLib.api.method import AnyMethod, Method
from IDCBrowserLib.api.methods import FAMILY_OF, METHODS
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import EngineError
from IDCBrowserLib.task import Task

P = TypeVar("P")
R = TypeVar("R")

_FUNCTIONS: dict[str, Callable[[EngineState, Any, Task], Any]] = {}


def answers(method: Method[P, R]) -> Callable[[Callable[[EngineState, P, Task], R]], Callable[[EngineState, P, Task], R]]:
    """Marks the function, whose types have to be those of the method; it lies in the module of ``engine.methods`` with the name of the method's."""

    def mark(function: Callable[[EngineState, P, Task], R]) -> Callable[[EngineState, P, Task], R]:
        _FUNCTIONS[method.name] = function
        return function

    return mark


def find(name: str) -> AnyMethod:
    """The method of that name; raises ``EngineError`` for an unknown one."""
    try:
        return METHODS[name]
    except KeyError:
        raise EngineError(f"The engine has no method {name!r}.") from None


def load(method: AnyMethod) -> Callable[[EngineState, Any, Task], Any]:
    """Import the module and give the function."""
    import_module(f"IDCBrowserLib.engine.methods.{FAMILY_OF[method.name]}")
    return _FUNCTIONS[method.name]
