"""One end of a range: its title, a box to type it and a slider over the bins to drag it."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import Qt, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import row


class BackwardSlider(QtWidgets.QSlider):
    """Its values grow to the left, so that the filled part lies to the right of the handle; the keys move the handle as in any other slider."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setInvertedAppearance(True)
        self.setInvertedControls(True)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Inverted controls leave out these two keys."""
        if event.key() == Qt.Key.Key_Home:
            self.setValue(int(self.property("maximum")))
        elif event.key() == Qt.Key.Key_End:
            self.setValue(0)
        else:
            QtWidgets.QSlider.keyPressEvent(self, event)


class RangeEnd:
    """``on_typed()`` when something was typed, ``on_moved(bin)`` while the handle moves.

    The filled part of the slider of a ``lower`` end lies to the right of the handle, that of an upper one to the left: what is filled is inside.
    """

    def __init__(self, name: str, title: str, lower: bool, on_typed: Callable[[], None], on_moved: Callable[[int], None]) -> None:
        self._on_moved = on_moved
        self._lower = lower
        self.edit = self._make_edit(name, title, on_typed)
        self.slider = self._make_slider(f"{name}Slider", title)
        heading = QtWidgets.QLabel(title)
        heading.setMinimumWidth(heading.fontMetrics().horizontalAdvance(_("From") + " "))
        heading.setBuddy(self.edit)
        self.line = row([heading, self.edit, self.slider])

    def _make_edit(self, name: str, title: str, on_typed: Callable[[], None]) -> QtWidgets.QLineEdit:
        edit = QtWidgets.QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(title)
        edit.setToolTip(_("A number. Sizes may have a unit, such as 20 MB. Leave empty for no limit."))
        edit.setMaxLength(30)
        edit.setMaximumWidth(12 * edit.fontMetrics().averageCharWidth())
        edit.editingFinished.connect(on_typed)
        return edit

    def _make_slider(self, name: str, title: str) -> QtWidgets.QSlider:
        slider = BackwardSlider() if self._lower else QtWidgets.QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName(name)
        slider.setAccessibleName(title)
        slider.setToolTip(_("Drag, or use the arrow keys."))
        slider.valueChanged.connect(self._moved)
        return slider

    def typed(self) -> str:
        """What stands in the box."""
        return str(self.edit.property("text")).strip()

    def hint(self) -> str:
        """What was suggested."""
        return str(self.edit.property("placeholderText"))

    def write(self, text: str) -> None:
        """Put a number into the box."""
        self.edit.setText(text)

    def suggest(self, hint: str) -> None:
        """What the box shows while it is empty."""
        self.edit.setPlaceholderText(hint)

    def place(self, bins: int, at: int) -> None:
        """Put the handle at a bin, unless it is just being dragged."""
        blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, bins - 1))
        self.slider.setEnabled(bins > 1)
        if not self.slider.isSliderDown():
            self.slider.setValue(self._turned(at))
        self.slider.blockSignals(blocked)

    def stop_at(self, at: int) -> None:
        """Put the handle at a bin, also while it is being dragged."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(self._turned(at))
        self.slider.blockSignals(blocked)

    @property
    def at(self) -> int:
        """The bin at which the handle stands."""
        return self._turned(int(self.slider.property("value")))

    def _turned(self, number: int) -> int:
        return int(self.slider.property("maximum")) - number if self._lower else number

    def _moved(self, value: int) -> None:
        self._on_moved(self._turned(value))
