"""One line on standard error that shows how far the work is."""

from __future__ import annotations

import time
from typing import TextIO

from IDCBrowserLib.safe_text import one_line
from IDCBrowserLib.task import Progress
from IDCBrowserLib.wording import human_size, human_time

_INTERVAL_S = 0.2


class ProgressLine:
    """Rewrites one line on a terminal; stays silent where nobody looks (a file, a pipe)."""

    def __init__(self, stream: TextIO | None) -> None:
        """``stream`` is None where standard error is closed."""
        self._stream = stream
        self._is_terminal = stream is not None and stream.isatty()
        self._last = 0.0
        self._width = 0

    def show(self, progress: Progress) -> None:
        """Show it, at most five times a second."""
        now = time.monotonic()
        if self._stream is None or not self._is_terminal or now - self._last < _INTERVAL_S:
            return
        self._last = now
        text = describe(progress)
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Leave the line empty for what comes next."""
        if self._stream is not None and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0


def describe(progress: Progress) -> str:
    """Progress as one line of text."""
    amount = _amount(progress)
    left = f", {human_time(progress.seconds_left)} left" if progress.seconds_left is not None else ""
    return f"{progress.step}{amount}{left} {one_line(progress.message)}".rstrip()


def _amount(progress: Progress) -> str:
    show = human_size if progress.unit == "B" else (lambda number: f"{number:.0f}")
    unit = "" if progress.unit == "B" else f" {progress.unit}"
    if progress.total:
        return f": {show(progress.done)} of {show(progress.total)}{unit} ({progress.fraction or 0:.0%})"
    return f": {show(progress.done)}{unit}" if progress.done else ""
