"""The panel of segments with everything behind it, over the scene of either host."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Hit
from IDCBrowserLib.logic.browser import Browser
from IDCBrowserLib.logic.segments.comparison import SegmentComparison
from IDCBrowserLib.logic.segments.contour_rule import ContourRule
from IDCBrowserLib.logic.segments.giving_back import GivingBack
from IDCBrowserLib.logic.segments.hand_over import HandOver
from IDCBrowserLib.logic.segments.linked_views import Arrange, LinkedViews
from IDCBrowserLib.logic.segments.segments import Defer, Segments
from IDCBrowserLib.scene.review import Looks, SceneReview
from IDCBrowserLib.scene.segments.segments import SceneSegments
from IDCBrowserLib.ui.segments.choose_segments import ChooseSegments
from IDCBrowserLib.ui.segments.segments_panel import SegmentsPanel

if TYPE_CHECKING:
    from slicer import vtkMRMLScene

    from IDCBrowserLib.engine.client import Engine
    from IDCBrowserLib.scene.segments.segment_rows import Ras, SourceRow


class SegmentsWork:
    """``panel`` and its logic; ``close`` before the scene goes. ``jump`` and ``show_contours`` as of ``SceneSegments``.
    ``arrange`` shows two slice views beside each other, or what was there before.

    A review list of the browser uses the same scene; ``looks`` tells how the host arranges its views.
    """

    def __init__(
        self,
        scene: vtkMRMLScene,
        client: Engine,
        browser: Browser,
        defer: Defer,
        jump: Callable[[Ras], None] | None = None,
        show_contours: Callable[[bool], None] | None = None,
        arrange: Arrange | None = None,
        looks: Looks | None = None,
        has_line_styles: bool = False,
    ) -> None:
        segments = SceneSegments(scene, jump, show_contours, has_line_styles)
        self.segments = Segments(segments, defer)
        self._browser, self._review = browser, browser.review
        self._choose: ChooseSegments | None = None
        self._review.scene.attach(SceneReview(segments, self.segments.go_to_largest, looks or Looks()))
        self.comparison = SegmentComparison(client, self.segments, defer)
        self.giving_back = GivingBack(client, browser.host.store, browser.host.settings, self.segments, defer)
        self.contour_rule = ContourRule(client, browser.host.store, self.segments)
        self.linked_views = LinkedViews(self.segments, arrange or (lambda _on: None))
        self.hand_over = HandOver(client, browser.host, self.segments, browser.downloads.start_folders, browser.page_links.open)
        self.panel = SegmentsPanel(
            self.segments,
            self.comparison,
            self.giving_back,
            self.contour_rule,
            self.linked_views,
            self.hand_over,
            browser.host.choose_save_file,
            lambda uid: browser.pick(Hit("series", (uid,), uid, "")),
            self._choose_more,
            self._remove,
        )

    def _choose_more(self, source: SourceRow) -> None:
        """Of a segmentation of which some segments are here."""
        if self._choose is None:
            self._choose = ChooseSegments(self._browser.choosing, self.panel.widget)
        self._choose.open(source.series_uid, [one.number for one in source.segments])

    def _remove(self, source: SourceRow) -> None:
        """What was made here cannot be loaded again."""
        if source.series_uid:
            self.segments.remove(source.node_id)
            return
        text = _("{name} was made here and is in no file. Remove it?").format(name=source.short_name[:200])
        self._browser.host.confirm(text, lambda yes: self.segments.remove(source.node_id) if yes else None)

    def close(self) -> None:
        """End what runs, and take connections and observers apart."""
        self._review.scene.attach(None)
        self.giving_back.cancel()
        self.contour_rule.cancel()
        self.hand_over.close()
        self.linked_views.close()
        if self._choose is not None:
            self._choose.close()
        self.panel.close()
