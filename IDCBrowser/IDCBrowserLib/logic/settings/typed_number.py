"""Numbers and sizes as people type them."""

from __future__ import annotations

import re

_GROUPED = r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"
_PLAIN = r"[0-9]+(?:[.,][0-9]+)?"
_NUMBER = re.compile(rf"\s*(?:({_GROUPED})|({_PLAIN}))\s*((?:([kmgt])(i?)b?|b)?)\s*", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}


def parse_number(text: str) -> float | None:
    """A number without a unit: "40", "1,500", "1.5", "1,5"; None for anything else.

    A comma parts thousands where groups of three digits follow; any other comma is a decimal one.
    """
    found = _NUMBER.fullmatch(text)
    return None if found is None or found.group(3) else _value(found)


def parse_size(text: str, unit: str = "") -> float | None:
    """Bytes: "20 MB", "1,5 GB", "3 GiB"; a number alone is in ``unit``, and nothing without one. None for anything else."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    if found.group(3):
        power = _POWERS.get((found.group(4) or "").lower(), 0)
        return _value(found) * float((1024 if found.group(5) else 1000) ** power)
    if not _value(found):
        return 0.0
    return parse_size(f"{text} {unit}") if unit else None


def unit_of(text: str) -> str:
    """The unit behind a size, such as "MB"; "" for none, and for 0, which looks alike in all."""
    found = _NUMBER.fullmatch(text)
    return found.group(3) if found is not None and _value(found) else ""


def _value(found: re.Match[str]) -> float:
    grouped, plain = found.group(1), found.group(2)
    return float(grouped.replace(",", "")) if grouped else float(plain.replace(",", "."))
