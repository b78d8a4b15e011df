"""What an answer shows of its declared type."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Any, Union, get_args, get_origin, is_typeddict

from IDCBrowserLib.api.checking import hints_of, mismatches


def unseen(value: object, declared: Any) -> set[str]:
    """Where objects and rows are declared of which ``value`` has none, since a list is empty or something is None: what it proves nothing about."""
    return set(_places(declared, "")) - set(_reached(value, declared, ""))


def _places(declared: Any, where: str) -> Iterator[str]:
    """Everywhere that an object or row may be."""
    if is_typeddict(declared):
        yield where
        for key, hint in hints_of(declared).items():
            yield from _places(hint, f"{where}.{key}")
    elif get_origin(declared) is tuple:
        yield where
    else:
        for part in _parts(declared):
            yield from _places(part, where)


def _reached(value: object, declared: Any, where: str) -> Iterator[str]:
    """Those where ``value``, which is as declared, has one."""
    if get_origin(declared) in (Union, types.UnionType):
        declared = min(get_args(declared), key=lambda kind: len(mismatches(value, kind)))
    if is_typeddict(declared) and isinstance(value, dict):
        yield where
        for key, item in value.items():
            yield from _reached(item, hints_of(declared)[key], f"{where}.{key}")
    elif get_origin(declared) is tuple:
        yield where
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            for part in _parts(declared):
                yield from _reached(item, part, where)


def _parts(declared: Any) -> Sequence[Any]:
    """The types within a sequence, mapping or union."""
    return [part for part in get_args(declared) if not isinstance(part, str | int)]
