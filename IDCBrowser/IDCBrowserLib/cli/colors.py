"""Bold headings and colored beginnings of messages on a terminal. What they say stands there in words too.

``NO_COLOR`` (https://no-color.org) and ``TERM=dumb`` turn them off.
"""

from __future__ import annotations

import os
from typing import TextIO

# Unicode's noncharacters, which no text from outside keeps (``safe_text``), mark a heading until control characters have been taken out.
_BEGIN, _END = "\ufdd0", "\ufdd1"
_BOLD, _RED, _YELLOW, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[33m", "\x1b[0m"


def has_colors(stream: TextIO | None) -> bool:
    """Whether a person at a terminal reads it who did not decline colors."""
    if stream is None or not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    # The old console of Windows shows escape sequences as they are.
    return os.name != "nt" or "WT_SESSION" in os.environ


def heading(text: str, stream: TextIO | None) -> str:
    """A line that ``finished`` makes bold."""
    return f"{_BEGIN}{text}{_END}" if has_colors(stream) else text


def finished(text: str) -> str:
    """The text with its headings in bold, after ``safe_text.printable``."""
    return text.replace(_BEGIN, _BOLD).replace(_END, _PLAIN)


def begun(prefix: str, is_error: bool, stream: TextIO | None) -> str:
    """The beginning of a message: red of an error that ended the command, yellow of others."""
    return f"{_RED if is_error else _YELLOW}{prefix}{_PLAIN}" if has_colors(stream) else prefix
