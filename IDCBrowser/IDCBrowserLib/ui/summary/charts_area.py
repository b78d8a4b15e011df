"""Charts side by side in as many columns as there is room for, each below the shortest column."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.charts.bars import Bar, Chart
from IDCBrowserLib.qtbinding import QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.charts.chart_view import ChartView
from IDCBrowserLib.ui.widgets.building_blocks import bold, column, holder, label

LEAST_WIDTH = 330
_APART = 18
_MARGIN = 4


class ChartsArea(QtWidgets.QWidget):
    """``on_bar(chart, bar)`` when a bar was chosen; ``on_get(index)`` when somebody wants the index file that a chart needs."""

    def __init__(self, on_bar: Callable[[Chart, Bar], None], on_get: Callable[[str], None]) -> None:
        super().__init__()
        self._on_bar = on_bar
        self._on_get = on_get
        self._views: dict[str, ChartView] = {}
        self._gaps: dict[str, _MissingChart] = {}
        self._order: list[QtWidgets.QWidget] = []
        self.setObjectName("chartsArea")

    def show_charts(self, charts: Sequence[Chart], unit: str, needs: Callable[[str], tuple[str, bool]]) -> None:
        """``needs(index)`` says what a chart without its index file is missing, and whether it can be fetched now."""
        self._order = []
        for chart in charts:
            if chart.missing:
                text, can_get = needs(chart.missing)
                gap = self._gaps.get(chart.key) or self._make_gap(chart)
                gap.show_text(text, can_get)
                self._order.append(gap.widget)
            elif chart.bars:
                view = self._views.get(chart.key) or self._make_view(chart)
                view.show_chart(chart, unit)
                self._order.append(view)
        for widget in (*self._views.values(), *(gap.widget for gap in self._gaps.values())):
            widget.setVisible(any(widget is shown for shown in self._order))
        self._place(int(self.property("width")))
        self._order_keys()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """See Qt."""
        self._place(int(event.size().width()))

    def _make_view(self, chart: Chart) -> ChartView:
        view = ChartView(self._on_bar)
        view.setParent(self)
        self._views[chart.key] = view
        return view

    def _make_gap(self, chart: Chart) -> _MissingChart:
        gap = _MissingChart(chart, self._on_get)
        gap.widget.setParent(self)
        self._gaps[chart.key] = gap
        return gap

    def _order_keys(self) -> None:
        for before, after in zip(self._order, self._order[1:], strict=False):
            QtWidgets.QWidget.setTabOrder(before, after)

    def _place(self, width: int) -> None:
        room = max(1, width - 2 * _MARGIN)
        columns = max(1, (room + _APART) // (LEAST_WIDTH + _APART))
        each = (room - _APART * (columns - 1)) // columns
        tops = [_MARGIN] * columns
        for widget in self._order:
            number = tops.index(min(tops))
            view = next((view for view in self._views.values() if view is widget), None)
            high = view.height_for(each) if view is not None else max(1, int(widget.heightForWidth(each)), int(widget.property("sizeHint").height()))
            widget.setGeometry(QtCore.QRect(_MARGIN + number * (each + _APART), tops[number], each, high))
            tops[number] += high + _APART
        self.setMinimumHeight(max(tops))


class _MissingChart:
    """In the place of a chart: what it needs, and a button that gets it."""

    def __init__(self, chart: Chart, on_get: Callable[[str], None]) -> None:
        self._text = label(f"chartNeeds_{chart.key}", "", True)
        self._get = QtWidgets.QPushButton(_("Get it"))
        self._get.setObjectName(f"chartGet_{chart.key}")
        self._get.setAccessibleDescription(_("Fetch the data for {name} in the background.").format(name=chart.title))
        self._get.setSizePolicy(QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Fixed)
        self._get.clicked.connect(lambda: on_get(chart.missing))
        self.widget = holder(column([bold(label("", chart.title)), self._text, self._get]), f"chartMissing_{chart.key}")

    def show_text(self, text: str, can_get: bool) -> None:
        """What it needs."""
        self._text.setText(text)
        self._get.setEnabled(can_get)
