"""The browser in Slicer's central area, in a layout of its own; leaving restores what was there.

Signatures (Slicer 5.12): ``qSlicerSingletonViewFactory.setTagName/setWidget`` (Base/QTGUI/qSlicerSingletonViewFactory.h; it takes the widget as a
child until the layout manager does), ``registerViewFactory``, ``layoutLogic``, slot ``setLayout(int)``, signal ``layoutChanged(int)``
(Libs/MRML/Widgets/qMRMLLayoutManager.h; unregistering is not callable from Python, so there is one factory per Slicer),
``AddLayoutDescription/SetLayoutDescription/IsLayoutDescription/GetViewArrangement`` (Libs/MRML/Core/vtkMRMLLayoutNode.h); use as in
Modules/Scripted/DICOM/DICOM.py. The Data Probe is in the module panel's dock and is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import qMRMLLayoutManager, qSlicerSingletonViewFactory

    from IDCBrowserLib.qtbinding import QtWidgets

TAG = "idcbrowser"
# Any number that no layout of Slicer or of a known extension has.
LAYOUT_ID = 51820
DESCRIPTION = f'<layout type="horizontal"><item><{TAG}></{TAG}></item></layout>'


class CentralView:
    """One per module widget. ``close`` it before the panel goes; the widget belongs to it from now on. ``changed`` is told of every other layout."""

    def __init__(self, widget: QtWidgets.QWidget, changed: Callable[[], None]) -> None:
        import slicer

        self._changed = changed
        self._manager = slicer.app.layoutManager()
        self._widget = widget
        self._previous: int | None = None
        self._arranged: int | None = None
        if self._manager is None:
            return
        # The central area is black where nothing is painted.
        widget.setAutoFillBackground(True)
        self._factory = _factory(self._manager)
        self._factory.setWidget(widget)
        self._manager.layoutChanged.connect(self._layout_changed)

    @property
    def is_available(self) -> bool:
        """False where Slicer runs without a main window."""
        return self._manager is not None

    @property
    def is_shown(self) -> bool:
        """Whether the browser is what the central area shows."""
        return self._manager is not None and self._manager.layoutLogic().GetLayoutNode().GetViewArrangement() == LAYOUT_ID

    def show(self) -> None:
        """Show the browser; remembers the layout it replaces."""
        if self._manager is None:
            return
        node = self._manager.layoutLogic().GetLayoutNode()
        if not node.IsLayoutDescription(LAYOUT_ID):
            node.AddLayoutDescription(LAYOUT_ID, DESCRIPTION)
        if not self.is_shown:
            self._previous = node.GetViewArrangement()
            self._manager.setLayout(LAYOUT_ID)

    def restore(self) -> bool:
        """Back to the layout that was there, and whether that is another; one that the user chose meanwhile stays."""
        if self._manager is None or not self.is_shown:
            return False
        self._manager.setLayout(self._layout_before(self._manager))
        return True

    def arrange(self, layout: int) -> bool:
        """``layout`` instead of the browser, or of what this had set before, and whether that is another; one that the user chose meanwhile stays."""
        if self._manager is None:
            return False
        current = self._manager.layoutLogic().GetLayoutNode().GetViewArrangement()
        if current not in (LAYOUT_ID, self._arranged):
            return False
        self._arranged = layout
        if current != layout:
            self._manager.setLayout(layout)
        return bool(current != layout)

    def close(self, leaving: bool = False) -> None:
        """Take the view out of Slicer and let its widget go; while Slicer is ``leaving`` it is not laid out once more."""
        if self._manager is None:
            return
        self._manager.layoutChanged.disconnect(self._layout_changed)
        if not leaving:
            self.restore()
        self._factory.setWidget(None)
        self._manager = None
        if not leaving:
            # It has a parent (the layout's area, or the factory's), which makes this safe in PythonQt.
            self._widget.hide()
            self._widget.deleteLater()

    def _layout_changed(self, _layout: int) -> None:
        self._changed()

    def _layout_before(self, manager: qMRMLLayoutManager) -> int:
        import slicer

        node, before = manager.layoutLogic().GetLayoutNode(), self._previous
        if before is not None and before != LAYOUT_ID and node.IsLayoutDescription(before):
            return before
        return slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView


def _factory(manager: qMRMLLayoutManager) -> qSlicerSingletonViewFactory:
    """The factory of this Slicer: made at the first use, found again after a reload of the module."""
    import slicer

    factory: qSlicerSingletonViewFactory | None = getattr(slicer.modules, "idcBrowserViewFactory", None)
    if factory is None:
        factory = slicer.qSlicerSingletonViewFactory()
        factory.setTagName(TAG)
        manager.registerViewFactory(factory)
        slicer.modules.idcBrowserViewFactory = factory
    return factory
