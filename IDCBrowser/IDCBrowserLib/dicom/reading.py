"""Access to values of a data set by keyword, for pydicom data sets and for our own headers that answer alike (``in`` and ``get``)."""

from __future__ import annotations

import math
from typing import Any, overload


def value_of(dataset: Any, keyword: str) -> Any:
    """The value, None where it is absent or makes no sense: pydicom converts when asked, and raises whatever it runs into on damaged ones."""
    try:
        return dataset.get(keyword)
    except Exception:
        return None


def numbers(dataset: Any, keyword: str, count: int) -> tuple[float, ...] | None:
    """The value of ``keyword`` as exactly ``count`` finite numbers, or None."""
    value = value_of(dataset, keyword)
    try:
        values = [value] if isinstance(value, (int, float, str)) else list(value)
        result = tuple(float(item) for item in values)
    except (TypeError, ValueError, OverflowError):
        return None
    if len(result) != count or not all(math.isfinite(item) for item in result):
        return None
    return result


@overload
def number(dataset: Any, keyword: str) -> float | None: ...


@overload
def number(dataset: Any, keyword: str, default: float) -> float: ...


def number(dataset: Any, keyword: str, default: float | None = None) -> float | None:
    """The value of ``keyword`` as one finite number, or ``default``."""
    found = numbers(dataset, keyword, 1)
    return default if found is None else found[0]


def text(dataset: Any, keyword: str) -> str:
    """The value of ``keyword`` as stripped text; several values with backslashes; "" where absent or unreadable."""
    value = value_of(dataset, keyword)
    if value is None:
        return ""
    try:
        if isinstance(value, (str, int, float)) or not hasattr(value, "__iter__") or hasattr(value, "components"):
            return str(value).strip()
        return "\\".join(str(item).strip() for item in value)
    except (TypeError, ValueError, LookupError):
        return ""
