"""The editor of a form: a list of questions, and the fields of the one that is selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.review.form import ABOUT, KINDS, MOST_QUESTIONS, Form, Question, default_form, form_of, free_key, read_form, write_form
from IDCBrowserLib.ui.widgets.building_blocks import button, choice_box, column, holder, label, line_edit, row, small_button, spin_box
from IDCBrowserLib.ui.widgets.fields import choose_file
from IDCBrowserLib.ui.widgets.save_dialog import choose_save_file, with_ending
from IDCBrowserLib.ui.widgets.views import tree_widget
from IDCBrowserLib.ui.widgets.wrapped_row import WrappedRow

_DIGITS = (0, 9)


def _kind_texts() -> tuple[str, ...]:
    return _("Rating"), _("Choice"), _("Text"), _("Yes or no")


def _about_texts() -> tuple[str, ...]:
    return _("the entry"), _("each segment")


class FormEditor:
    """``widget``. ``form`` is what is edited; ``problem`` says why it cannot be used, or "". ``on_done`` is called by its button."""

    def __init__(self, on_done: Callable[[], None]) -> None:
        self._questions = list(default_form().questions)
        self._tree = tree_widget("formQuestions", _("Questions"), [_("Question"), _("Kind"), _("About")], (30, 14))
        self._tree.setRootIsDecorated(False)
        self._text = line_edit("formText", _("What is asked"), _("The question in words."), _("Question"), 200)
        self._kind = choice_box("formKind", _("Kind"), _kind_texts())
        self._about = choice_box("formAbout", _("Asked about"), _about_texts())
        tip = _("What can be chosen, separated by semicolons.")
        self._options = line_edit("formOptions", _("good; acceptable; bad"), tip, _("Options"), 4000)
        self._low, self._high = spin_box("formLow", _("Lowest rating"), _DIGITS), spin_box("formHigh", _("Highest rating"), _DIGITS)
        self._range = holder(row([QtWidgets.QLabel(_("from")), self._low, QtWidgets.QLabel(_("to")), self._high, None]), "formRange")
        self._add = button("formAdd", _("Add"), _("Add a question."))
        self._remove = button("formRemove", _("Remove"), _("Remove the selected question."))
        self._up = small_button("formUp", "\N{UPWARDS ARROW}", _("Ask it earlier."))
        self._down = small_button("formDown", "\N{DOWNWARDS ARROW}", _("Ask it later."))
        self._open = button("formOpen", _("Open..."), _("Take the questions of a file."))
        self._save = button("formSave", _("Save..."), _("Save the questions to a file, for other lists and other people."))
        self._done = button("formDone", _("Done"), _("Use these questions for the new list."))
        self._problem = label("formProblem", "", True)
        fields = QtWidgets.QFormLayout()
        fields.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
        self._options_title = QtWidgets.QLabel(_("Options"))
        self._range_title = QtWidgets.QLabel(_("Rating"))
        for title, control in (
            (QtWidgets.QLabel(_("Question")), self._text),
            (QtWidgets.QLabel(_("Kind")), self._kind),
            (QtWidgets.QLabel(_("Asked about")), self._about),
            (self._options_title, self._options),
            (self._range_title, self._range),
        ):
            fields.addRow(title, control)
        buttons = WrappedRow([self._add, self._remove, self._up, self._down, self._open, self._save, self._done])
        made = column([self._tree, holder(fields), self._problem, buttons])
        made.setStretch(0, 1)
        self.widget = holder(made, "formEditor")
        self._connect(on_done)
        self._draw_list(0)

    @property
    def form(self) -> Form:
        """Of the questions as they are; raises ``InputError`` where they make none."""
        return form_of(Form(tuple(self._questions)).to_json())

    @property
    def problem(self) -> str:
        """Why they make none."""
        try:
            form_of(Form(tuple(self._questions)).to_json())
        except IDCBrowserError as error:
            return str(error)
        return ""

    def _connect(self, on_done: Callable[[], None]) -> None:
        self._tree.currentItemChanged.connect(lambda _item, _former: self._draw_fields())
        self._text.textEdited.connect(lambda _text: self._take())
        self._options.textEdited.connect(lambda _text: self._take())
        for combo in (self._kind, self._about):
            combo.activated.connect(lambda _place: self._take())
        for spin in (self._low, self._high):
            spin.valueChanged.connect(lambda _value: self._take())
        self._add.clicked.connect(self._add_question)
        self._remove.clicked.connect(self._remove_question)
        self._up.clicked.connect(lambda: self._move(-1))
        self._down.clicked.connect(lambda: self._move(1))
        self._open.clicked.connect(self._open_file)
        self._save.clicked.connect(self._save_file)
        self._done.clicked.connect(on_done)

    def _current(self) -> int:
        item = self._tree.currentItem()
        return self._tree.indexOfTopLevelItem(item) if item is not None else -1

    def _take(self) -> None:
        """What the fields say is the question."""
        place = self._current()
        if place < 0:
            return
        kind = KINDS[int(self._kind.property("currentIndex"))]
        options = tuple(" ".join(one.split()) for one in str(self._options.property("text")).split(";") if one.strip())
        self._questions[place] = replace(
            self._questions[place],
            text=" ".join(str(self._text.property("text")).split()),
            kind=kind,
            about=ABOUT[int(self._about.property("currentIndex"))],
            options=options if kind == "choice" else (),
            low=int(self._low.property("value")) if kind == "rating" else 1,
            high=int(self._high.property("value")) if kind == "rating" else 5,
        )
        self._draw_row(place)
        self._draw_kind()
        self._draw_problem()

    def _add_question(self) -> None:
        text = _("New question")
        key = free_key(f"q{len(self._questions) + 1}", {one.key for one in self._questions})
        self._questions.append(Question(key, text, "rating"))
        self._draw_list(len(self._questions) - 1)
        self._text.selectAll()
        self._text.setFocus()

    def _remove_question(self) -> None:
        place = self._current()
        if place >= 0:
            del self._questions[place]
            self._draw_list(min(place, len(self._questions) - 1))

    def _move(self, by: int) -> None:
        place = self._current()
        if place >= 0 and 0 <= place + by < len(self._questions):
            self._questions.insert(place + by, self._questions.pop(place))
            self._draw_list(place + by)

    def _open_file(self) -> None:
        path = choose_file(self.widget, _("Open form"), _("Form (*.json);;All files (*)"))
        if path:
            try:
                self._questions = list(read_form(Path(path)).questions)
            except IDCBrowserError as error:
                self._problem.setText(str(error))
                return
            self._draw_list(0)

    def _save_file(self) -> None:
        path = choose_save_file(self.widget, _("Save form"), "form.json", _("Form (*.json)"))
        if path:
            try:
                write_form(Path(with_ending(path, ".json")), self.form)
            except IDCBrowserError as error:
                self._problem.setText(str(error))

    def _draw_list(self, place: int) -> None:
        self._tree.blockSignals(True)
        self._tree.clear()
        for number in range(len(self._questions)):
            self._tree.addTopLevelItem(QtWidgets.QTreeWidgetItem(["", "", ""]))
            self._draw_row(number)
        if 0 <= place < len(self._questions):
            self._tree.setCurrentItem(self._tree.topLevelItem(place))
        self._tree.blockSignals(False)
        self._draw_fields()

    def _draw_row(self, place: int) -> None:
        question, item = self._questions[place], self._tree.topLevelItem(place)
        if item is not None:
            item.setText(0, question.text)
            item.setText(1, _kind_texts()[KINDS.index(question.kind)])
            item.setText(2, _about_texts()[ABOUT.index(question.about)])

    def _draw_fields(self) -> None:
        place = self._current()
        question = self._questions[place] if place >= 0 else None
        controls = (self._text, self._kind, self._about, self._options, self._low, self._high)
        for control in controls:
            control.setEnabled(question is not None)
            control.blockSignals(True)
        if question is not None:
            self._text.setText(question.text)
            self._kind.setCurrentIndex(KINDS.index(question.kind))
            self._about.setCurrentIndex(ABOUT.index(question.about))
            self._options.setText("; ".join(question.options))
            self._low.setValue(question.low)
            self._high.setValue(question.high)
        for control in controls:
            control.blockSignals(False)
        for made in (self._remove, self._up, self._down):
            made.setEnabled(question is not None)
        self._draw_kind()
        self._draw_problem()

    def _draw_kind(self) -> None:
        place = self._current()
        kind = self._questions[place].kind if place >= 0 else ""
        for part in (self._options, self._options_title):
            part.setVisible(kind == "choice")
        for other in (self._range, self._range_title):
            other.setVisible(kind == "rating")

    def _draw_problem(self) -> None:
        problem = self.problem
        self._problem.setText(problem)
        self._done.setEnabled(not problem)
        self._save.setEnabled(not problem)
        self._add.setEnabled(len(self._questions) < MOST_QUESTIONS)
