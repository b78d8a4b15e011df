"""Values of a review list as its tables have them: SQLite itself keeps a text in a column of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import InputError

# Raises ``TypeError`` for a value that is none of its kind.
Kind = Callable[[object], Any]


def text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def whole(value: object) -> int:
    """A whole number."""
    if not isinstance(value, int):
        raise TypeError
    return value


def seconds(value: object) -> float:
    """A finite number."""
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError
    return float(value)


def typed(path: Path, rows: Sequence[Sequence[object]], kinds: Sequence[Kind]) -> list[tuple[Any, ...]]:
    """Rows whose values are of these kinds. Raises ``InputError`` that names the file where one is not."""
    try:
        return [tuple(kind(value) for kind, value in zip(kinds, row, strict=True)) for row in rows]
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} is damaged: a value in it is of another kind than it says. Use a copy of it.") from error
