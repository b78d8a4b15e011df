"""The panel of segments as a section of Slicer's module panel, below the lines about the browser."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.host.segments_work import SegmentsWork
from IDCBrowserLib.host.slicer.panel.registrations import RegistrationsButton
from IDCBrowserLib.host.slicer.views.show_3d import Show3D
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.ui.widgets.building_blocks import column, holder, row

_LEAST_HEIGHT = 270
# Of the room that the panel above it does not need.
_ALL_OF_IT = 1000


class SegmentsSection:
    """``box`` folds to its title, and ``on_fold`` is told. Keep this object; ``close`` before Slicer takes its scene away."""

    def __init__(
        self,
        layout: QtWidgets.QBoxLayout,
        work: SegmentsWork,
        show_3d: Show3D,
        registrations: RegistrationsButton,
        on_fold: Callable[[], None],
    ) -> None:
        self.work = work
        self.show_3d = show_3d
        self.registrations = registrations
        self._layout, self._on_fold = layout, on_fold
        self._parts = [work.panel.widget, holder(row([show_3d.widget, registrations.widget, None]))]
        self.box = QtWidgets.QGroupBox(_("Segments"))
        self.box.setObjectName("segmentsSection")
        self.box.setCheckable(True)
        self.box.setToolTip(_("The segmentations of the scene: whose they are, volumes, slices, comparison, export."))
        self.box.setLayout(column(self._parts, margin=4))
        work.panel.widget.setMinimumHeight(_LEAST_HEIGHT)
        self.box.toggled.connect(self._fold)
        layout.addWidget(self.box)
        # Until something is loaded its width belongs to the browser.
        self.box.setChecked(False)

    @property
    def is_open(self) -> bool:
        """Whether it is more than its title."""
        return bool(self.box.isChecked())

    def open(self) -> None:
        """Unfold it."""
        self.box.setChecked(True)

    def close(self) -> None:
        """Take it out of the panel."""
        self.box.toggled.disconnect(self._fold)
        self.work.close()
        self.show_3d.close()
        self.registrations.close()
        self.box.hide()
        if self.box.parent() is not None:
            self.box.deleteLater()

    def _fold(self, opened: bool) -> None:
        for part in self._parts:
            part.setVisible(opened)
        # Of a folded one the frame is a line without a meaning.
        self.box.setFlat(not opened)
        self._layout.setStretchFactor(self.box, _ALL_OF_IT if opened else 0)
        self._on_fold()
