"""The page "Dose": histograms of a structure set in a dose as curves and table, and the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.api.dose import RoiHistogram, Statistics
from IDCBrowserLib.dose.table import STATISTICS
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.charts.bars import plain_rows
from IDCBrowserLib.logic.dose.histograms import DoseState, Loaded
from IDCBrowserLib.logic.tables.columns import EMPTY, Column
from IDCBrowserLib.qtbinding import Qt, QtWidgets
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.charts.pictures import save_image
from IDCBrowserLib.ui.dose.plot import DvhPlot, PlotCurve, letter_of
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, row
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file
from IDCBrowserLib.ui.widgets.tree_model import TreeModel, TreeRow
from IDCBrowserLib.ui.widgets.views import size_columns
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_MARGIN = 6
_ROW_HEIGHT = 20
_SHARES = (560, 440)
_MOST_GRAY = 1000.0
_STORED = "stored"


class DosePage:
    """See ``pages.Page``."""

    name = "dose"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._doses = browser.doses
        self._state = DoseState()
        self._dose, self._structures = _choice("doseChoice", _("Dose")), _choice("doseStructures", _("Structure set"))
        self._notes = label("doseNotes", "", True)
        self._plans = label("dosePlans", "", True)
        self._pointed = label("dosePointed", "", True)
        self.plot = DvhPlot()
        self._gray = QtWidgets.QDoubleSpinBox()
        self._gray.setObjectName("doseVolumeAt")
        self._gray.setAccessibleName(_("Dose of the column V, in Gy"))
        self._gray.setToolTip(_("The column V tells how much of each ROI receives at least this dose."))
        self._gray.setRange(0.0, _MOST_GRAY)
        self._gray.setDecimals(1)
        self._gray.setSuffix(" Gy")
        self._gray.setValue(self._doses.state.at_gy)
        self._unit = _choice("doseUnit", _("Unit of volumes"))
        self._unit.addItems(["%", "cc"])
        self._with_stored = QtWidgets.QCheckBox(_("Planning s&ystem"))
        self._with_stored.setObjectName("doseStored")
        self._with_stored.setToolTip(_("Also show the histograms that the planning system stored in the dose."))
        self._with_stored.setChecked(True)
        self._model = TreeModel(_columns(self._doses.state.at_gy), _ROW_HEIGHT)
        self.view = QtWidgets.QTreeView()
        self.view.setObjectName("doseTable")
        self.view.setAccessibleName(_("Doses of the ROIs"))
        self.view.setIndentation(12)
        self.view.setUniformRowHeights(True)
        self.view.setAlternatingRowColors(True)
        self.view.header().setStretchLastSection(False)
        self.view.setModel(self._model)
        size_columns(self.view.header(), [one.width + 2 for one in _columns(self._doses.state.at_gy)])
        self._copy = button("doseCopy", _("&Copy"), _("Copy the table as a spreadsheet takes it."))
        self._save = button("doseSave", _("Sa&ve table..."), _("Save the table as CSV."))
        self._save_curves = button("doseSaveCurves", _("Save c&urves..."), _("Save the points of all curves as CSV."))
        self._save_picture = button("doseSavePicture", _("Save &picture..."), _("Save the curves as a PNG picture."))
        self._splitter = QtWidgets.QSplitter(Qt.Orientation.Vertical)
        self._splitter.setObjectName("doseSplitter")
        self._splitter.addWidget(holder(column([self.plot, self._pointed]), "dosePlotArea"))
        self._splitter.addWidget(holder(self._table_layout(), "doseTableArea"))
        self._splitter.setSizes(list(_SHARES))
        self.widget = holder(self._layout(), "dosePage")
        self._connect()
        self._draw(self._doses.state)

    def heading(self) -> str:
        """See ``pages.Page``. There is something to show once a dose is loaded."""
        return _("D&ose") if self._doses.state.doses else ""

    def shown(self) -> None:
        """See ``pages.Page``."""

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._doses.changed.disconnect(self._draw)
        self.plot.pointed.disconnect(self._pointed.setText)

    def _layout(self) -> QtWidgets.QVBoxLayout:
        choices = row([QtWidgets.QLabel(_("Dose")), self._dose, QtWidgets.QLabel(_("ROIs of")), self._structures])
        choices.setStretch(1, 1)
        choices.setStretch(3, 1)
        made = column([choices, self._plans, self._notes, self._splitter])
        made.setStretch(3, 1)
        made.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        return made

    def _table_layout(self) -> QtWidgets.QVBoxLayout:
        above = WrappedRow([QtWidgets.QLabel(_("V at")), self._gray, QtWidgets.QLabel(_("Volumes in")), self._unit, self._with_stored])
        made = column([above, self.view, WrappedRow([self._copy, self._save, self._save_curves, self._save_picture])])
        made.setStretch(1, 1)
        return made

    def _connect(self) -> None:
        self._doses.changed.connect(self._draw)
        for choice in (self._dose, self._structures):
            choice.activated.connect(lambda _place: self._choose())
        self._gray.valueChanged.connect(lambda value: self._doses.ask_volume_at(float(value)))
        self._unit.activated.connect(lambda _place: self._draw(self._state))
        self._with_stored.toggled.connect(lambda _on: self._draw(self._state))
        self.view.selectionModel().currentChanged.connect(lambda _now, _before: self._highlight())
        self.plot.pointed.connect(self._pointed.setText)
        self._copy.clicked.connect(self._copy_rows)
        self._save.clicked.connect(lambda: self._save_as("doses.csv", False))
        self._save_curves.clicked.connect(lambda: self._save_as("dose-volume-histograms.csv", True))
        self._save_picture.clicked.connect(self._save_plot)

    def _choose(self) -> None:
        self._doses.choose(int(self._dose.property("currentIndex")), int(self._structures.property("currentIndex")))

    def _copy_rows(self) -> None:
        columns = _columns(self._state.at_gy)
        rows = [one for item in self._model.top_rows() for one in (item, *(item.below or ()))]
        cells = [[column.format(value) for column, value in zip(columns, one.values, strict=True)] for one in rows]
        QtWidgets.QApplication.clipboard().setText(plain_rows([column.title for column in columns], cells))

    def _save_as(self, start: str, curves: bool) -> None:
        path = choose_save_file(self.widget, _("Save histograms"), start, _("CSV (*.csv)"))
        if path:
            self._doses.save(path, curves)

    def _save_plot(self) -> None:
        path = choose_save_file(self.widget, _("Save picture"), "dose-volume-histograms.png", _("PNG (*.png)"))
        if path:
            try:
                save_image(Path(path), self.plot.picture().toImage())
            except IDCBrowserError as error:
                self._pointed.setText(str(error))
            else:
                self._pointed.setText(_("Saved to {path}.").format(path=path))

    def _highlight(self) -> None:
        item = self._model.row_at(self.view.currentIndex())
        self.plot.highlight(item.key[0] if item is not None else "")

    # What the browser says

    def _draw(self, state: DoseState) -> None:
        former, self._state = self._state, state
        if bool(former.doses) != bool(state.doses):
            self.heading_changed.emit(self.heading())
        _show_choices(self._dose, state.doses, state.dose)
        _show_choices(self._structures, state.structure_sets, state.structures)
        self._plans.setText("\n".join(_("Plan {plan}").format(plan=plan) for plan in state.plans))
        self._plans.setVisible(bool(state.plans))
        self._notes.setText(_note(state))
        self._notes.setVisible(bool(_note(state)))
        unit = str(self._unit.property("currentText")) or "%"
        with_stored = bool(self._with_stored.property("checked"))
        self.plot.show_curves(_curves(state.rois, unit, with_stored), unit)
        for one in (self._copy, self._save, self._save_curves, self._save_picture):
            one.setEnabled(bool(state.rois))
        self._draw_table(state, with_stored)

    def _draw_table(self, state: DoseState, with_stored: bool) -> None:
        columns = _columns(state.at_gy)
        chosen = self._model.row_at(self.view.currentIndex())
        self._model.show_rows([_row(number, roi, state, with_stored) for number, roi in enumerate(state.rois)], columns)
        self.view.expandAll()
        if chosen is not None:
            self.view.setCurrentIndex(self._model.index_of(chosen.key))
        self._highlight()


def _choice(name: str, accessible_name: str) -> QtWidgets.QComboBox:
    made = choice_box(name, accessible_name)
    made.setMinimumContentsLength(4)
    made.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return made


def _show_choices(choice: QtWidgets.QComboBox, items: Sequence[Loaded], chosen: int) -> None:
    choice.blockSignals(True)
    choice.clear()
    choice.addItems([item.name[:100] for item in items])
    choice.setCurrentIndex(chosen)
    choice.blockSignals(False)
    choice.setEnabled(bool(items))


def _note(state: DoseState) -> str:
    if state.running:
        return _("Computing histograms...")
    if state.problem:
        return state.problem
    if state.dose < 0 or state.structures < 0:
        missing = _("a dose (RTDOSE)") if state.dose < 0 else _("the structure set (RTSTRUCT) of the dose")
        return _('Nothing is computed. Select {missing} in the tables and press "Download and load".').format(missing=missing)
    return "\n".join(state.warnings[:3])


def _curves(rois: Sequence[RoiHistogram], unit: str, with_stored: bool) -> list[PlotCurve]:
    place = 2 if unit == "%" else 1
    found = []
    for number, roi in enumerate(rois):
        red, green, blue = roi["color"]
        color = red, green, blue
        for points, stored in ((roi["curve"], False), (roi["stored_curve"] if with_stored else (), True)):
            if points:
                found.append(PlotCurve(letter_of(number), roi["name"], color, [(point[0], point[place]) for point in points], stored))
    return found


def _figure(digits: int) -> Callable[[object], str]:
    return lambda value: f"{value:,.{digits}f}" if isinstance(value, float) else EMPTY if value is None else str(value)


def _columns(gray: float) -> tuple[Column, ...]:
    doses = (("min_gy", _("Min")), ("mean_gy", _("Mean")), ("max_gy", _("Max")), ("d95_gy", "D95"), ("d2_gy", "D2"))
    tips = {
        "d95_gy": _("The dose in Gy that 95 % of the volume receive at least"),
        "d2_gy": _("The dose in Gy that 2 % of the volume receive at least"),
    }
    return (
        Column("name", _("ROI"), 22, str),
        Column("volume_cc", "cc", 8, _figure(1), True, _("Volume in cc")),
        *(Column(key, title, 6, _figure(2), True, tips.get(key, _("In Gy"))) for key, title in doses),
        Column("v", f"V{gray:g} %", 7, _figure(1), True, _("Percent of the volume that receive at least {dose} Gy").format(dose=f"{gray:g}")),
        Column("v_cc", f"V{gray:g} cc", 8, _figure(1), True, _("cc that receive at least {dose} Gy").format(dose=f"{gray:g}")),
    )


def _row(number: int, roi: RoiHistogram, state: DoseState, with_stored: bool) -> TreeRow:
    below = []
    if with_stored and roi["stored"] is not None:
        stored = _values(_("planning system"), roi["stored"], state.volume_at(roi, True))
        below.append(TreeRow((letter_of(number), _STORED), stored))
    name = f"{letter_of(number)}  {roi['name'][:200]}"
    return TreeRow((letter_of(number),), _values(name, roi, state.volume_at(roi)), tip=roi["name"][:500], below=below)


def _values(name: str, statistics: Statistics, at: tuple[float, float] | None) -> list[object]:
    figures: dict[str, object] = dict(statistics)
    cc, percent = at if at is not None else (None, None)
    return [name, *(figures[key] for key in STATISTICS), percent, None if statistics["volume_cc"] is None else cc]
