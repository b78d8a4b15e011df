"""What a long run has measured, told at its end, whether it passed or not: ``pytest_terminal_summary`` of ``Testing/faults`` and ``Testing/fuzz``."""

from __future__ import annotations

from typing import Any

_LINES: list[str] = []


def tell(line: str) -> None:
    """For the end of the run."""
    _LINES.append(line)


def show(terminal: Any) -> None:
    """``terminal`` is pytest's ``terminalreporter``."""
    if _LINES:
        terminal.section("figures")
        for line in _LINES:
            terminal.line(line)
