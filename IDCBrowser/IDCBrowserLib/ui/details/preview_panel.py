"""The picture of the series that is looked at, as large as its place allows."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.details.preview import Preview, PreviewPhase, PreviewState
from IDCBrowserLib.qtbinding import Qt, QtCore, QtGui, QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import column, label
from IDCBrowserLib.ui.widgets.plain_tip import plain

_SMALLEST = 90


class PictureLabel(QtWidgets.QLabel):
    """Scales its picture into itself, keeping its shape."""

    def __init__(self) -> None:
        super().__init__()
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

    def _draw(self) -> None:
        if self._picture.isNull():
            return
        # Sharp on screens of high density, where the binding tells.
        ratio = self.devicePixelRatioF() if hasattr(self, "devicePixelRatioF") else 1.0
        place = QtCore.QSize(int(self.property("width") * ratio), int(self.property("height") * ratio))
        scaled = self._picture.scaled(place, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        self.setPixmap(scaled)


class PreviewPanel:
    """Draws ``preview.state``; hidden while there is nothing to show."""

    def __init__(self, preview: Preview) -> None:
        self._preview = preview
        self._picture = PictureLabel()
        self._picture.setObjectName("previewPicture")
        self._picture.setAccessibleName(_("Preview"))
        self._text = label("previewText", "", True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.widget = QtWidgets.QWidget()
        self.widget.setObjectName("preview")
        layout = column([self._picture, self._text])
        layout.setStretch(0, 1)
        self.widget.setLayout(layout)
        preview.changed.connect(self._draw)
        self._draw(preview.state)

    def disconnect(self) -> None:
        """Stop listening."""
        self._preview.changed.disconnect(self._draw)

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

    def _say(self, text: str) -> None:
        self._text.setText(text)
        self._text.setToolTip(plain(text))
        self._picture.setToolTip(plain(text))
        self._picture.setAccessibleDescription(text)
