"""Tool tips that show what a file or a server says to the letter, and fit the screen."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from html import escape

# Characters and lines that fit a laptop's screen beside the mouse.
WIDEST = 90
_TALLEST = 24


def plain(text: str) -> str:
    """The text for a tool tip or a picture of one, in lines that fit. Qt would take what looks like HTML for HTML, and load its pictures."""
    lines = _lines(text)
    if "<" in text:
        return f"<p style='white-space:pre'>{escape(chr(10).join(lines))}</p>"
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    if len(text) <= WIDEST and "\n" not in text:
        return [text]
    # Cut first: a value may have megabytes.
    kept = text[: 2 * WIDEST * _TALLEST]
    lines = _wrapped(kept)
    return list(lines) if len(lines) <= _TALLEST and len(kept) == len(text) else [*lines[: _TALLEST - 1], "..."]


@lru_cache
def _wrapped(text: str) -> tuple[str, ...]:
    """Wrapping takes longer than making the widget: the same buttons stand in several tables."""
    return tuple(part for line in text.splitlines() for part in (textwrap.wrap(line, WIDEST) or [""]))
