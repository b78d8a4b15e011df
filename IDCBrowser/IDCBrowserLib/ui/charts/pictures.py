"""Charts as one picture: for the clipboard, and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IDCBrowserLib.errors import StorageError
from IDCBrowserLib.logic.charts.bars import Chart
from IDCBrowserLib.logic.charts.drawing import Drawing, draw_all
from IDCBrowserLib.logic.charts.svg import svg
from IDCBrowserLib.qtbinding import QtGui
from IDCBrowserLib.ui.charts.painting import measure_with, picture
from IDCBrowserLib.whole_file import part_of, write_whole

_EACH = 430.0
_COLUMNS = 3


def all_charts(heading: str, charts: Sequence[Chart], font: QtGui.QFont) -> QtGui.QImage:
    """The picture."""
    return picture(_drawing(heading, charts, font), font)


def save_picture(path: Path, heading: str, charts: Sequence[Chart], font: QtGui.QFont) -> None:
    """As PNG or SVG, by the ending. Raises ``StorageError``."""
    drawing = _drawing(heading, charts, font)
    if path.suffix.lower() == ".svg":
        write_whole(path, svg(drawing, 0.78 * QtGui.QFontMetrics(font).height()))
        return
    save_image(path, picture(drawing, font))


def save_image(path: Path, image: QtGui.QImage) -> None:
    """As PNG, whole or not at all. Raises ``StorageError``."""
    # PySide6's types want bytes, PythonQt takes a text; both take this.
    saved: Any = image
    with part_of(path) as part:
        if not saved.save(str(part), "PNG"):
            raise StorageError(f"{path} cannot be written; choose another folder.")


def _drawing(heading: str, charts: Sequence[Chart], font: QtGui.QFont) -> Drawing:
    columns = max(1, min(_COLUMNS, sum(1 for chart in charts if chart.bars)))
    return draw_all(heading, charts, columns * _EACH, columns, float(QtGui.QFontMetrics(font).height()), measure_with(font))
