"""Texts of users and files as values of DICOM elements (PS3.5 6.1.3, 6.2)."""

from __future__ import annotations

import re

_LONGEST_NAME = 64
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def printable(text: str) -> str:
    """Without control characters other than those of lines, and without halves of characters."""
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Of an element with a single value of one line: a backslash would begin another value."""
    return re.sub(r"[\t\n\f\r]", " ", printable(text)).replace("\\", "/")


def person_name(text: str) -> str:
    """The name of a person (VR PN): one group of at most five parts and 64 letters, as "Doe^Jane"."""
    parts = one_line(text).replace("=", " ").split("^")
    return "^".join([*parts[:4], *([" ".join(parts[4:])] if len(parts) > 4 else [])])[:_LONGEST_NAME].rstrip(" ^")
