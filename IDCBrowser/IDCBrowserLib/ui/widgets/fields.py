"""Rows of a form: a labeled field with what is wrong with it below. Each draws a text and tells the text that the user made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.qtbinding import Qt, QtCore, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, icon_label, label, row
from IDCBrowserLib.ui.widgets.icons import pixmap
from IDCBrowserLib.ui.widgets.plain_tip import plain

if TYPE_CHECKING:
    from IDCBrowserLib.ui.widgets.building_blocks import Part

_ICON_PIXELS = 16
_MIN_CHARACTERS = 12
_SPIN_CHARACTERS = 20

OnText = Callable[[str], None]


class WheelGuard(QtCore.QObject):
    """Turning the wheel over a field scrolls the page; it changes the field only when that has the focus."""

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """See Qt."""
        if event.type() != QtCore.QEvent.Type.Wheel or watched.property("focus"):
            return False
        event.ignore()
        return True


class Field:
    """``widget`` is the row's right side: ``control`` and the problem. ``show(text)`` draws, ``set_problem`` says what is wrong or nothing.

    ``beside`` are widgets after the control; None is a stretch.
    """

    def __init__(self, name: str, control: QtWidgets.QWidget, title: str, tip: str, beside: Sequence[Part] = ()) -> None:
        self.control = control
        control.setObjectName(name)
        control.setAccessibleName(title.replace("&", ""))
        control.setToolTip(plain(tip))
        self._tip = tip
        self.label = QtWidgets.QLabel(title)
        self.label.setBuddy(control)
        self._icon = icon_label(f"{name}ProblemIcon")
        self._icon.setPixmap(pixmap("warning", _ICON_PIXELS))
        self._problem = label(f"{name}Problem", "", True)
        problem = row([self._icon, self._problem])
        problem.setStretch(1, 1)
        line = row([control, *beside])
        line.setStretch(0, 0 if None in beside else 1)
        self.widget = holder(column([line, problem]))
        self.set_problem("")

    def show(self, text: str) -> None:
        """Draw a text unless the user is at it."""
        raise NotImplementedError

    def set_problem(self, text: str) -> None:
        """What is wrong, or ""."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._icon.setVisible(bool(text))
        self.control.setAccessibleDescription(text)

    def guard_wheel(self) -> None:
        """For controls that the wheel changes."""
        self._guard = WheelGuard(self.control)
        self.control.installEventFilter(self._guard)
        self.control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_fixed(self, reason: str) -> None:
        """A sentence why it cannot be changed, or "" when it can."""
        self.control.setEnabled(not reason)
        self.control.setToolTip(plain(reason or self._tip))


class _SpinField(Field):
    def __init__(self, name: str, spin: QtWidgets.QSpinBox | QtWidgets.QDoubleSpinBox, title: str, tip: str, changed: Callable[[], None]) -> None:
        super().__init__(name, spin, title, tip, [None])
        # A number is a value when it is whole, not at each of its digits.
        spin.setKeyboardTracking(False)
        spin.setFixedWidth(_SPIN_CHARACTERS * spin.fontMetrics().averageCharWidth())
        self.guard_wheel()
        spin.valueChanged.connect(lambda _value: changed())


class NumberField(_SpinField):
    """A whole number. ``put`` is called when it was changed."""

    def __init__(self, name: str, title: str, tip: str, limits: tuple[int, int], put: OnText) -> None:
        spin = QtWidgets.QSpinBox()
        spin.setRange(*limits)
        super().__init__(name, spin, title, tip, lambda: put(str(spin.property("value"))))
        self._spin = spin

    def show(self, text: str) -> None:
        """See ``Field``."""
        _quietly(self._spin, lambda: self._spin.setValue(int(text)))


class AmountField(_SpinField):
    """A number with one digit after the point and a ``unit``; 0 has a text of its own."""

    def __init__(self, name: str, title: str, tip: str, most: float, unit: str, zero: str, put: OnText) -> None:
        spin = QtWidgets.QDoubleSpinBox()
        spin.setDecimals(1)
        spin.setRange(0.0, most)
        spin.setSuffix(f" {unit}")
        spin.setSpecialValueText(zero)
        super().__init__(name, spin, title, tip, lambda: put(f"{spin.property('value'):g}"))
        self._spin = spin

    def show(self, text: str) -> None:
        """See ``Field``."""
        _quietly(self._spin, lambda: self._spin.setValue(float(text)))


class ChoiceField(Field):
    """One of ``choices`` (value, text)."""

    def __init__(self, name: str, title: str, tip: str, choices: Sequence[tuple[str, str]], put: OnText) -> None:
        combo = QtWidgets.QComboBox()
        combo.addItems([text for _value, text in choices])
        combo.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(_MIN_CHARACTERS)
        super().__init__(name, combo, title, tip)
        self._combo = combo
        self._values = [value for value, _text in choices]
        self.guard_wheel()
        combo.currentIndexChanged.connect(lambda _number: put(self.chosen()))

    def chosen(self) -> str:
        """What is chosen."""
        return self._values[max(0, int(self._combo.property("currentIndex")))]

    def show(self, text: str) -> None:
        """See ``Field``."""
        _quietly(self._combo, lambda: self._combo.setCurrentIndex(self._values.index(text)))


class TextField(Field):
    """A line, ``edit``. ``check`` is called while it is typed, ``put`` at its end."""

    def __init__(self, name: str, title: str, tip: str, hint: str, check: OnText, put: OnText, beside: Sequence[Part] = ()) -> None:
        edit = QtWidgets.QLineEdit()
        edit.setPlaceholderText(hint)
        edit.setClearButtonEnabled(True)
        edit.setMaxLength(2000)
        super().__init__(name, edit, title, tip, beside)
        self.edit = edit
        edit.textEdited.connect(check)
        edit.editingFinished.connect(lambda: put(self.typed()))

    def typed(self) -> str:
        """What stands there."""
        return str(self.edit.property("text"))

    def show(self, text: str) -> None:
        """See ``Field``."""
        if self.typed().strip() != text:
            self.edit.setText(text)


def form(fields: Sequence[Field]) -> QtWidgets.QWidget:
    """A widget with the labels on the left where there is room, above the fields in a narrow panel."""
    made = QtWidgets.QFormLayout()
    made.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
    made.setFieldGrowthPolicy(QtWidgets.QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    for field in fields:
        made.addRow(field.label, field.widget)
    made.setContentsMargins(0, 0, 0, 0)
    return holder(made)


def box(name: str, title: str, layout: QtWidgets.QLayout) -> QtWidgets.QGroupBox:
    """A group box."""
    made = QtWidgets.QGroupBox(title)
    made.setObjectName(name)
    made.setLayout(layout)
    return made


def choose_file(parent: QtWidgets.QWidget | None, title: str, filters: str) -> str:
    """A file that the user picked, or "" when canceled."""
    answer = QtWidgets.QFileDialog.getOpenFileName(parent, title, "", filters)
    return str(answer if isinstance(answer, str) else answer[0])


def choose_files(parent: QtWidgets.QWidget | None, title: str, filters: str) -> list[str]:
    """Files that the user picked; none when canceled."""
    answer = QtWidgets.QFileDialog.getOpenFileNames(parent, title, "", filters)
    # PySide6 gives the filter as well.
    paths = answer if all(isinstance(part, str) for part in answer) else answer[0]
    return [str(path) for path in paths]


def _quietly(control: QtWidgets.QWidget, draw: Callable[[], None]) -> None:
    before = control.blockSignals(True)
    draw()
    control.blockSignals(before)
