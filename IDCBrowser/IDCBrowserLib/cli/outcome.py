"""The result of a command, which ``main`` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from IDCBrowserLib.safe_text import one_line


@dataclass(frozen=True)
class Outcome:
    """``document`` is printed with ``--json``, ``text`` without; ``exit_code`` as in ``errors`` (0 done, 4 incomplete).

    ``text`` may be a function, called only when it is to be printed: tables of many rows take time to lay out.
    """

    document: Any
    text: str | Callable[[], str] = ""
    exit_code: int = 0


def table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> str:
    """Rows as aligned columns for a terminal; None shows as "-"."""
    cells = [list(header)] + [["-" if value is None or value == "" else one_line(str(value)) for value in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "\n".join("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in cells)
