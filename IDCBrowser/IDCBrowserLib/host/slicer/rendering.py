"""While many things change at once, Slicer's views wait with drawing.

Signatures (Slicer 5.12): ``slicer.app.pauseRender()``, ``resumeRender()``, which count (Base/QTGUI/qSlicerApplication.h).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


def pause() -> None:
    """Until ``resume`` was called as often."""
    import slicer

    slicer.app.pauseRender()


def resume() -> None:
    """Views that have changed are drawn soon."""
    import slicer

    slicer.app.resumeRender()


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Within the block nothing is drawn."""
    pause()
    try:
        yield
    finally:
        resume()
