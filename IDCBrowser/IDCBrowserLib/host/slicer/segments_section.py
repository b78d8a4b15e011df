"""The panel of segments as a section of Slicer's module panel, below the lines about the browser."""

from __future__ import annotations

from IDCBrowserLib.host.segments_work import SegmentsWork
from IDCBrowserLib.host.slicer.show_3d import Show3D
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import column

_LEAST_HEIGHT = 360


class SegmentsSection:
    """``box`` folds to its title. Keep this object; ``close`` before Slicer takes its scene away."""

    def __init__(self, layout: QtWidgets.QBoxLayout, work: SegmentsWork, show_3d: Show3D) -> None:
        self.work = work
        self.show_3d = show_3d
        self.box = QtWidgets.QGroupBox(_("Segments"))
        self.box.setObjectName("segmentsSection")
        self.box.setCheckable(True)
        self.box.setToolTip(_("The segmentations of the scene: whose they are, volumes, slices, comparison, export."))
        self.box.setLayout(column([work.panel.widget, show_3d.widget], margin=4))
        work.panel.widget.setMinimumHeight(_LEAST_HEIGHT)
        self.box.toggled.connect(self._fold)
        # Until something is loaded its width belongs to the browser.
        self.box.setChecked(False)
        layout.addWidget(self.box)

    def open(self) -> None:
        """Unfold it."""
        self.box.setChecked(True)

    def close(self) -> None:
        """Take it out of the panel."""
        self.box.toggled.disconnect(self._fold)
        self.work.close()
        self.show_3d.close()
        self.box.hide()
        if self.box.parent() is not None:
            self.box.deleteLater()

    def _fold(self, opened: bool) -> None:
        self.work.panel.widget.setVisible(opened)
        self.show_3d.widget.setVisible(opened)
