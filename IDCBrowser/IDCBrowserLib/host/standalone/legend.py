"""The segments of the scene as a list of colored names inside of a view; a click shows or hides one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.annotation import WHITE, draw_text
from IDCBrowserLib.host.standalone.scene import StandaloneScene
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui
from IDCBrowserLib.scene.segments.segment_rows import short_names
from IDCBrowserLib.scene.segments.segments import BLINDED_ATTRIBUTE

if TYPE_CHECKING:
    from slicer import vtkMRMLSegmentationNode

_LEFT, _TOP, _SWATCH = 10, 34, 10
_HIDDEN = QtGui.QColor(130, 134, 142)
_HEADING = QtGui.QColor(150, 180, 255)


@dataclass(frozen=True)
class LegendRow:
    """One line: a segment of a segmentation node; without an ``identifier`` the name of the segmentation, whose segments follow."""

    node: vtkMRMLSegmentationNode
    identifier: str
    name: str
    color: tuple[float, float, float]
    visible: bool


def legend_rows(host: StandaloneScene) -> list[LegendRow]:
    """Every segment of every segmentation that is shown, in the order of the scene; of several each below the name of its own."""
    shown = [node for node in host.nodes("vtkMRMLSegmentationNode") if (display := node.GetDisplayNode()) is not None and display.GetVisibility()]
    # Their order in the scene may tell who made those that are called by letters.
    shown.sort(key=lambda node: node.GetAttribute(BLINDED_ATTRIBUTE) or "")
    names = short_names([node.GetName() or "" for node in shown])
    rows = []
    for node, name in zip(shown, names, strict=True):
        display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
        if display is None:
            continue
        if len(shown) > 1:
            rows.append(LegendRow(node, "", name, (1.0, 1.0, 1.0), True))
        for identifier in segmentation.GetSegmentIDs():
            segment = segmentation.GetSegment(identifier)
            if segment is not None:
                rows.append(LegendRow(node, identifier, segment.GetName(), segment.GetColor(), display.GetSegmentVisibility(identifier)))
    return rows


class Legend:
    """Draws rows down the left side of a view, as many as fit, and knows which one a click meets."""

    def __init__(self) -> None:
        self._places: list[tuple[QtCore.QRect, LegendRow]] = []

    def clear(self) -> None:
        """Nothing is drawn now."""
        self._places = []

    def draw(self, painter: QtGui.QPainter, rect: QtCore.QRect, rows: list[LegendRow]) -> None:
        """Draw into the left third of ``rect``."""
        font = QtGui.QFont(painter.font())
        font.setPixelSize(12)
        painter.setFont(font)
        height = painter.fontMetrics().lineSpacing() + 3
        fitting = max(0, (rect.height() - _TOP - 8) // height)
        shown = rows if len(rows) <= fitting else rows[: max(0, fitting - 1)]
        self._places = []
        width = max(60, rect.width() // 3)
        for number, row in enumerate(shown):
            place = QtCore.QRect(rect.left() + _LEFT, rect.top() + _TOP + number * height, width, height)
            self._places.append((place, row))
            _draw_row(painter, place, row)
        if len(shown) < len(rows) and fitting:
            place = QtCore.QRect(rect.left() + _LEFT, rect.top() + _TOP + len(shown) * height, width, height)
            draw_text(painter, place, Qt.AlignmentFlag.AlignVCenter, _("and {count} more").format(count=f"{len(rows) - len(shown):,}"), _HIDDEN)

    def row_at(self, position: QtCore.QPoint) -> LegendRow | None:
        """The segment of the last drawing at a point of the widget."""
        return next((row for place, row in self._places if row.identifier and place.contains(position)), None)


def _draw_row(painter: QtGui.QPainter, place: QtCore.QRect, row: LegendRow) -> None:
    if not row.identifier:
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, place.width())
        draw_text(painter, place, Qt.AlignmentFlag.AlignVCenter, name, _HEADING)
        return
    swatch = QtCore.QRect(place.left(), place.center().y() - _SWATCH // 2, _SWATCH, _SWATCH)
    color = QtGui.QColor.fromRgbF(*row.color)
    painter.setPen(color)
    painter.setBrush(color if row.visible else Qt.BrushStyle.NoBrush)
    painter.drawRect(swatch)
    text = place.adjusted(_SWATCH + 7, 0, 0, 0)
    name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, text.width())
    draw_text(painter, text, Qt.AlignmentFlag.AlignVCenter, name, WHITE if row.visible else _HIDDEN)
