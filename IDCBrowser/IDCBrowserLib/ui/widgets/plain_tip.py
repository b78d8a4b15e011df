"""Tool tips that show what a file or a server says to the letter."""

from __future__ import annotations

from html import escape


def plain(text: str) -> str:
    """The text for a tool tip or a picture of one. Qt would take what looks like HTML for HTML, and load its pictures."""
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if "<" in text else text
