"""Slicer's views wait while the scene is changed.

A view that has waited longer than its update rate allows draws itself within the next change of a node (``ctkVTKAbstractView::scheduleRender``, CTK):
on a busy computer, or with much in sight, each of a dozen changes of a turn would draw all views anew.

Signatures (Slicer 5.12): ``slicer.app.pauseRender()``, ``resumeRender()``, which draws once what was asked for; they count
(Base/QTGUI/qSlicerApplication.h).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_views() -> Iterator[None]:
    """Until its end nothing is drawn; then once."""
    import slicer

    if slicer.app.layoutManager() is None:
        yield
        return
    slicer.app.pauseRender()
    try:
        yield
    finally:
        slicer.app.resumeRender()
