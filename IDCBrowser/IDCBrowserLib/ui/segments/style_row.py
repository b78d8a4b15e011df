"""How segmentations are drawn: fill and opacity, width and style of outlines, a color for each."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.scene.segments.line_style import STYLES
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.ui.widgets.building_blocks import check_box, choice_box
from IDCBrowserLib.ui.widgets.plain_tip import plain
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_LINES = (1, 2, 3, 5)


class StyleRow:
    """``widget``; ``draw`` for another segmentation."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._node_id = ""
        self.opacity = QtWidgets.QSlider(Qt.Orientation.Horizontal)
        self.opacity.setObjectName("segmentsOpacity")
        self.opacity.setAccessibleName(_("Opacity of the fill"))
        self.opacity.setToolTip(plain(_("Opacity of the fill of this segmentation; outlines stay.")))
        self.opacity.setRange(0, 100)
        widths = [_("{width} px line").format(width=width) for width in _LINES]
        self.lines = choice_box("segmentsLine", _("Line width"), widths, _("How thick the outlines of this segmentation are, in pixels."))
        tip = _("How the outlines of this segmentation are drawn, to tell several apart without colors.")
        self.styles = choice_box("segmentsLineStyle", _("Line style"), [_("Solid"), _("Dashed"), _("Dotted")], tip)
        self.filled = check_box("segmentsFill", _("Fill"), _("Fill all segments; otherwise only outlines are drawn."))
        tip = _("Show each segmentation in a color of its own, to tell apart who drew what.")
        self.by_source = check_box("segmentsBySource", _("One color each"), tip)
        self.widget = WrappedRow([self.filled, self.opacity, self.lines, self.styles, self.by_source], self.opacity)
        # Slicer draws the outlines of segmentations as solid lines only. In the row nevertheless: what has no parent outlives it in PythonQt.
        self.styles.setVisible(segments.scene.has_line_styles)
        self._connect()

    def draw(self, source: SourceRow | None) -> None:
        """For a segmentation, and what holds for all."""
        self._node_id = source.node_id if source is not None else ""
        all_sources = self._segments.state.all_sources
        self.opacity.setEnabled(source is not None)
        self.lines.setEnabled(source is not None)
        self.styles.setEnabled(source is not None)
        self.filled.setEnabled(bool(all_sources))
        self.by_source.setEnabled(bool(all_sources))
        quiet: tuple[QtWidgets.QWidget, ...] = (self.opacity, self.lines, self.styles, self.filled, self.by_source)
        for control in quiet:
            control.blockSignals(True)
        if source is not None:
            self.opacity.setValue(round(source.opacity * 100))
            self.lines.setCurrentIndex(min(range(len(_LINES)), key=lambda place: abs(_LINES[place] - source.line_width)))
            self.styles.setCurrentIndex(STYLES.index(source.line_style))
        self.filled.setChecked(any(one.filled for one in all_sources))
        self.by_source.setChecked(self._segments.colored_by_source)
        for control in quiet:
            control.blockSignals(False)

    def _connect(self) -> None:
        segments = self._segments
        self.opacity.valueChanged.connect(lambda value: self._of_source(lambda node: segments.set_opacity(node, value / 100)))
        self.lines.currentIndexChanged.connect(lambda place: self._of_source(lambda node: segments.set_line_width(node, _LINES[place])))
        self.styles.currentIndexChanged.connect(lambda place: self._of_source(lambda node: segments.set_line_style(node, STYLES[place])))
        self.filled.toggled.connect(segments.set_filled)
        self.by_source.toggled.connect(segments.color_by_source)

    def _of_source(self, do: Callable[[str], None]) -> None:
        if self._node_id:
            do(self._node_id)
