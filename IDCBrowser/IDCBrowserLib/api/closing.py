"""Answers that hold the handle of something the engine keeps for the window, and the question that closes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IDCBrowserLib.api import catalog, expert, first_slices, preview, selection, working_set
from IDCBrowserLib.api.method import Question

_CLOSED_BY: dict[str, Callable[[Any], Question[Any]]] = {
    catalog.VIEW.name: lambda view: catalog.CLOSE_VIEW({"view": view["view"]}),
    selection.PLAN.name: lambda plan: selection.CLOSE_PLAN({"plan": plan["plan"]}),
    expert.RUN.name: lambda result: expert.CLOSE({"view": result["view"]}),
    preview.OPEN_STACK.name: lambda stack: preview.CLOSE_STACK({"stack": stack["stack"]}),
    first_slices.OPEN.name: lambda opened: first_slices.CLOSE({"slices": opened["slices"]}),
    working_set.OPEN.name: lambda opened: working_set.CLOSE({"set": opened["set"]}),
}


def opens(method: str) -> bool:
    """Whether an answer of the method has to be closed."""
    return method in _CLOSED_BY


def closing(method: str, result: Any) -> Question[Any]:
    """Closes what ``result`` of such a method holds; raises ``KeyError`` or ``TypeError`` for a result that is not as declared."""
    return _CLOSED_BY[method](result)
