"""Asking where to write a file."""

from __future__ import annotations

import re

from IDCBrowserLib.qtbinding import QtWidgets


def choose_save_file(parent: QtWidgets.QWidget | None, title: str, start: str, kinds: str) -> str:
    """The path the user picked, or "" when canceled. One binding gives the path alone, the other a pair with the kind.

    Not every dialog adds the ending of the kind to a name that has none.
    """
    answer = QtWidgets.QFileDialog.getSaveFileName(parent, title, start, kinds)
    if isinstance(answer, str):
        return answer
    path, kind = answer
    ending = re.search(r"\*(\.[\w.]+)", kind)
    return with_ending(path, ending[1]) if path and ending else path


def with_ending(path: str, ending: str) -> str:
    """``path`` with ``ending`` where its name has none."""
    return path if "." in path.replace("\\", "/").rpartition("/")[2] else path + ending
