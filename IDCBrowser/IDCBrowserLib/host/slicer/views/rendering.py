"""While many things change at once, Slicer's views wait with drawing.

A view that has waited longer than its update rate allows draws itself within the next change of a node (``ctkVTKAbstractView::scheduleRender``, CTK):
on a busy computer, or with much in sight, each of a dozen changes of a turn would draw all views anew.

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
