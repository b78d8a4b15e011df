"""Numbers as Decimal Strings (PS3.5 6.2): at most 16 characters."""

from __future__ import annotations


def decimal(value: float) -> str:
    """As many digits as fit; -0 is 0."""
    value = value + 0.0
    for digits in range(15, 3, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    raise AssertionError("a number of four digits fits")
