"""Values compared with the types of ``api`` while tests run: which keys are missing or unknown, and which values are of another type."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.methods import FAMILIES


def mismatches(value: object, declared: Any, where: str = "") -> list[str]:
    """Each place of ``value``, as it came out of JSON, that is not of the declared type; ``where`` is put before it."""
    return list(_walk(value, declared, where))


def unseen(value: object, declared: Any) -> set[str]:
    """Where objects and rows are declared of which ``value`` has none, since a list is empty or something is None: what it proves nothing about."""
    return set(_places(declared, "")) - set(_reached(value, declared, ""))


def parameters_of(name: str) -> Any:
    """The type of the parameters of a method."""
    return get_args(_declarations()[name])[0]


def result_of(name: str) -> Any:
    """The type of the result of a method."""
    return get_args(_declarations()[name])[1]


@cache
def hints_of(declared: Any) -> dict[str, Any]:
    """The keys of a ``TypedDict`` with the types of their values."""
    return get_type_hints(declared)


@cache
def _declarations() -> dict[str, Any]:
    found = {}
    for family in FAMILIES:
        module = import_module(f"IDCBrowserLib.api.{family}")
        found.update({vars(module)[name].name: hint for name, hint in get_type_hints(module).items() if get_origin(hint) is Method})
    return found


def _walk(value: object, declared: Any, where: str) -> Iterator[str]:
    if is_typeddict(declared):
        return _keys(value, declared, where)
    origin, arguments = get_origin(declared), get_args(declared)
    if origin in (None, Literal):
        return _plain(value, declared, where)
    if origin in (Union, types.UnionType):
        return _closest(value, arguments, where)
    if origin is tuple:
        return _items(value, arguments, where)
    if issubclass(origin, Mapping):
        return _values(value, arguments[1], where)
    assert issubclass(origin, Sequence), declared
    return _items(value, arguments * len(value) if isinstance(value, list) else arguments, where)


def _keys(value: object, declared: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {_short(value)} is not {declared.__name__}"
        return
    hints = hints_of(declared)
    yield from (f"{where}.{key}: is missing" for key in sorted(declared.__required_keys__ - value.keys()))
    yield from (f"{where}.{key}: is not declared in {declared.__name__}" for key in sorted(value.keys() - hints.keys()))
    for key in value.keys() & hints.keys():
        yield from _walk(value[key], hints[key], f"{where}.{key}")


def _values(value: object, kind: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {_short(value)} is no object"
        return
    for key, item in value.items():
        yield from _walk(item, kind, f"{where}[{key!r}]")


def _items(value: object, kinds: Sequence[Any], where: str) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != len(kinds):
        yield f"{where}: {_short(value)} is no list of {len(kinds)}"
        return
    for number, (item, kind) in enumerate(zip(value, kinds, strict=True)):
        yield from _walk(item, kind, f"{where}[{number}]")


def _closest(value: object, kinds: Sequence[Any], where: str) -> Iterator[str]:
    tried = [mismatches(value, kind, where) for kind in kinds]
    yield from min(tried, key=len)


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


def _plain(value: object, declared: Any, where: str) -> Iterator[str]:
    if not _fits(value, declared):
        yield f"{where}: {_short(value)} is not {getattr(declared, '__name__', declared)}"


def _fits(value: object, declared: Any) -> bool:
    if get_origin(declared) is Literal:
        return value in get_args(declared)
    if declared in (Any, object):
        return True
    # In Python a bool is an int, in JSON it is not; and 1 is as good as 1.0.
    kinds = (int, float) if declared is float else (declared or type(None),)
    return isinstance(value, kinds) and (declared is bool or not isinstance(value, bool))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
