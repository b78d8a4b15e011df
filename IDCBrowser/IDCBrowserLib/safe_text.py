"""Makes text from outside (DICOM files, manifests, servers, the catalog) safe for terminals and spreadsheets."""

from __future__ import annotations

import json
import re
from typing import Any

# C0 and C1 controls, what changes the direction or the order in which letters are shown (Unicode's bidirectional controls), and halves of surrogate
# pairs, which stand in names of files for bytes that are no UTF-8 and which nothing can be written with.
_DIRECTIONS = r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff"
# Unicode's noncharacters mean nothing in a text; within the program they mark headings of tables.
_ACTED_ON = re.compile(rf"[\x00-\x1f{_DIRECTIONS}\ufdd0-\ufdef]")
_ACTED_ON_BUT_LINES = re.compile(rf"[\x00-\x08\x0b-\x1f{_DIRECTIONS}]")
# A spreadsheet computes a cell that begins so, also behind blanks; a number is one.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def printable(text: str) -> str:
    r"""The text with ``\x1b`` and the like in the place of characters that a terminal acts on. Line ends and tabs stay."""
    return _ACTED_ON_BUT_LINES.sub(_escaped, text)


def one_line(text: str) -> str:
    """The same without line ends and tabs, for a cell of a table or a line of a list."""
    return _ACTED_ON.sub(_escaped, " ".join(text.split("\n")).replace("\t", " ").replace("\r", " "))


def cell(value: Any) -> Any:
    """A value for a table that spreadsheets open: never a formula, no character that is acted on. Lists and objects are JSON, None is empty."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple, dict)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
