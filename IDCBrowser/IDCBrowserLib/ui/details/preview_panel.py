"""The picture of the series that is looked at, as large as its place allows; the wheel, keys and a slider leaf through its frames."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.details.leafing import Leafing, LeafingState
from IDCBrowserLib.logic.details.preview import Preview, PreviewPhase, PreviewState
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets, number_of
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, label, row
from IDCBrowserLib.ui.widgets.plain_tip import plain

_SMALLEST = 90
# A notch of a wheel is 15 degrees, in eighths of a degree.
_STEP = 120
_PAGE = 10
_ALL = 1_000_000


class PictureLabel(QtWidgets.QLabel):
    """Scales its picture into itself, keeping its shape. ``on_steps(count)`` for turns of the wheel and keys: so many frames on."""

    def __init__(self, on_steps: Callable[[int], None]) -> None:
        super().__init__()
        self._on_steps = on_steps
        # Parts of a step, as touch pads send them.
        self._turned = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._picture = QtGui.QPixmap()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(QtCore.QSize(_SMALLEST, _SMALLEST))
        # The picture follows the place, never the other way round.
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Ignored)

    def show_picture(self, file: str) -> bool:
        """False when the file cannot be read (any more)."""
        self._picture = QtGui.QPixmap(file)
        self._draw()
        return not self._picture.isNull()

    def show_nothing(self) -> None:
        """An empty place."""
        self._picture = QtGui.QPixmap()
        self.clear()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """See ``QLabel``."""
        QtWidgets.QLabel.resizeEvent(self, event)
        self._draw()

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Down is on, as in a viewer."""
        self._turned -= event.angleDelta().y()
        steps = int(self._turned / _STEP)
        if steps:
            self._turned -= steps * _STEP
            self._on_steps(steps)
        event.accept()

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Arrows, page keys, Home and End."""
        steps = _keys().get(number_of(event.key()))
        if steps is None:
            QtWidgets.QLabel.keyPressEvent(self, event)
        else:
            self._on_steps(steps)

    def _draw(self) -> None:
        if self._picture.isNull():
            return
        # Sharp on screens of high density, where the binding tells.
        ratio = self.devicePixelRatioF() if hasattr(self, "devicePixelRatioF") else 1.0
        place = QtCore.QSize(int(self.property("width") * ratio), int(self.property("height") * ratio))
        scaled = self._picture.scaled(place, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(scaled)


def _keys() -> dict[int, int]:
    """Steps by key."""
    key = Qt.Key
    steps = {key.Key_Down: 1, key.Key_Right: 1, key.Key_Up: -1, key.Key_Left: -1, key.Key_PageDown: _PAGE, key.Key_PageUp: -_PAGE}
    return {number_of(name): count for name, count in {**steps, key.Key_Home: -_ALL, key.Key_End: _ALL}.items()}


class PreviewPanel:
    """Draws ``preview.state``, and ``leafing.state`` once somebody leafs; hidden while there is nothing to show."""

    def __init__(self, preview: Preview, leafing: Leafing) -> None:
        self._preview = preview
        self._leafing = leafing
        self._picture = PictureLabel(leafing.move)
        self._picture.setObjectName("previewPicture")
        self._picture.setAccessibleName(_("Preview"))
        self._text = label("previewText", "", True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._slider = QtWidgets.QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("previewSlider")
        self._slider.setAccessibleName(_("Image"))
        self._slider.setToolTip(plain(_("Leaf through the images of the series. The wheel over the picture and the arrow keys do the same.")))
        self._place = label("previewPlace", "")
        self._leaf = holder(row([self._slider, self._place]), "previewLeafing")
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("preview")
        layout = column([self._picture, self._leaf, self._text])
        layout.setStretch(0, 1)
        self.widget.setLayout(layout)
        self._slider.valueChanged.connect(self._slid)
        preview.changed.connect(self._draw)
        leafing.changed.connect(self._draw_frame)
        self._draw(preview.state)

    def disconnect(self) -> None:
        """Stop listening."""
        self._preview.changed.disconnect(self._draw)
        self._leafing.changed.disconnect(self._draw_frame)

    def _slid(self, number: int) -> None:
        self._leafing.go(number)

    def _draw(self, state: PreviewState) -> None:
        self.widget.setVisible(state.phase is not PreviewPhase.NOTHING)
        has_picture = state.phase is PreviewPhase.READY and self._picture.show_picture(state.file)
        if not has_picture:
            # The former picture would be taken for this series'.
            self._picture.show_nothing()
        # A sentence takes the place of a picture that does not come.
        self._picture.setVisible(has_picture or state.phase is PreviewPhase.LOADING)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter if has_picture else Qt.AlignmentFlag.AlignCenter)
        if state.phase is PreviewPhase.LOADING:
            self._say(_("Loading the preview..."))
        elif state.phase is PreviewPhase.READY and not has_picture:
            self._say(_("The preview no longer exists. Select the series again."))
        else:
            self._say(state.text)
        self._draw_frame(self._leafing.state)

    def _draw_frame(self, state: LeafingState) -> None:
        """A frame, once there are any; the former one stays in sight while the next is on its way."""
        leafs = state.total > 1 and state.series_uid == self._preview.state.series_uid and self._preview.state.phase is PreviewPhase.READY
        self._leaf.setVisible(leafs)
        if leafs:
            blocked = self._slider.blockSignals(True)
            self._slider.setRange(0, state.total - 1)
            self._slider.setValue(state.number)
            self._slider.blockSignals(blocked)
            place = _("{number} of {total}").format(number=f"{state.number + 1:,}", total=f"{state.total:,}")
            if not state.is_ordered:
                place = _("{total} images").format(total=f"{state.total:,}")
            self._place.setText(place)
            self._picture.setAccessibleDescription(place)
        if state.file and self._picture.show_picture(state.file):
            self._picture.setVisible(True)
            self._say("")
        elif state.note and self._preview.state.phase is PreviewPhase.READY:
            self._say(state.note)

    def _say(self, text: str) -> None:
        self._text.setText(text)
        self._text.setToolTip(plain(text))
        self._picture.setToolTip(plain(text))
        if text:
            self._picture.setAccessibleDescription(text)
