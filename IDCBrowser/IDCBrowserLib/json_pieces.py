"""JSON documents of any length, piece by piece: a list of a million rows is never in memory as one text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

_AT_ONCE = 500


def json_pieces(document: object, indent: int | None = None) -> Iterator[str]:
    """What ``json.dumps`` gives, of a document that may be an iterator of rows, or an object whose values may be.

    Values that JSON does not know, such as paths, become text. Raises ``ValueError`` for NaN and infinities.
    """
    if isinstance(document, Iterator):
        yield from _rows(document, indent, 0)
    elif isinstance(document, dict) and document:
        start, between, end = _marks("{}", indent, 0)
        for number, (key, value) in enumerate(document.items()):
            yield f"{between if number else start}{json.dumps(str(key))}: "
            if isinstance(value, Iterator):
                yield from _rows(value, indent, 1)
            else:
                yield _text(value, indent, 1)
        yield end
    else:
        yield _text(document, indent, 0)


def _rows(rows: Iterable[Any], indent: int | None, depth: int) -> Iterator[str]:
    start, between, end = _marks("[]", indent, depth)
    rows, is_empty = iter(rows), True
    while some := list(islice(rows, _AT_ONCE)):
        yield (start if is_empty else between) + between.join(_text(row, indent, depth + 1) for row in some)
        is_empty = False
    yield "[]" if is_empty else end


def _marks(brackets: str, indent: int | None, depth: int) -> tuple[str, str, str]:
    """What stands before the first item, between two, and after the last."""
    if indent is None:
        return brackets[0], ", ", brackets[1]
    inner, outer = "\n" + " " * indent * (depth + 1), "\n" + " " * indent * depth
    return brackets[0] + inner, "," + inner, outer + brackets[1]


def _text(value: object, indent: int | None, depth: int) -> str:
    text = json.dumps(value, allow_nan=False, default=str, indent=indent)
    return text if indent is None else text.replace("\n", "\n" + " " * indent * depth)
