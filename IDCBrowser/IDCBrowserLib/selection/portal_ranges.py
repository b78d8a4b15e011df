"""Ranges in addresses of the IDC portal.

``NAME_btw=FROM&NAME_btw=TO`` is a range without its ends; an "e" before or after "btw" has that end in it, and the portal itself writes ``ebtw``.
``NAME_gte``, ``gt``, ``lte`` and ``lt`` have one end. Two numbers may be one value, "1,5" or "1 to 5", of which there may be several; "None" beside
them is "not stated".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

_SUFFIX = re.compile(r"_(e?btwe?|gte?|lte?)$", re.IGNORECASE)
_PAIR = re.compile(r"\[?\s*(-?[0-9.]+)\s*(?:,|\s[tT][oO]\s)\s*(-?[0-9.]+)\s*\]?")
# Ends of the portal's sliders where one is open: no slice is thinner or thicker.
_LOWEST, _HIGHEST = 0, 1_000_000
Ends = tuple[float | None, float | None]


def split_name(name: str) -> tuple[str, str]:
    """Name of the filter, and which range it asks for in lower case; "" for values."""
    match = _SUFFIX.search(name)
    return (name[: match.start()], match.group(1).lower()) if match else (name, "")


def parse_range(kind: str, values: Sequence[str], is_whole: bool) -> dict[str, Any]:
    """The filter of ``catalog.filters`` for the values of one name; raises ``ValueError`` with the reason for those that are no range."""
    texts = [value.strip() for value in values if value.strip()]
    numbers = [text for text in texts if text != "None"]
    low, high = _one_end(kind, numbers, is_whole) if kind[0] in "gl" else _joined(_between(kind, numbers, is_whole))
    wanted: dict[str, Any] = {} if low is None else {"min": low}
    if high is not None:
        wanted["max"] = high
    if len(numbers) < len(texts):
        wanted["any"] = [None]
    return wanted


def format_range(name: str, low: float | None, high: float | None) -> list[tuple[str, str]] | None:
    """Names and values of a slider of the portal, which takes whole numbers; None for others. An open end reaches beyond all there is.

    The portal leaves the upper end of its sliders out. Where it belongs to the range the name says so.
    """
    closed = high is not None and just_below(high) is None
    ends = [_LOWEST if low is None else low, _HIGHEST if high is None else just_below(high) or high]
    if any(end != int(end) for end in ends):
        return None
    return [(f"{name}_{'ebtwe' if closed else 'ebtw'}", str(int(end))) for end in ends]


def just_below(value: float) -> float | None:
    """The short number of which ``value`` is the next lower one, as ``parse_range`` writes an end that does not belong to it; else None."""
    short = round(value, 6)
    return short if value < short == math.nextafter(value, math.inf) else None


def _one_end(kind: str, numbers: Sequence[str], is_whole: bool) -> Ends:
    if len(numbers) != 1:
        raise ValueError("it has one end")
    is_lower = kind[0] == "g"
    end = _inside(_number(numbers[0]), not kind.endswith("e"), is_whole, up=is_lower)
    return (end, None) if is_lower else (None, end)


def _between(kind: str, numbers: Sequence[str], is_whole: bool) -> list[tuple[float, float]]:
    has_low, has_high = kind.startswith("e"), kind.endswith("e")
    return [(_inside(low, not has_low, is_whole, up=True), _inside(high, not has_high, is_whole, up=False)) for low, high in _pairs(numbers)]


def _pairs(texts: Sequence[str]) -> list[tuple[float, float]]:
    found = [_PAIR.fullmatch(text) for text in texts]
    if texts and all(found):
        pairs = [(_number(match.group(1)), _number(match.group(2))) for match in found if match is not None]
    elif len(texts) == 2:
        pairs = [(_number(texts[0]), _number(texts[1]))]
    else:
        raise ValueError("it has no two ends")
    if any(low > high for low, high in pairs):
        raise ValueError("its ends are the wrong way round")
    return pairs


def _joined(pairs: Sequence[tuple[float, float]]) -> Ends:
    """Ranges that follow on each other as one."""
    (low, high), *others = sorted(pairs)
    for begin, end in others:
        if begin > (just_below(high) or high + 1):
            raise ValueError("it has gaps")
        high = max(high, end)
    return low, high


def _inside(value: float, is_open: bool, is_whole: bool, up: bool) -> float:
    """The end itself, or the next number inside of the range."""
    if is_whole:
        nearest = math.ceil(value) if up else math.floor(value)
        return nearest + (1 if up else -1) * (is_open and nearest == value)
    return math.nextafter(value, math.inf if up else -math.inf) if is_open else value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]!r} is not a number")
    return int(value) if value == int(value) else value
