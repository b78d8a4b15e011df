"""The segmentations of the scene as a list: searched, shown and hidden, measured while the window stays quick, stepped through."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.segment_scene import SegmentScene
from IDCBrowserLib.scene.segments.image_rows import ImageRow
from IDCBrowserLib.scene.segments.segment_colors import SOURCE_COLORS
from IDCBrowserLib.scene.segments.segment_rows import Figures, SegmentRow, SourceRow
from IDCBrowserLib.signal import Signal

# Of measuring, between two events of the window: well within a frame.
_BUDGET_S = 0.006

# Node id, segment id.
Key = tuple[str, str]
Defer = Callable[[Callable[[], None]], None]


@dataclass(frozen=True)
class SegmentsState:
    """``sources`` with the segments that ``search`` lets through; ``all_sources`` with all; the ``images`` of the scene. ``figures`` by node and
    segment, as far as measured."""

    sources: tuple[SourceRow, ...] = ()
    all_sources: tuple[SourceRow, ...] = ()
    search: str = ""
    figures: Mapping[Key, Figures] = field(default_factory=dict)
    measuring: bool = False
    images: tuple[ImageRow, ...] = ()

    def source(self, node_id: str) -> SourceRow | None:
        """With all of its segments."""
        return next((source for source in self.all_sources if source.node_id == node_id), None)


class Segments:
    """``state``, told by ``changed``. ``said`` carries a sentence for the user.

    ``defer(do)`` calls ``do`` at the next turn of the event loop.
    """

    def __init__(self, scene: SegmentScene, defer: Defer) -> None:
        self.scene = scene
        self.state = SegmentsState()
        self.changed: Signal[[]] = Signal()
        self.said: Signal[str] = Signal()
        self._defer = defer
        self._closed = False
        self._is_due = False
        self._stamps: dict[str, int] = {}
        self._work: Iterator[Mapping[str, Figures] | None] | None = None
        self._measured = ""
        scene.watch(self._soon)
        self.refresh()

    def close(self) -> None:
        """Listen no more."""
        self._closed = True
        self._work = None
        self.scene.close()

    def refresh(self) -> None:
        """Read the scene, and measure what is new."""
        if self._closed:
            return
        sources = self.scene.sources()
        here = {source.node_id for source in sources}
        figures = {key: value for key, value in self.state.figures.items() if key[0] in here}
        self._stamps = {node_id: stamp for node_id, stamp in self._stamps.items() if node_id in here}
        self._set(all_sources=sources, images=self.scene.images(), figures=figures)
        self._measure_next()

    def search(self, text: str) -> None:
        """Show only segments whose name or code contains all words."""
        self._set(search=text)

    def remove(self, node_id: str) -> None:
        """Take a segmentation out of the scene."""
        self.scene.remove(node_id)
        self.refresh()

    def show_source(self, node_id: str, visible: bool) -> None:
        """The eye of a segmentation."""
        self.scene.show_source(node_id, visible)
        self.refresh()

    def show_segment(self, node_id: str, segment_id: str, visible: bool) -> None:
        """The eye of a segment. One that is switched on is seen, even if its segmentation was hidden."""
        self.scene.show_segments(node_id, [segment_id], visible)
        source = self.state.source(node_id)
        if visible and source is not None and not source.visible:
            self.scene.show_source(node_id, True)
        self.refresh()

    def show_all(self, visible: bool) -> None:
        """All segments that the search lets through, or none of them."""
        for source in self.state.sources:
            if visible and source.segments and not source.visible:
                self.scene.show_source(source.node_id, True)
            self.scene.show_segments(source.node_id, [segment.segment_id for segment in source.segments], visible)
        self.refresh()

    def show_only(self, keys: Sequence[Key]) -> None:
        """These segments alone, of all segmentations; a segment id of "" stands for all of its segmentation."""
        for source in self.state.all_sources:
            wanted = {segment_id for node_id, segment_id in keys if node_id == source.node_id}
            for visible in (True, False):
                ids = [one.segment_id for one in source.segments if (("" in wanted) or one.segment_id in wanted) == visible]
                self.scene.show_segments(source.node_id, ids, visible)
            if wanted and not source.visible:
                self.scene.show_source(source.node_id, True)
        self.refresh()

    def set_opacity(self, node_id: str, opacity: float) -> None:
        """0 to 1, of the fill."""
        self.scene.set_opacity(node_id, opacity)
        self.refresh()

    def set_line_width(self, node_id: str, width: int) -> None:
        """Of outlines, in pixels."""
        self.scene.set_line_width(node_id, width)
        self.refresh()

    def set_line_style(self, node_id: str, style: str) -> None:
        """Of outlines: solid, dashed or dotted."""
        self.scene.set_line_style(node_id, style)
        self.refresh()

    def set_filled(self, filled: bool) -> None:
        """Fill and outline, or outlines alone, for all segmentations."""
        for source in self.state.all_sources:
            self.scene.set_filled(source.node_id, filled)
        self.refresh()

    @property
    def colored_by_source(self) -> bool:
        """Whether each segmentation is shown in a color of its own."""
        return any(source.one_color is not None for source in self.state.all_sources)

    def color_by_source(self, on: bool) -> None:
        """A color for each segmentation, or the color of each segment as stored."""
        for number, source in enumerate(self.state.all_sources):
            self.scene.set_one_color(source.node_id, SOURCE_COLORS[number % len(SOURCE_COLORS)] if on else None)
        self.refresh()

    def go_to_largest(self, node_id: str, segment_id: str) -> None:
        """Bring the slice that holds most of a segment into sight."""
        slices = self._slices(node_id, segment_id)
        if slices:
            self.scene.look_at(node_id, segment_id, max(slices, key=lambda one: one[1])[0])

    def step(self, node_id: str, segment_id: str, forward: bool) -> None:
        """The next or previous slice that holds some of a segment, seen from where the views stand; at the end a sentence says so."""
        slices = self._slices(node_id, segment_id)
        if not slices:
            return
        now = self.scene.slice_in_view(node_id, segment_id)
        if now is None:
            self.go_to_largest(node_id, segment_id)
            return
        further = [k for k, _voxels in slices if (k > now + 0.5 if forward else k < now - 0.5)]
        if further:
            self.scene.look_at(node_id, segment_id, min(further) if forward else max(further))
        else:
            self.said.emit(_("This is the last slice of the segment.") if forward else _("This is the first slice of the segment."))

    def _slices(self, node_id: str, segment_id: str) -> tuple[tuple[int, int], ...]:
        figures = self.state.figures.get((node_id, segment_id))
        if figures is None:
            still = _("The segments are still being measured. Try again in a moment.")
            self.said.emit(still if self.state.measuring else _("The segment has no voxels."))
            return ()
        if not figures.slices:
            self.said.emit(_("The segment has no voxels."))
        return figures.slices

    def _soon(self) -> None:
        """Many changes at once are one."""
        if not self._is_due and not self._closed:
            self._is_due = True
            self._defer(self._refresh_now)

    def _refresh_now(self) -> None:
        self._is_due = False
        self.refresh()

    def _measure_next(self) -> None:
        """Begin with the next segmentation that has changed since it was measured."""
        if self._work is not None or self._closed:
            return
        for source in self.state.all_sources:
            stamp = self.scene.stamp(source.node_id)
            if self._stamps.get(source.node_id) != stamp:
                self._stamps[source.node_id] = stamp
                self._measured, self._work = source.node_id, self.scene.measure(source.node_id)
                self._set(measuring=True)
                self._defer(self._measure_on)
                return
        if self.state.measuring:
            self._set(measuring=False)

    def _measure_on(self) -> None:
        """A few milliseconds of work."""
        if self._work is None or self._closed:
            return
        end = time.monotonic() + _BUDGET_S
        found: dict[Key, Figures] = {}
        while time.monotonic() < end:
            try:
                figures = next(self._work)
            except StopIteration:
                self._work = None
                break
            found.update({(self._measured, segment_id): value for segment_id, value in (figures or {}).items()})
        if found:
            self._set(figures={**self.state.figures, **found})
        if self._work is None:
            self._measure_next()
        else:
            self._defer(self._measure_on)

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of the state by name
        state = replace(state, sources=tuple(_searched(source, state.search.casefold().split()) for source in state.all_sources))
        if state != self.state:
            self.state = state
            self.changed.emit()


def _searched(source: SourceRow, words: Sequence[str]) -> SourceRow:
    return replace(source, segments=tuple(segment for segment in source.segments if _has_all(segment, words))) if words else source


def _has_all(segment: SegmentRow, words: Sequence[str]) -> bool:
    text = f"{segment.name} {segment.code}".casefold()
    return all(word in text for word in words)
