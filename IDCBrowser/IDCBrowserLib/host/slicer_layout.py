"""The browser in Slicer's central area, in a layout of its own; leaving restores what was there.

Signatures (Slicer 5.12): ``qSlicerSingletonViewFactory.setTagName/setWidget`` (Base/QTGUI/qSlicerSingletonViewFactory.h),
``registerViewFactory`` (Libs/MRML/Widgets/qMRMLLayoutManager.h; its counterpart is not callable from Python, so there is one factory per Slicer),
``AddLayoutDescription/SetLayoutDescription/IsLayoutDescription/GetViewArrangement`` (Libs/MRML/Core/vtkMRMLLayoutNode.h); use as in the DICOM module.
"""

from __future__ import annotations

from typing import Any

TAG = "idcbrowser"
# Any number that no layout of Slicer or of a known extension has.
LAYOUT_ID = 51820
DESCRIPTION = f'<layout type="horizontal"><item><{TAG}></{TAG}></item></layout>'


class CentralView:
    """One per module widget; ``close`` it before the widget goes."""

    def __init__(self, widget: Any) -> None:
        import slicer

        self._manager = slicer.app.layoutManager()
        self._previous: int | None = None
        if self._manager is None:
            return
        self._factory = _factory(self._manager)
        self._factory.setWidget(widget)
        node = self._node()
        if node.IsLayoutDescription(LAYOUT_ID):
            node.SetLayoutDescription(LAYOUT_ID, DESCRIPTION)
        else:
            node.AddLayoutDescription(LAYOUT_ID, DESCRIPTION)

    @property
    def is_available(self) -> bool:
        """False where Slicer runs without a main window."""
        return self._manager is not None

    @property
    def is_shown(self) -> bool:
        """Whether the browser is what the central area shows."""
        return self.is_available and self._node().GetViewArrangement() == LAYOUT_ID

    def show(self) -> None:
        """Show the browser; remembers the layout it replaces."""
        if self.is_available and not self.is_shown:
            self._previous = self._node().GetViewArrangement()
            self._manager.setLayout(LAYOUT_ID)

    def restore(self) -> None:
        """Back to the layout that was there; one that the user chose meanwhile stays."""
        import slicer

        if self.is_shown:
            self._manager.setLayout(self._previous or slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)

    def close(self) -> None:
        """Take the view out of Slicer."""
        self.restore()
        if self.is_available:
            self._factory.setWidget(None)
            self._manager = None

    def _node(self) -> Any:
        return self._manager.layoutLogic().GetLayoutNode()


def _factory(manager: Any) -> Any:
    """The factory of this Slicer: made at the first use, found again after a reload of the module."""
    import slicer

    factory = getattr(slicer.modules, "idcBrowserViewFactory", None)
    if factory is None:
        factory = slicer.qSlicerSingletonViewFactory()
        factory.setTagName(TAG)
        manager.registerViewFactory(factory)
        slicer.modules.idcBrowserViewFactory = factory
    return factory
