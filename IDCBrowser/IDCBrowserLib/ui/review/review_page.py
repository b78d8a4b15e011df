"""The page "Review": a list of entries that readers judge one after the other."""

from __future__ import annotations

from functools import partial
from typing import cast

from IDCBrowserLib.api.review import AgreementRow
from IDCBrowserLib.i18n import local_number
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.review.state import ReviewState
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets, number_of
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.ui.review.entry_view import EntryView
from IDCBrowserLib.ui.review.form_editor import FormEditor
from IDCBrowserLib.ui.review.start_view import StartView
from IDCBrowserLib.ui.widgets.building_blocks import button, column, holder, label, spin_box
from IDCBrowserLib.ui.widgets.save_dialog import with_ending
from IDCBrowserLib.ui.widgets.shortcuts import add_shortcut
from IDCBrowserLib.ui.widgets.text_rows_model import TextRowsModel
from IDCBrowserLib.ui.widgets.views import size_columns, table_view, view_action
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_MARGIN = 6
_START, _FORM, _ENTRY = range(3)
_WIDTHS = (24, 24, 18, 12, 8, 8)
_TABLE_ROWS = 6


class ReviewPage:
    """See ``pages.Page``. A second one, in Slicer's narrow panel, shows the same list beside the views."""

    name = "review"

    def __init__(self, browser: Browser) -> None:
        self.heading_changed: Signal[str] = Signal()
        self._browser = browser
        self._review = browser.review
        self.editor = FormEditor(self._form_done)
        self.start = StartView(browser, lambda: self.editor.form, lambda: self.stack.setCurrentIndex(_FORM))
        self.entry = EntryView(self._review)
        self._unanswered = button("reviewUnanswered", _("Next without answers"), _("The next entry that you have not answered."))
        self._go_to = spin_box("reviewGoTo", _("Go to entry"), (1, 1), _("Number of an entry to go to."))
        self._go_to.setKeyboardTracking(False)
        self._agreement = button("reviewAgreement", _("Agreement"), _("How far readers agree: Cohen's, weighted and Fleiss' kappa."))
        self._export = button("reviewExport", _("Save answers..."), _("Save all answers as CSV, Parquet or DICOM SR."))
        self._close = button("reviewClose", _("Close list"), _("Everything you answered is in the file."))
        self._model = TextRowsModel(_titles(), (3, 4, 5))
        self.table = table_view("reviewAgreementTable", _("Agreement of readers"), self._model)
        size_columns(self.table.horizontalHeader(), _WIDTHS)
        self.table.setMinimumHeight(_TABLE_ROWS * 2 * self.table.fontMetrics().height())
        self._no_agreement = label("reviewNoAgreement", _("No two readers have answered the same question yet."), True)
        self.stack = QtWidgets.QStackedWidget()
        for part in (self.start.widget, self.editor.widget, self._reading()):
            self.stack.addWidget(part)
        self.widget = holder(column([self.stack], _MARGIN), "reviewPage")
        self._actions = self._make_actions()
        self._application = cast("QtWidgets.QApplication", QtWidgets.QApplication.instance())
        self._connect()
        self._draw()

    def heading(self) -> str:
        """See ``pages.Page``."""
        return _("Review")

    def shown(self) -> None:
        """See ``pages.Page``."""
        self._draw()

    def disconnect(self) -> None:
        """See ``pages.Page``."""
        self._review.changed.disconnect(self._draw)
        self._review.closing.disconnect(self.entry.commit)
        self._application.applicationStateChanged.disconnect(self._application_state_changed)

    def _reading(self) -> QtWidgets.QWidget:
        below = WrappedRow([self._unanswered, self._go_to, self._agreement, self._export, self._close])
        made = column([self.entry.widget, self.table, self._no_agreement, below])
        made.setStretch(0, 1)
        return holder(made, "reviewReading")

    def _make_actions(self) -> list[QtGui.QAction]:
        window = Qt.ShortcutContext.WindowShortcut
        made = [
            add_shortcut(self.widget, "next_entry", _("Next entry"), lambda: self.entry.step(self._review.next), window),
            add_shortcut(self.widget, "previous_entry", _("Previous entry"), lambda: self.entry.step(self._review.previous), window),
        ]
        for digit in range(10):
            made.append(view_action(self.widget, str(digit), str(digit), partial(self._digit, digit), window))
        return made

    def _digit(self, digit: int, *_unused: object) -> None:
        self._review.answering.answer_digit(digit)

    def _connect(self) -> None:
        self._review.changed.connect(self._draw)
        self._review.closing.connect(self.entry.commit)
        self._unanswered.clicked.connect(lambda: self.entry.step(self._review.next_without_answers))
        self._go_to.valueChanged.connect(lambda number: self.entry.step(lambda: self._review.go_to(int(number) - 1)))
        self._agreement.clicked.connect(self._review.compare_readers)
        self._export.clicked.connect(self._save)
        self._close.clicked.connect(lambda: self.entry.step(self._review.leave))
        self._application.applicationStateChanged.connect(self._application_state_changed)

    def _save(self) -> None:
        self.entry.commit()
        kinds = _("CSV (*.csv);;Parquet (*.parquet);;DICOM SR (*.dcm)")
        path = self._browser.host.choose_save_file(_("Save answers"), "answers.csv", kinds)
        if path:
            self._review.export(with_ending(path, ".csv"))

    def _form_done(self) -> None:
        self.stack.setCurrentIndex(_START)
        self.start.draw(self._review.state)

    def _application_state_changed(self, state: Qt.ApplicationState) -> None:
        self._review.time.set_in_front(number_of(state) == number_of(Qt.ApplicationState.ApplicationActive))

    def _draw(self) -> None:
        state = self._review.state
        if state.is_open:
            self.stack.setCurrentIndex(_ENTRY)
        elif int(self.stack.property("currentIndex")) == _ENTRY:
            self.stack.setCurrentIndex(_START)
        for action in self._actions:
            action.setEnabled(state.is_open and bool(state.reader))
        if state.is_open:
            self.entry.draw(state)
            self._draw_below(state)
        else:
            self.start.draw(state)

    def _draw_below(self, state: ReviewState) -> None:
        self._go_to.blockSignals(True)
        self._go_to.setRange(1, max(1, state.entries))
        self._go_to.setSuffix(_(" of {count}").format(count=f"{state.entries:,}"))
        self._go_to.setValue(state.number + 1)
        self._go_to.blockSignals(False)
        for made in (self._unanswered, self._go_to):
            made.setEnabled(bool(state.reader))
        rows = state.agreement["rows"] if state.agreement is not None else ()
        self._model.show_rows(_titles(), [_texts(row) for row in rows])
        self.table.setVisible(bool(rows))
        self._no_agreement.setVisible(state.agreement is not None and not rows)


def _titles() -> tuple[str, ...]:
    return _("Question"), _("Readers"), _("Measure"), _("Compared"), _("Same"), _("Kappa")


def _texts(row: AgreementRow) -> tuple[str, ...]:
    same = "" if row["same"] is None else local_number(f"{100 * row['same']:.0f}") + " %"
    kappa = "-" if row["kappa"] is None else local_number(f"{row['kappa']:.3f}")
    return row["question"], " / ".join(row["readers"]), row["measure"], local_number(f"{row['compared']:,}"), same, kappa
