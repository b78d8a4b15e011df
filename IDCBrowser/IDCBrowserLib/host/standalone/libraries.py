"""VTK and MRML take most of a second to load: in a thread, so that the window can be used meanwhile, and not before it has something to show."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from importlib import import_module

from IDCBrowserLib.qtbinding import QtCore

_MODULES = (
    "vtkmodules.vtkCommonDataModel",
    "slicer_core.vtkITK",
    "slicer",
    # What uses them, and what loads into the scene: a hundred files, which the window need not wait for either.
    "IDCBrowserLib.host.standalone.views",
    "IDCBrowserLib.host.standalone.segments_dock",
    "IDCBrowserLib.host.loading.scene_loader",
    "IDCBrowserLib.host.segments_work",
)
_LOOK_EVERY_MS = 30


class Libraries:
    """``load`` once; ``on_loaded`` is called in the event loop when they are here, or cannot be had: importing them then tells why."""

    def __init__(self, on_loaded: Callable[[], None]) -> None:
        self._on_loaded = on_loaded
        self._given_up = False
        # No daemon: a program that ends while a library is being loaded may crash.
        self._thread = threading.Thread(target=self._import, name="libraries of the views")
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._look)

    def load(self) -> None:
        """Begin, unless that was done; returns at once."""
        if self._thread.ident is None and not self._given_up:
            self._thread.start()
            self._timer.start(_LOOK_EVERY_MS)

    def give_up(self) -> None:
        """They are not wanted any more; what is being loaded at this moment still is."""
        self._given_up = True
        self._timer.stop()

    def _import(self) -> None:
        for name in _MODULES:
            if not self._given_up:
                with contextlib.suppress(ImportError):
                    import_module(name)

    def _look(self) -> None:
        if not self._thread.is_alive():
            self._timer.stop()
            self._on_loaded()
