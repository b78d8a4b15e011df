"""Asking where to write a file."""

from __future__ import annotations

from IDCBrowserLib.qtbinding import QtWidgets


def choose_save_file(parent: QtWidgets.QWidget | None, title: str, start: str, kinds: str) -> str:
    """The path the user picked, or "" when canceled. One binding gives the path alone, the other a pair with the kind."""
    answer = QtWidgets.QFileDialog.getSaveFileName(parent, title, start, kinds)
    return str(answer if isinstance(answer, str) else answer[0])


def with_ending(path: str, ending: str) -> str:
    """``path`` with ``ending`` where its name has none."""
    return path if "." in path.replace("\\", "/").rpartition("/")[2] else path + ending
