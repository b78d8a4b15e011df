"""The bar below a view of frames: play and pause, place, speed, and the windows that the file offers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.host.standalone.slice_view import SliceView
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.scene.provenance import FRAME_RATE_ATTRIBUTE, WINDOWS_ATTRIBUTE

if TYPE_CHECKING:
    from slicer import vtkMRMLVolumeNode

# Where the file states none.
_USUAL_RATE = 15.0
_FASTEST = 120.0
_MS = 1000.0


class CineBar(QtWidgets.QWidget):
    """Plays the frames of one slice view in a loop. ``show_volume`` with None hides it. ``all_views_asked``: the other views are wanted."""

    all_views_asked = QtCore.Signal()

    def __init__(self, view: SliceView, parent: QtWidgets.QWidget | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self.setObjectName("cineBar")
        # It lies on the dark ground of the views.
        self.setStyleSheet("QLabel { color: #e6e8ec; }")
        self._view = view
        self._windows: list[tuple[float, float]] = []
        self._began = (0.0, 0)
        self.play_button = QtWidgets.QToolButton()
        self.play_button.setObjectName("playButton")
        self.play_button.setCheckable(True)
        self.play_button.setToolTip(_("Play the frames in a loop"))
        self.place = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self.place.setObjectName("frameSlider")
        self.place.setAccessibleName(_("Frame"))
        self._place_text = QtWidgets.QLabel()
        self._place_text.setObjectName("frameText")
        self.rate = QtWidgets.QDoubleSpinBox()
        self.rate.setObjectName("frameRate")
        self.rate.setAccessibleName(_("Frames per second"))
        self.rate.setRange(0.5, _FASTEST)
        self.rate.setDecimals(1)
        self.rate.setSuffix(_(" frames/s"))
        self.window_list = QtWidgets.QComboBox()
        self.window_list.setObjectName("windowList")
        self.window_list.setToolTip(_("Windows that the file offers"))
        views_button = QtWidgets.QToolButton()
        views_button.setObjectName("allViewsButton")
        views_button.setText(_("All views"))
        views_button.setToolTip(_("Show the other views as well, with the list of images"))
        views_button.clicked.connect(lambda _checked: self.all_views_asked.emit())
        line = QtWidgets.QHBoxLayout(self)
        line.setContentsMargins(8, 4, 8, 4)
        for part in (self.play_button, self.place, self._place_text, self.rate, self.window_list):
            line.addWidget(part)
        line.setStretch(1, 1)
        line.addStretch(0)
        line.addWidget(views_button)
        self._timer = QtCore.QTimer(self)
        self._timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.show_due)
        self.play_button.toggled.connect(self._play)
        self.place.valueChanged.connect(self._go_to)
        self.rate.valueChanged.connect(lambda _rate: self._restart())
        self.window_list.activated.connect(self._take_window)
        self._draw()
        self.hide()

    def show_volume(self, volume: vtkMRMLVolumeNode | None) -> None:
        """Of frames without a place in the patient; stops what is played."""
        self.play_button.setChecked(False)
        image = volume.GetImageData() if volume is not None else None
        frames = int(image.GetDimensions()[2]) if image is not None else 0
        self._windows = []
        self.window_list.clear()
        if volume is not None:
            rate = volume.GetAttribute(FRAME_RATE_ATTRIBUTE)
            self.rate.setValue(float(rate) if rate else _USUAL_RATE)
            self.rate.setToolTip(_("As the file states") if rate else _("The file states no frame rate"))
            for center, width, name in json.loads(volume.GetAttribute(WINDOWS_ATTRIBUTE) or "[]"):
                self._windows.append((center, width))
                self.window_list.addItem(name or f"W {width:.5g}  L {center:.5g}")
        self.window_list.setVisible(len(self._windows) > 1)
        for part in (self.play_button, self.place, self._place_text, self.rate):
            part.setVisible(frames > 1)
        self.place.blockSignals(True)
        self.place.setRange(0, max(0, frames - 1))
        self.place.blockSignals(False)
        if frames > 1:
            self._go_to(0)
        self.setVisible(volume is not None)

    def stop(self) -> None:
        """Play no more."""
        self.play_button.setChecked(False)

    def _play(self, on: bool) -> None:
        if on:
            self._restart()
        else:
            self._timer.stop()
        self._draw()

    def _restart(self) -> None:
        if self.play_button.isChecked():
            self._began = (self._clock(), self.place.value())
            self._timer.start(max(1, round(_MS / self.rate.value())))

    def show_due(self) -> None:
        """The frame that is due: what a slow machine cannot draw is left out, so that the speed is right."""
        if not self._view.stack.count:
            self.stop()
            return
        since, first = self._began
        self.place.setValue((first + round((self._clock() - since) * self.rate.value())) % self._view.stack.count)

    def _go_to(self, frame: int) -> None:
        self._view.stack.go_to(frame)
        self.place.blockSignals(True)
        self.place.setValue(frame)
        self.place.blockSignals(False)
        self._draw()

    def _take_window(self, number: int) -> None:
        self._view.set_window(*self._windows[number])

    def _draw(self) -> None:
        self.play_button.setText(_("Pause") if self.play_button.isChecked() else _("Play"))
        self._place_text.setText(_("{number} of {count}").format(number=self.place.value() + 1, count=self.place.maximum() + 1))
