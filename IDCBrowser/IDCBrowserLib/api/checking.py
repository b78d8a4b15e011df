"""Values that came out of JSON compared with the types of this folder: which keys are missing or unknown, and which values are of another type."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from IDCBrowserLib.api.method import Method
from IDCBrowserLib.api.methods import FAMILY_OF
from IDCBrowserLib.api.values import Length

_ANYTHING = (Any, object)
# Whole numbers beyond 64 bits are none of ours, and neither databases nor positions hold them.
_WHOLE = range(-(1 << 63), 1 << 63)


def mismatches(value: object, declared: Any, where: str = "") -> list[str]:
    """Each place of ``value`` that is not of the declared type, in words; ``where`` is put before it."""
    return list(_walk(value, declared, where))


def wrong_parameter(name: str, params: object) -> str:
    """A sentence that names the method and the first parameter that is not as declared; "" where all are."""
    found = next(islice(_walk(params, parameters_of(name), ""), 1), "")
    return f"{name} cannot be answered, since of its parameters {found.lstrip('.')}." if found else ""


def lacking_parameter(name: str, params: object, key: object) -> str:
    """The same for a ``key`` that was looked for in vain and that the method may have; "" for any other key."""
    declared = parameters_of(name)
    is_one = is_typeddict(declared) and key in hints_of(declared) and isinstance(params, dict) and key not in params
    return f"{name} cannot be answered, since of its parameters {key} is missing." if is_one else ""


def parameters_of(name: str) -> Any:
    """The type of the parameters of a method."""
    return get_args(_declarations(FAMILY_OF[name])[name])[0]


def result_of(name: str) -> Any:
    """The type of the result of a method."""
    return get_args(_declarations(FAMILY_OF[name])[name])[1]


@cache
def hints_of(declared: Any) -> dict[str, Any]:
    """The keys of a ``TypedDict`` with the types of their values."""
    return get_type_hints(declared, include_extras=True)


@cache
def _declarations(family: str) -> dict[str, Any]:
    module = import_module(f"IDCBrowserLib.api.{family}")
    return {vars(module)[name].name: hint for name, hint in get_type_hints(module).items() if get_origin(hint) is Method}


def _walk(value: object, declared: Any, where: str) -> Iterator[str]:
    if is_typeddict(declared):
        return _keys(value, declared, where)
    origin, arguments = get_origin(declared), get_args(declared)
    if origin in (None, Literal):
        return _plain(value, declared, where)
    if origin in (Union, types.UnionType):
        return _closest(value, arguments, where)
    if origin in (tuple, Annotated):
        return _items(value, arguments, where) if origin is tuple else _of_length(value, arguments[0], arguments[1], where)
    if issubclass(origin, Mapping):
        return _values(value, arguments[1], where)
    return _sequence(value, arguments[0], where)


def _keys(value: object, declared: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {_short(value)} and not {declared.__name__}"
        return
    hints = hints_of(declared)
    yield from (f"{where}.{key} is missing" for key in sorted(declared.__required_keys__ - value.keys()))
    yield from (f"{where}.{key} is not declared in {declared.__name__}" for key in sorted(value.keys() - hints.keys()))
    for key in value.keys() & hints.keys():
        yield from _walk(value[key], hints[key], f"{where}.{key}")


def _values(value: object, kind: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is {_short(value)} and no object"
        return
    for key, item in value.items():
        yield from _walk(item, kind, f"{where}[{key!r}]")


def _sequence(value: object, kind: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where} is {_short(value)} and no list"
        return
    found = set(map(type, value))
    if found <= _plain_types(kind) and (int not in found or all(type(item) is not int or item in _WHOLE for item in value)):
        return  # a hundred thousand ids in a millisecond
    for number, item in enumerate(value):
        yield from _walk(item, kind, f"{where}[{number}]")


def _items(value: object, kinds: Sequence[Any], where: str) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != len(kinds):
        yield f"{where} is {_short(value)} and no list of {len(kinds)}"
        return
    for number, (item, kind) in enumerate(zip(value, kinds, strict=True)):
        yield from _walk(item, kind, f"{where}[{number}]")


def _of_length(value: object, kind: Any, length: Length, where: str) -> Iterator[str]:
    if not isinstance(value, list) or len(value) != length.count:
        yield f"{where} is {_short(value)} and no list of {length.count}"
        return
    yield from _walk(value, kind, where)


def _closest(value: object, kinds: Sequence[Any], where: str) -> Iterator[str]:
    tried = [mismatches(value, kind, where) for kind in kinds]
    yield from min(tried, key=len)


def _plain(value: object, declared: Any, where: str) -> Iterator[str]:
    if not _fits(value, declared):
        yield f"{where} is {_short(value)} and not {_name(declared)}"


def _fits(value: object, declared: Any) -> bool:
    if get_origin(declared) is Literal:
        return value in get_args(declared)
    if type(value) is int and value not in _WHOLE:
        return False
    return declared in _ANYTHING or type(value) in _plain_types(declared)


def _name(declared: Any) -> str:
    if get_origin(declared) is Literal:
        return f"one of {', '.join(map(repr, get_args(declared)))}"
    return str(getattr(declared, "__name__", declared))


@cache
def _plain_types(declared: Any) -> frozenset[type]:
    """The types that values of it have; none where that says too little."""
    if get_origin(declared) in (Union, types.UnionType):
        parts = [_plain_types(part) for part in get_args(declared)]
        return frozenset().union(*parts) if all(parts) else frozenset()
    if declared in (None, types.NoneType):
        return frozenset({types.NoneType})
    # In Python a bool is an int, in JSON it is not; and 1 is as good as 1.0.
    return {float: frozenset({int, float}), int: frozenset({int}), str: frozenset({str}), bool: frozenset({bool})}.get(declared, frozenset())


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
