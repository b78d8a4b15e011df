"""Formats progress as one line: amount, speed, time left."""

from __future__ import annotations

from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size, human_time_left


def describe(progress: Progress) -> str:
    """Such as "45.2 MB of 310 MB, 5.1 MB/s, 52 s left"; what is not known is left out."""
    parts = [_amount(progress)]
    speed = progress.details.get("bytes_per_second")
    if speed:
        parts.append(_("{size}/s").format(size=human_size(speed)))
    if progress.seconds_left is not None:
        parts.append(_("{time} left").format(time=human_time_left(progress.seconds_left)))
    if progress.message:
        parts.append(progress.message)
    return ", ".join(part for part in parts if part)


def with_waiting(title: str, waiting: int) -> str:
    """What goes on, and how many downloads wait for it."""
    return _("{title}; {count} more waiting").format(title=title, count=f"{waiting:,}") if waiting else title


def _amount(progress: Progress) -> str:
    show = human_size if progress.unit == "B" else (lambda number: local_number(f"{int(number):,}"))
    if progress.total:
        unit = "" if progress.unit == "B" else f" {progress.unit}"
        return _("{done} of {total}").format(done=show(progress.done), total=show(progress.total)) + unit
    return f"{show(progress.done)} {'' if progress.unit == 'B' else progress.unit}".strip() if progress.done else ""
