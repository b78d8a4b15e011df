"""What an object of ours holds, and what these hold: for tests of what is let go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def reachable(root: Any) -> Iterator[Any]:
    """``root`` and all that lies below it in attributes and collections of objects of this program; each once."""
    seen: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen[id(item)] = item
        yield item
        if isinstance(item, Mapping):
            waiting += item.values()
        elif isinstance(item, (list, tuple, set, frozenset)):
            waiting += item
        elif type(item).__module__.startswith(("IDCBrowserLib", "helpers")):
            waiting += vars(item).values() if hasattr(item, "__dict__") else ()


def owners(listener: Any) -> Iterator[Any]:
    """What a function keeps alive: the object of a method, what a lambda sees, what a partial holds."""
    if hasattr(listener, "__self__"):
        yield listener.__self__
    yield from (cell.cell_contents for cell in getattr(listener, "__closure__", None) or ())
    yield from getattr(listener, "args", ())
