"""One question of a form with the control that answers it: buttons for ratings and flags, a box for choices, lines for text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.review.form import LONGEST_TEXT, Question, Value
from IDCBrowserLib.ui.widgets.building_blocks import choice_box, holder, label, row
from IDCBrowserLib.ui.widgets.plain_tip import plain

Put = Callable[[Value | None], None]
# Longer titles are wrapped.
_TITLE_CHARACTERS = 30


class AnswerField:
    """``title`` and ``widget`` beside each other. ``show`` draws an answer without telling; ``mark`` says that digits answer it."""

    def __init__(self, question: Question, widget: QtWidgets.QWidget) -> None:
        self.question = question
        self.widget = widget
        self.title = label(f"reviewTitle_{question.key}", question.text, True)
        font = QtGui.QFont(self.title.property("font"))
        font.setBold(True)
        whole = QtGui.QFontMetrics(font).horizontalAdvance(question.text) + 4
        self.title.setMinimumWidth(min(whole, _TITLE_CHARACTERS * self.title.fontMetrics().averageCharWidth()))
        self.title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show(self, value: Value | None) -> None:
        """None where nothing was answered."""
        raise NotImplementedError

    def mark(self, active: bool) -> None:
        """In bold while digits answer it."""
        font = self.title.property("font")
        font.setBold(active)
        self.title.setFont(font)

    def set_enabled(self, enabled: bool) -> None:
        """Whether it can be answered."""
        self.widget.setEnabled(enabled)


class ButtonsField(AnswerField):
    """A button for each value; the one that is pressed again takes the answer back."""

    def __init__(self, question: Question, put: Put) -> None:
        self._values = question.values()
        self._buttons = [self._button(question, value, put) for value in self._values]
        AnswerField.__init__(self, question, holder(row([*self._buttons, None]), f"reviewButtons_{question.key}"))

    def show(self, value: Value | None) -> None:
        """See ``AnswerField``."""
        for one, made in zip(self._values, self._buttons, strict=True):
            made.setChecked(value is not None and one == value)

    def _button(self, question: Question, value: Value, put: Put) -> QtWidgets.QToolButton:
        made = QtWidgets.QToolButton()
        text = (_("Yes") if value else _("No")) if isinstance(value, bool) else str(value)
        made.setText(text)
        made.setObjectName(f"reviewButton_{question.key}_{int(value)}")
        made.setAccessibleName(f"{question.text}: {text}")
        made.setToolTip(plain(_("Press again to take the answer back.")))
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setMinimumWidth(4 * made.fontMetrics().averageCharWidth() + 8)
        made.clicked.connect(lambda checked: put(value if checked else None))
        return made


class ChoiceField(AnswerField):
    """A box with all options, and an empty one."""

    def __init__(self, question: Question, put: Put) -> None:
        self._box = choice_box(f"reviewChoice_{question.key}", question.text, ["", *question.options])
        self._box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(12)
        self._box.activated.connect(lambda place: put(question.options[place - 1] if place > 0 else None))
        AnswerField.__init__(self, question, self._box)

    def show(self, value: Value | None) -> None:
        """See ``AnswerField``."""
        options = self.question.options
        self._box.setCurrentIndex(options.index(value) + 1 if isinstance(value, str) and value in options else 0)


class TextField(AnswerField):
    """A line; what is typed is kept when the line is left."""

    def __init__(self, question: Question, put: Put) -> None:
        self._line = QtWidgets.QLineEdit()
        self._line.setObjectName(f"reviewText_{question.key}")
        self._line.setAccessibleName(question.text)
        self._line.setToolTip(plain(_("Kept when you press Enter or go on.")))
        self._line.setMaxLength(LONGEST_TEXT)
        self._put = put
        self._line.editingFinished.connect(self.commit)
        AnswerField.__init__(self, question, self._line)

    def commit(self) -> None:
        """Keep what was typed."""
        put = self._put
        if self._line.property("modified"):
            put(str(self._line.property("text")).strip() or None)

    def show(self, value: Value | None) -> None:
        """See ``AnswerField``; not while somebody types."""
        text = str(value) if value is not None else ""
        if not self._line.property("focus") and str(self._line.property("text")) != text:
            self._line.setText(text)

    def show_again(self, value: Value | None) -> None:
        """Another entry: also while somebody types."""
        self._line.setText(str(value) if value is not None else "")


def make_fields(questions: Sequence[Question], put: Callable[[str, Value | None], None]) -> list[AnswerField]:
    """``put(key, value)`` is called when an answer changes."""
    others: dict[str, Callable[[Question, Put], AnswerField]] = {"choice": ChoiceField, "text": TextField}
    return [others.get(question.kind, ButtonsField)(question, partial(put, question.key)) for question in questions]


def fields_grid(fields: Sequence[AnswerField]) -> QtWidgets.QGridLayout:
    """Titles at the left."""
    grid = QtWidgets.QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnStretch(1, 1)
    for number, field in enumerate(fields):
        grid.addWidget(field.title, number, 0)
        grid.addWidget(field.widget, number, 1)
    return grid
