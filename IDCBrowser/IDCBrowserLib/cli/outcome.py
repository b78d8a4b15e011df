"""The result of a command, which ``main`` prints."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.cli.colors import heading
from IDCBrowserLib.safe_text import one_line

_NUMBER = re.compile(r"-|[-+]?[0-9][0-9,]*(\.[0-9]+)?( ?(%|B|kB|MB|GB|TB))?")
_NARROWEST = 12


@dataclass(frozen=True)
class Outcome:
    """``document`` is printed with ``--json``, ``text`` without; ``exit_code`` as in ``errors`` (0 done, 4 incomplete).

    ``text`` may be a function, called only when it is to be printed: tables of many rows take time to lay out. Very many rows come in parts: an
    iterator in the document (``json_pieces``), and as texts that are printed one below the other.
    """

    document: Any
    text: str | Callable[[], str | Iterable[str]] = ""
    exit_code: int = 0


def table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> str:
    """Rows as aligned columns for a terminal: numbers at the right, with separators of thousands; None shows as "-".

    On a terminal the widest columns of text are cut so that a row fits on a line; anywhere else everything is there.
    """
    return "\n".join(table_parts([rows], header))


def table_parts(parts: Iterable[Sequence[Sequence[object]]], header: Sequence[str]) -> Iterator[str]:
    """The same for rows that come in parts, of which each is a text; columns are as wide as those of the first part need."""
    widths: list[int] = []
    cuts = False
    right: list[bool] = []
    for rows in parts:
        cells = [[_cell(value) for value in row] for row in rows]
        is_first = not widths
        if is_first:
            cells.insert(0, [str(name) for name in header])
            right = [bool(rows) and all(_is_number(row[column]) for row in rows) for column in range(len(header))]
            widest = [max(len(row[column]) for row in cells) for column in range(len(header))]
            widths = _fitted(widest, right)
            cuts = widths != widest
        lines = [
            "  ".join(_aligned(value, width, is_right, cuts) for value, width, is_right in zip(row, widths, right, strict=True)).rstrip()
            for row in cells
        ]
        if is_first:
            lines[0] = heading(lines[0], sys.stdout)
        yield "\n".join(lines)


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:,}" if type(value) is int else one_line(str(value))


def _is_number(value: object) -> bool:
    """Also what was made of one: "1,234", "2.5 MB"."""
    return value in (None, "") or type(value) in (int, float) or (isinstance(value, str) and _NUMBER.fullmatch(value) is not None)


def _aligned(value: str, width: int, is_right: bool, cuts: bool) -> str:
    shown = value if len(value) <= width or not cuts else value[: width - 1] + "…"
    return shown.rjust(width) if is_right else shown.ljust(width)


def _fitted(widths: list[int], right: Sequence[bool]) -> list[int]:
    """Numbers and short texts keep their width."""
    if sys.stdout is None or not sys.stdout.isatty():
        return widths
    import shutil

    room = shutil.get_terminal_size().columns - 2 * (len(widths) - 1)
    fitted = list(widths)
    while sum(fitted) > room:
        column = max((index for index in range(len(fitted)) if not right[index]), key=lambda index: fitted[index], default=-1)
        if column < 0 or fitted[column] <= _NARROWEST:
            return fitted
        fitted[column] -= 1
    return fitted
