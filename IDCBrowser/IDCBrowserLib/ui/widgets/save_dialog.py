"""Asking where to write a file."""

from __future__ import annotations

import re

from IDCBrowserLib.qtbinding import QtWidgets


def choose_save_file(parent: QtWidgets.QWidget | None, title: str, start: str, kinds: str) -> str:
    """The path the user picked, or "" when canceled. One binding gives the path alone, the other a pair with the kind.

    Not every dialog adds the ending of the kind to a name that has none; where the kind is not told it is the first one.
    """
    answer = QtWidgets.QFileDialog.getSaveFileName(parent, title, start, kinds)
    path, kind = (answer, "") if isinstance(answer, str) else answer
    ending = re.search(r"\*(\.[\w.]+)", kind or kinds)
    return with_ending(path, ending[1]) if path and ending else path


def with_ending(path: str, ending: str) -> str:
    """``path`` with ``ending`` where its name has none."""
    return path if "." in path.replace("\\", "/").rpartition("/")[2] else path + ending
