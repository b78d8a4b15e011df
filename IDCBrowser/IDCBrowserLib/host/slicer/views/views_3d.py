"""Slicer's 3D views.

Signatures (Slicer 5.12): property ``threeDViewCount``, ``threeDWidget(number)`` (Libs/MRML/Widgets/qMRMLLayoutManager.h), ``threeDView()``,
``resetFocalPoint()`` (qMRMLThreeDWidget.h, qMRMLThreeDView.h).
"""

from __future__ import annotations


def center_3d_views() -> None:
    """Move the 3D views to the middle of what they show; their directions stay."""
    import slicer

    manager = slicer.app.layoutManager()
    if manager is not None:
        for number in range(manager.threeDViewCount):
            manager.threeDWidget(number).threeDView().resetFocalPoint()
