"""Formats numbers for people; used by panels and the command line."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.i18n import local_number, noun
from IDCBrowserLib.i18n import tr as _


def human_size(size_bytes: float) -> str:
    """Bytes with decimal units, as disks and IDC count them: "0 B", "940 kB", "15.5 MB", "99.9 TB"."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            digits = 0 if unit in ("B", "kB") or value >= 99.95 else 1
            return local_number(f"{value:,.{digits}f} {unit}")
        value /= 1000
    raise AssertionError("unreachable")


def human_time(seconds: float) -> str:
    """A duration: "under 1 s", "42 s", "3 min 5 s", "2 h 10 min"."""
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def human_count(number: int, one: str, many: str) -> str:
    """A count with its noun: "1 case", "26,410 cases"."""
    return f"{local_number(f'{number:,}')} {noun(number, one, many)}"


def slices_so_far(here: int, total: int) -> str:
    """How much of a series that is still downloaded can be seen: "40 of 300 slices so far"."""
    return _("{count} of {total} slices so far").format(count=local_number(f"{here:,}"), total=local_number(f"{total:,}"))


def first_of(values: Sequence[object], most: int) -> str:
    """Several in one line, at most so many: "a, b, ..."."""
    return ", ".join([*map(str, values[:most]), *(["..."] if len(values) > most else [])])


def human_time_left(seconds: float) -> str:
    """An estimate, no finer than it can be: "42 s", "3 min 10 s", "25 min", "2 h 10 min"."""
    step = 1 if seconds < 60 else 10 if seconds < 600 else 60 if seconds < 7200 else 600
    return human_time(max(1.0, round(seconds / step) * step))
