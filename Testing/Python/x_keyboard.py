"""A keyboard: keys that arrive as those of a person do, by the X server's extension for tests.

Qt looks for shortcuts only in keys that the window system sends; an event that a test makes and sends reaches a widget, but no action.
"""

import ctypes
import os
import unittest

_NAMES = {
    "Ctrl": "Control_L",
    "Shift": "Shift_L",
    "Alt": "Alt_L",
    "Esc": "Escape",
    "Del": "Delete",
    "Backspace": "BackSpace",
    "PgUp": "Prior",
    "PgDown": "Next",
    "Space": "space",
}


class Keyboard:
    """``press`` goes to the window that has the keyboard. Raises ``SkipTest`` where there is no such extension."""

    def __init__(self):
        try:
            self._x11, self._xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        except OSError as error:
            raise unittest.SkipTest(f"keys are pressed through X: {error}") from error
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XStringToKeysym.restype = ctypes.c_ulong
        self._x11.XKeysymToKeycode.restype = ctypes.c_ubyte
        display = self._x11.XOpenDisplay(os.environ.get("DISPLAY", "").encode())
        if not display:
            raise unittest.SkipTest("keys are pressed through X, of which there is no display")
        self._display = ctypes.c_void_p(display)

    def press(self, keys):
        """Such as "Ctrl+Shift+Left"; all of them down, then up again."""
        codes = [self._code(name) for name in keys.split("+")]
        for code in codes:
            self._xtst.XTestFakeKeyEvent(self._display, code, 1, 0)
        for code in reversed(codes):
            self._xtst.XTestFakeKeyEvent(self._display, code, 0, 0)
        self._x11.XSync(self._display, 0)

    def close(self):
        """Let go of the display."""
        self._x11.XCloseDisplay(self._display)

    def _code(self, name):
        symbol = self._x11.XStringToKeysym(_NAMES.get(name, name.lower() if len(name) == 1 else name).encode())
        code = self._x11.XKeysymToKeycode(self._display, ctypes.c_ulong(symbol))
        if not symbol or not code:
            raise AssertionError(f"the keyboard has no key {name}")
        return code
