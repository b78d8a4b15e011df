"""One end of a range: its title, a box to type it, and a handle on the histogram to drag it."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.finding.range_bars import Bars
from IDCBrowserLib.ui.widgets.building_blocks import row


class RangeEnd:
    """``on_typed()`` when something was typed, ``on_moved(bin)`` while the handle moves. A ``lower`` end has the left handle of ``bars``."""

    def __init__(self, name: str, title: str, lower: bool, bars: Bars, on_typed: Callable[[], None], on_moved: Callable[[int], None]) -> None:
        self.edit = self._make_edit(name, title, on_typed)
        self.slider = bars.low if lower else bars.high
        self.slider.setObjectName(f"{name}Slider")
        self.slider.setAccessibleName(title)
        self.slider.setToolTip(_("Drag, or use the arrow keys."))
        self.slider.valueChanged.connect(on_moved)
        heading = QtWidgets.QLabel(title)
        heading.setBuddy(self.edit)
        self.line = row([heading, self.edit])

    def _make_edit(self, name: str, title: str, on_typed: Callable[[], None]) -> QtWidgets.QLineEdit:
        edit = QtWidgets.QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(title)
        edit.setToolTip(_("A number. Sizes may have a unit, such as 20 MB. Leave empty for no limit."))
        edit.setMaxLength(30)
        edit.setMaximumWidth(12 * edit.fontMetrics().averageCharWidth())
        edit.editingFinished.connect(on_typed)
        return edit

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
            self.slider.setValue(at)
        self.slider.blockSignals(blocked)
        self.slider.follow()

    def stop_at(self, at: int) -> None:
        """Put the handle at a bin, also while it is being dragged."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(at)
        self.slider.blockSignals(blocked)
        self.slider.follow()

    @property
    def at(self) -> int:
        """The bin at which the handle stands."""
        return int(self.slider.property("value"))
