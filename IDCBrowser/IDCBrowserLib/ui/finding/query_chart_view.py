"""The chart of a query's rows: two boxes for its axes, which are guessed, and the bars."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api import expert as api
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.finding.query_chart import query_chart, value_choices
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.charts.chart_view import ChartView
from IDCBrowserLib.ui.charts.pictures import all_charts
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, scrolled
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_NAME_CHARACTERS = 18
_MARGIN = 4


class QueryChartView:
    """``widget`` is for a stack. ``show_columns`` when another result is here; it is asked for while ``wanted``."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._query = browser.query
        self._columns: Sequence[tuple[str, str]] = ()
        self._values: list[str] = []
        self._drawing = False
        self._label = self._make_box("sqlChartLabel", _("Column that labels the bars"))
        self._value = self._make_box("sqlChartValue", _("What the bars show"))
        self._copy = button("sqlChartCopy", _("Copy picture"), _("Copy the chart as a picture."))
        self.view = ChartView(None)
        self._inside = _Tall(self.view)
        labels = [QtWidgets.QLabel(_("Bars:")), QtWidgets.QLabel(_("Show:"))]
        labels[0].setBuddy(self._label)
        labels[1].setBuddy(self._value)
        line = WrappedRow([labels[0], self._label, labels[1], self._value, self._copy])
        made = column([line, scrolled(self._inside, "sqlChartArea")])
        made.setStretch(1, 1)
        self.widget = holder(made, "sqlChart")
        self._label.currentIndexChanged.connect(self._chosen)
        self._value.currentIndexChanged.connect(self._chosen)
        self._copy.clicked.connect(self._put_picture)
        self._query.chart_changed.connect(self._draw)

    def disconnect(self) -> None:
        """Stop listening to the browser."""
        self._query.chart_changed.disconnect(self._draw)

    def show_columns(self, columns: Sequence[tuple[str, str]]) -> None:
        """Of another result: its axes are guessed anew."""
        self._columns = tuple(columns)
        choices = value_choices(columns)
        self._values = list(choices)
        self._drawing = True
        for box, texts in ((self._label, [name for name, _kind in columns]), (self._value, list(choices.values()))):
            box.clear()
            box.addItems(texts)
        self._drawing = False
        self._query.draw(None, "")

    def _make_box(self, name: str, accessible_name: str) -> QtWidgets.QComboBox:
        made = choice_box(name, accessible_name)
        made.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToContents)
        made.setMinimumContentsLength(_NAME_CHARACTERS)
        return made

    def _chosen(self, _number: int) -> None:
        label, value = int(self._label.property("currentIndex")), int(self._value.property("currentIndex"))
        if not self._drawing and label >= 0 and value >= 0:
            self._query.draw(label, self._values[value])

    def _draw(self, found: api.Chart) -> None:
        if found["value"] not in self._values or found["label"] >= len(self._columns):
            return
        self._drawing = True
        self._label.setCurrentIndex(found["label"])
        self._value.setCurrentIndex(self._values.index(found["value"]))
        self._drawing = False
        self.view.show_chart(query_chart(self._columns, found), "")
        self._inside.place()

    def _put_picture(self) -> None:
        picture = all_charts("", [self.view.chart], self.widget.property("font"))
        QtWidgets.QApplication.clipboard().setImage(picture)
        self._browser.message.emit(Message(Kind.SUCCESS, _("Picture copied.")))


class _Tall(QtWidgets.QWidget):
    """As high as its chart is at this width."""

    def __init__(self, view: ChartView) -> None:
        super().__init__()
        self._view = view
        view.setParent(self)

    def resizeEvent(self, _event: object) -> None:
        """See Qt."""
        self.place()

    def place(self) -> None:
        """Other bars, or another width."""
        width = max(1, int(self.property("width")) - 2 * _MARGIN)
        high = self._view.height_for(width)
        self._view.setGeometry(_MARGIN, _MARGIN, width, high)
        self.setMinimumHeight(high + 2 * _MARGIN)
