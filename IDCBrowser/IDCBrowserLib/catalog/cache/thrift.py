"""Thrift's compact protocol, as far as the headers and the footer of Parquet files need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_NIBBLE = 15
_MORE = 0x80
# Structures in structures; the headers of pages have three.
_MOST_LEVELS = 16


class Long(int):
    """A number that is written as one of 64 bits; others have 32."""


# What stands in the fields of a structure by their numbers: numbers, bytes, lists and structures.
Struct = dict[int, Any]


def read(data: bytes) -> tuple[Struct, int]:
    """The structure at the beginning of ``data``, and its length in bytes; raises ``ValueError`` or ``IndexError`` for anything else."""
    return _read_struct(data, 0, _MOST_LEVELS)


def write(fields: Struct) -> bytes:
    """A structure as bytes."""
    parts, before = [], 0
    for number, value in sorted(fields.items()):
        # The distance to the field before: all here are near.
        parts += [bytes([number - before << 4 | _kind(value)]), _written(value)]
        before = number
    return b"".join([*parts, b"\0"])


def _kind(value: Any) -> int:
    if isinstance(value, int):
        return _I64 if isinstance(value, Long) else _I32
    return _BINARY if isinstance(value, bytes) else _STRUCT if isinstance(value, dict) else _LIST


def _written(value: Any) -> bytes:
    if isinstance(value, int):
        return _written_number(value << 1 if value >= 0 else (-value << 1) - 1)
    if isinstance(value, bytes):
        return _written_number(len(value)) + value
    return write(value) if isinstance(value, dict) else _written_list(value)


def _written_list(values: Sequence[Any]) -> bytes:
    head = bytes([len(values) << 4 | _kind(values[0])]) if len(values) < _NIBBLE else bytes([0xF0 | _kind(values[0])]) + _written_number(len(values))
    return b"".join([head, *map(_written, values)])


def _written_number(value: int) -> bytes:
    found = bytearray()
    while value >= _MORE:
        found.append(value & 0x7F | _MORE)
        value >>= 7
    found.append(value)
    return bytes(found)


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value, at
        shift += 7


def _read_signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _read_number(data, at)
    return value >> 1 ^ -(value & 1), at


def _read_struct(data: bytes, at: int, levels: int) -> tuple[Struct, int]:
    if not levels:
        raise ValueError("structures stand too deep in each other")
    fields: Struct = {}
    number = 0
    while head := data[at]:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _read_signed(data, at)
        fields[number], at = _read_value(data, at, head & _NIBBLE, levels)
    return fields, at + 1


def _read_value(data: bytes, at: int, kind: int, levels: int) -> tuple[Any, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in (_I16, _I32, _I64):
        return _read_signed(data, at)
    if kind == _BINARY:
        length, at = _read_number(data, at)
        if at + length > len(data):
            raise ValueError("a text goes beyond the end")
        return data[at : at + length], at + length
    if kind == _STRUCT:
        return _read_struct(data, at, levels - 1)
    if kind == _BYTE:
        return data[at], at + 1
    if kind == _DOUBLE:
        return data[at : at + 8], at + 8
    raise ValueError(f"a value of kind {kind} is not foreseen")
