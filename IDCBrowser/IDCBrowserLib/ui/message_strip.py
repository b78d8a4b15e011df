"""One message over the page: an icon, a sentence, a way to close it. Never a dialog, and nothing moves when it comes or goes."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind, Message
from IDCBrowserLib.qtbinding import QtCore, QtWidgets
from IDCBrowserLib.ui.failure_details import copy_details_button
from IDCBrowserLib.ui.widgets.building_blocks import button, column, icon_label, label, row
from IDCBrowserLib.ui.widgets.icons import kind_pixmap

_ICON_PIXELS = 18
_MARGIN = 8
_WIDEST = 560
_GAP = 8
_SHOWN_MS = 12_000


class MessageStrip:
    """``show(message)``; None hides it. What went well goes away by itself, unless the mouse is on it.

    ``on_action(name)`` is called for the button of a message that has one.

    ``on_copy(sentence)`` is called for the button that copies the details of an error.
    """

    def __init__(self, on_action: Callable[[str], None], on_copy: Callable[[str], None]) -> None:
        self._on_action = on_action
        self._on_copy = on_copy
        self._message: Message | None = None
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._fade)
        self.widget = QtWidgets.QFrame()
        self.widget.setObjectName("messageStrip")
        self.widget.setFrameShape(QtWidgets.QFrame.Shape.Box)
        self.widget.setAutoFillBackground(True)
        self._right_end = self._lower_end = 0
        self._icon = icon_label("messageIcon")
        self._text = label("messageText", "", True)
        self._text.setMinimumWidth(1)
        self._action = button("messageAction", _("Show"), "")
        self._copy = copy_details_button("messageCopy")
        self._close = QtWidgets.QToolButton()
        self._close.setObjectName("messageClose")
        self._close.setText("×")
        self._close.setAutoRaise(True)
        self._close.setToolTip(_("Close this message"))
        self._close.setAccessibleName(_("Close this message"))
        said = row([self._icon, self._text, self._close])
        said.setStretch(1, 1)
        self._layout = column([said, row([None, self._action, self._copy])], _MARGIN)
        self.widget.setLayout(self._layout)
        self._action.clicked.connect(self._act)
        self._copy.clicked.connect(self._copy_details)
        self._close.clicked.connect(self._hide)
        self.widget.hide()

    def show(self, message: Message | None) -> None:
        """Show a message, or nothing."""
        self._message = message
        self._timer.stop()
        if message is None:
            self.widget.hide()
            return
        word = {Kind.INFO: _("Note"), Kind.SUCCESS: _("Done"), Kind.WARNING: _("Warning"), Kind.ERROR: _("Error")}[message.kind]
        self._icon.setPixmap(kind_pixmap(message.kind, _ICON_PIXELS))
        self._icon.setAccessibleName(word)
        self._text.setText(f"{word}: {message.text}")
        self.widget.setAccessibleName(f"{word}: {message.text}")
        self._draw_action(message.action)
        self._copy.setVisible(message.kind is Kind.ERROR)
        self._place()
        self.widget.show()
        self.widget.raise_()
        if message.kind in (Kind.INFO, Kind.SUCCESS) and not message.action:
            self._timer.start(_SHOWN_MS)

    def close(self) -> None:
        """Let go of what the timer calls; call it before the widget goes."""
        self._timer.stop()
        self._timer.timeout.disconnect(self._fade)

    def _fade(self) -> None:
        if self.widget.underMouse():
            self._timer.start(_SHOWN_MS)
        else:
            self.show(None)

    def place(self, right: int, bottom: int) -> None:
        """Where its lower right corner is to be, in pixels of the widget that it lies on."""
        self._right_end, self._lower_end = right, bottom
        self._place()

    def _place(self) -> None:
        width = max(1, min(_WIDEST, self._right_end - 2 * _GAP))
        self._layout.activate()
        frame = 2 * int(self.widget.property("frameWidth"))
        height = self._layout.heightForWidth(width - frame) + frame
        place = QtCore.QRect(self._right_end - _GAP - width, self._lower_end - _GAP - height, width, height)
        self.widget.setGeometry(place)

    def _draw_action(self, action: str) -> None:
        texts = {
            "restart": (_("Restart the bac&kground process"), _("Restart the process that searches and downloads.")),
            "downloads": (_("Show downloads"), _("Show the Downloads page.")),
        }
        text, tip = texts.get(action, ("", ""))
        self._action.setText(text)
        self._action.setToolTip(tip)
        self._action.setAccessibleDescription(tip)
        self._action.setVisible(bool(text))

    def _act(self) -> None:
        if self._message is not None:
            self._on_action(self._message.action)

    def _copy_details(self) -> None:
        if self._message is not None:
            self._on_copy(self._message.text)

    def _hide(self) -> None:
        self.show(None)
