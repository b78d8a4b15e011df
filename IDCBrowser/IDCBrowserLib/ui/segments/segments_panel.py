"""The panel of the segmentations in the scene; a dock beside the views, and a section of the module in Slicer."""

from __future__ import annotations

from collections.abc import Callable

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.comparison import SegmentComparison
from IDCBrowserLib.logic.segments.contour_rule import ContourRule
from IDCBrowserLib.logic.segments.giving_back import GivingBack
from IDCBrowserLib.logic.segments.hand_over import HandOver
from IDCBrowserLib.logic.segments.linked_views import LinkedViews
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.qtbinding import QtWidgets
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.ui.segments.compare_page import ComparePage
from IDCBrowserLib.ui.segments.hand_over_page import HandOverPage
from IDCBrowserLib.ui.segments.segments_page import ChooseFile, SegmentsPage


class SegmentsPanel:
    """``widget``; ``close`` before the scene goes."""

    def __init__(
        self,
        segments: Segments,
        comparison: SegmentComparison,
        giving_back: GivingBack,
        contour_rule: ContourRule,
        linked_views: LinkedViews,
        hand_over: HandOver,
        choose_file: ChooseFile,
        on_show_series: Callable[[str], None],
        on_more: Callable[[SourceRow], None],
        on_remove: Callable[[SourceRow], None],
    ) -> None:
        self.segments = segments
        self.list = SegmentsPage(segments, giving_back, contour_rule, choose_file, on_show_series, on_more, on_remove)
        self.compare = ComparePage(segments, comparison, linked_views, choose_file)
        self.others = HandOverPage(hand_over)
        self._hand_over = hand_over
        self.widget = QtWidgets.QTabWidget()
        self.widget.setObjectName("segmentsPanel")
        self.widget.addTab(self.list.widget, _("Segments"))
        self.widget.addTab(self.compare.widget, _("Compare"))
        self.widget.addTab(self.others.widget, _("Other programs"))
        hand_over.to_compare.connect(self._compare)

    def close(self) -> None:
        """Take its connections apart."""
        self._hand_over.to_compare.disconnect(self._compare)
        self.list.close()
        self.compare.close()
        self.others.close()
        self.segments.close()

    def _compare(self, first: str, second: str) -> None:
        self.widget.setCurrentWidget(self.compare.widget)
        self.compare.compare(first, second)
