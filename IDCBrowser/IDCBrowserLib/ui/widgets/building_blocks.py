"""Small helpers for building panels the same way everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.plain_tip import plain

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    # None is a stretch.
    Part = QtWidgets.QWidget | QtWidgets.QBoxLayout | None
    Box = TypeVar("Box", bound=QtWidgets.QBoxLayout)
    Widget = TypeVar("Widget", bound=QtWidgets.QWidget)

SPACING = 6
# QWIDGETSIZE_MAX: a height that limits nothing.
ANY_HEIGHT = (1 << 24) - 1


def column(parts: Sequence[Part], margin: int = 0) -> QtWidgets.QVBoxLayout:
    """A vertical layout of widgets and layouts."""
    return _fill(QtWidgets.QVBoxLayout(), parts, margin)


def row(parts: Sequence[Part], margin: int = 0) -> QtWidgets.QHBoxLayout:
    """A horizontal layout of widgets and layouts; None is a stretch."""
    return _fill(QtWidgets.QHBoxLayout(), parts, margin)


def choice_box(name: str, accessible_name: str, texts: Sequence[str] = (), tip: str = "") -> QtWidgets.QComboBox:
    """A box to choose one of ``texts``; ``tip`` where it says more than the name."""
    made = QtWidgets.QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(accessible_name)
    made.setToolTip(plain(tip or accessible_name))
    made.addItems(list(texts))
    return made


def narrow_choice_box(name: str, accessible_name: str, tip: str = "") -> QtWidgets.QComboBox:
    """A box to choose from, as wide as the place that it has, whatever its texts."""
    made = choice_box(name, accessible_name, (), tip)
    made.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    made.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    return made


def check_box(name: str, text: str, tip: str) -> QtWidgets.QCheckBox:
    """A box that is checked or not."""
    made = QtWidgets.QCheckBox(text)
    made.setObjectName(name)
    made.setToolTip(plain(tip))
    return made


def spin_box(name: str, accessible_name: str, limits: tuple[int, int], tip: str = "") -> QtWidgets.QSpinBox:
    """A box for a whole number within ``limits``, both included; ``tip`` where it says more than the name."""
    made = QtWidgets.QSpinBox()
    made.setObjectName(name)
    made.setAccessibleName(accessible_name)
    made.setToolTip(plain(tip or accessible_name))
    made.setRange(*limits)
    return made


def holder(layout: QtWidgets.QLayout, name: str = "") -> QtWidgets.QWidget:
    """A widget around a layout."""
    widget = QtWidgets.QWidget()
    widget.setLayout(layout)
    widget.setObjectName(name)
    return widget


def steady(widget: QtWidgets.QWidget, name: str) -> QtWidgets.QScrollArea:
    """The widget, in a frame that keeps to itself what changes inside.

    Each label that gets another text has everything around it laid out again, up to the window; a ``QTabWidget`` draws all of itself for that.
    """
    # A scroll area makes a widget as high as wrapped texts would like it. A splitter, here of one part, only asks for what it needs at least.
    inside = QtWidgets.QSplitter()
    inside.addWidget(widget)
    inside.setChildrenCollapsible(False)
    # What is too wide is pressed together; only rows may have to be scrolled to.
    widget.setMinimumWidth(1)
    return scrolled(inside, name)


def scrolled(widget: QtWidgets.QWidget, name: str) -> QtWidgets.QScrollArea:
    """The widget as high as its wrapped texts want it, to be scrolled where that is more than there is; for pages longer than a window."""
    # What is too wide is pressed together.
    widget.setMinimumWidth(1)
    area = QtWidgets.QScrollArea()
    area.setObjectName(name)
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def splitter(name: str, orientation: Qt.Orientation, widgets: Sequence[QtWidgets.QWidget]) -> QtWidgets.QSplitter:
    """Parts that a person can make larger and smaller, but not close."""
    made = QtWidgets.QSplitter(orientation)
    made.setObjectName(name)
    made.setChildrenCollapsible(False)
    for widget in widgets:
        made.addWidget(widget)
    return made


def label(name: str, text: str = "", wrap: bool = False) -> QtWidgets.QLabel:
    """A label whose text is shown as it is, never taken for HTML, and can be copied."""
    made = QtWidgets.QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if wrap:
        # Else it is at least as wide as its longest word, a UID for instance; Slicer's module panel never becomes narrower again.
        made.setMinimumWidth(1)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def bold(widget: Widget) -> Widget:
    """The widget, with its font in bold."""
    font = QtGui.QFont(widget.property("font"))
    font.setBold(True)
    widget.setFont(font)
    return widget


def icon_label(name: str) -> QtWidgets.QLabel:
    """A label for a small icon."""
    made = QtWidgets.QLabel()
    made.setObjectName(name)
    made.setAlignment(Qt.AlignmentFlag.AlignTop)
    return made


def button(name: str, text: str, tip: str) -> QtWidgets.QPushButton:
    """A push button; ``&`` in the text marks its key."""
    made = QtWidgets.QPushButton(text)
    made.setObjectName(name)
    made.setToolTip(plain(tip))
    made.setAccessibleDescription(tip)
    return made


def small_button(name: str, text: str, tip: str) -> QtWidgets.QToolButton:
    """A button that is no wider than its text, for what is needed less often."""
    made = QtWidgets.QToolButton()
    made.setText(text)
    made.setObjectName(name)
    made.setToolTip(plain(tip))
    made.setAccessibleDescription(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def line_edit(name: str, hint: str, tip: str, accessible_name: str, longest: int) -> QtWidgets.QLineEdit:
    """A line to type in; ``hint`` is shown while it is empty, ``longest`` is in characters."""
    made = QtWidgets.QLineEdit()
    made.setObjectName(name)
    made.setPlaceholderText(hint)
    made.setToolTip(plain(tip))
    made.setAccessibleName(accessible_name)
    made.setMaxLength(longest)
    return made


def _fill(layout: Box, parts: Sequence[Part], margin: int) -> Box:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(SPACING)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif _is_box(part):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout


def _is_box(part: QtWidgets.QWidget | QtWidgets.QBoxLayout) -> TypeIs[QtWidgets.QBoxLayout]:
    # isinstance knows no derived classes in PythonQt.
    return hasattr(part, "addStretch")
