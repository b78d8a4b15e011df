"""The windows that a header offers (PS3.3 C.11.2.1.2)."""

from __future__ import annotations

import math

_MOST = 20


def windows_of(centers: str, widths: str, names: str = "") -> tuple[tuple[float, float, str], ...]:
    """(center, width, name) of each pair that makes sense, of values as they stand in the file, separated by backslashes.

    A pair that makes none is dropped with its name, so that the names of the others stay theirs.
    """
    named = names.split("\\")
    found = []
    for number, (center, width) in enumerate(zip(centers.split("\\"), widths.split("\\"), strict=False)):
        pair = _number(center), _number(width)
        if pair[0] is not None and pair[1] is not None and pair[1] > 0:
            found.append((pair[0], pair[1], named[number].strip() if number < len(named) else ""))
    return tuple(found[:_MOST])


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
