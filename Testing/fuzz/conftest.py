"""The figures of a run at its end."""

from typing import Any

from helpers import figures


def pytest_terminal_summary(terminalreporter: Any) -> None:
    figures.show(terminalreporter)
