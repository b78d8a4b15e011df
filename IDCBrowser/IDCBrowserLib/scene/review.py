"""What a review list does to a scene: remove a case, hide who made its segmentations, show the next one alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.scene.arrangement import Arrangement, apply_planes, apply_windows, name_of, read_arrangement
from IDCBrowserLib.scene.provenance import SERIES_ATTRIBUTE, mark, nodes_of_series
from IDCBrowserLib.scene.removing import remove_series
from IDCBrowserLib.scene.segments.labelmap_volume import color_table_of
from IDCBrowserLib.scene.segments.segment_colors import SOURCE_COLORS
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.scene.segments.segments import BLINDED_ATTRIBUTE, SceneSegments

if TYPE_CHECKING:
    from slicer import vtkMRMLNode

    from IDCBrowserLib.labelmap.types import Labelmap

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Looks:
    """How a host arranges its views: ``layout`` names what is shown ("" where it has no name), ``set_layout`` brings it back. ``correct`` opens an
    editor of segments on a node; None where there is none. Views are drawn once after a block of ``paused``."""

    layout: Callable[[], str] = lambda: ""
    set_layout: Callable[[str], None] = lambda _name: None
    correct: Callable[[str], None] | None = None
    paused: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True)
class _Named:
    name: str
    description: str


class SceneReview:
    """``go_to`` brings a segment (node id, segment id) into sight."""

    def __init__(self, segments: SceneSegments, go_to: Callable[[str, str], None], looks: Looks) -> None:
        self._segments = segments
        self._looks = looks
        # What nodes were called before they were blinded, by id; None of those that have kept their name.
        self._names: dict[str, _Named | None] = {}
        self.go_to = go_to
        self.correct = looks.correct
        self._observed: list[int] = []

    def watch_closing(self, closing: Callable[[], None], closed: Callable[[], None]) -> None:
        """``closing`` is called before the scene is closed, while its nodes are there, and ``closed`` after it, until ``close``."""
        scene = self._segments.scene
        for event, tell in ((scene.StartCloseEvent, closing), (scene.EndCloseEvent, closed)):
            self._observed.append(scene.AddObserver(event, _calling(tell)))

    def close(self) -> None:
        """Watch no more."""
        for tag in self._observed:
            self._segments.scene.RemoveObserver(tag)
        self._observed.clear()

    def has(self, series_uid: str) -> bool:
        """Whether a series is loaded."""
        return bool(nodes_of_series(self._segments.scene, series_uid))

    def sources(self, series_uids: Collection[str]) -> tuple[SourceRow, ...]:
        """The segmentations of these series."""
        return tuple(source for source in self._segments.sources() if source.series_uid in series_uids)

    def stamp(self, node_id: str) -> int:
        """Another number whenever voxels have changed."""
        return self._segments.stamp(node_id)

    def labelmap(self, node_id: str) -> Labelmap | None:
        """The voxels of a segmentation."""
        return self._segments.labelmap(node_id)

    def license(self, node_id: str) -> str:
        """The terms of a segmentation, also where makers are hidden."""
        return self._segments.license(node_id)

    def image_series(self, node_id: str) -> tuple[str, ...]:
        """Of the images that a segmentation was drawn on."""
        return self._segments.image_series(node_id)

    def remove(self, series_uids: Collection[str]) -> None:
        """Take what was loaded of these series out of the scene."""
        with self._looks.paused():
            remove_series(self._segments.scene, series_uids)

    def hide_makers(self, hidden: bool) -> None:
        """Whatever is in the scene or comes into it says nothing of its makers where segmentations are listed. Once nothing is hidden any more, what
        ``blind`` has renamed and is still there gets its name back."""
        self._segments.is_blinded = hidden
        if hidden:
            return
        scene, names = self._segments.scene, self._names
        self._names = {}
        for node_id, former in names.items():
            node = scene.GetNodeByID(node_id)
            if node is None:
                continue
            if former is not None and node.GetName() == node.GetAttribute(BLINDED_ATTRIBUTE):
                node.SetName(former.name)
                node.SetDescription(former.description)
            node.RemoveAttribute(BLINDED_ATTRIBUTE)

    def blind(self, series_uids: Collection[str], own: Collection[str]) -> None:
        """Nothing in the lists says who made the segmentations of these series, nor does the order of their letters. Nodes of the ``own`` ones, which
        the list has loaded, are called so as well; those of the user keep their names."""
        scene = self._segments.scene
        drawn = {node.GetAttribute(SERIES_ATTRIBUTE) or "" for node in self._segments.nodes()} & set(series_uids)
        for number, uid in enumerate(sorted(drawn, key=lambda uid: hashlib.sha256(uid.encode()).digest())):
            letter = _LETTERS[number] if number < len(_LETTERS) else str(number + 1)
            # Label maps with their color tables, and contours of it as well.
            for node in _with_tables(nodes_of_series(scene, uid)):
                if not node.GetAttribute(BLINDED_ATTRIBUTE):
                    # Ids of nodes that are gone come again once the scene was closed.
                    named = _Named(node.GetName() or "", node.GetDescription() or "")
                    self._names[node.GetID() or ""] = named if uid in own else None
                if uid in own:
                    node.SetName(f"Segmentation {letter}")
                    node.SetDescription("")
                mark(node, {BLINDED_ATTRIBUTE: f"Segmentation {letter}"})

    def take_voxels(self, node_id: str, labelmap: Labelmap) -> bool:
        """Show other voxels and segments in a segmentation; False where they lie on another grid."""
        return self._segments.take_voxels(node_id, labelmap)

    def arrangement(self, modalities: Mapping[str, str], former: Arrangement) -> Arrangement:
        """How these series (their modalities by UID) are shown now."""
        return read_arrangement(self._segments.scene, self.sources(modalities), modalities, self._looks.layout(), former)

    def arrange(self, arrangement: Arrangement, modalities: Mapping[str, str]) -> None:
        """Show these series so."""
        with self._looks.paused():
            self._arrange(arrangement, modalities)

    def _arrange(self, arrangement: Arrangement, modalities: Mapping[str, str]) -> None:
        scene = self._segments.scene
        if arrangement.layout != self._looks.layout():
            self._looks.set_layout(arrangement.layout)
        apply_planes(scene, arrangement)
        apply_windows(scene, arrangement, modalities)
        sources = self.sources(modalities)
        for source in sources:
            self._dress(source, arrangement)
        if arrangement.one_color is not None:
            self._color_by_source(sources, arrangement.one_color)

    def tell_apart(self, series_uids: Collection[str]) -> bool:
        """Several segmentations over each other: as outlines, each in a color of its own, so that the image and where they differ are seen.

        False where there is one at most.
        """
        sources = self.sources(series_uids)
        if len(sources) < 2:
            return False
        for source in sources:
            self._segments.set_filled(source.node_id, False)
        self._color_by_source(sources, True)
        return True

    def _color_by_source(self, sources: Sequence[SourceRow], on: bool) -> None:
        """The same maker has the same color in each entry, and none where nobody is to know."""
        if not self._segments.is_blinded:
            sources = tuple(sorted(sources, key=lambda source: (source.maker, source.short_name)))
        for number, source in enumerate(sources):
            self._segments.set_one_color(source.node_id, SOURCE_COLORS[number % len(SOURCE_COLORS)] if on and len(sources) > 1 else None)

    def turn_views(self, arrangement: Arrangement) -> None:
        """Into its planes."""
        apply_planes(self._segments.scene, arrangement)

    def _dress(self, source: SourceRow, arrangement: Arrangement) -> None:
        for visible in (True, False):
            ids = [one.segment_id for one in source.segments if arrangement.segments.get(name_of(one), True) == visible]
            self._segments.show_segments(source.node_id, ids, visible)
        if arrangement.opacity is not None:
            self._segments.set_opacity(source.node_id, arrangement.opacity)
        if arrangement.line_width is not None:
            self._segments.set_line_width(source.node_id, arrangement.line_width)
        if arrangement.line_style is not None:
            self._segments.set_line_style(source.node_id, arrangement.line_style)
        if arrangement.filled is not None:
            self._segments.set_filled(source.node_id, arrangement.filled)


def _with_tables(nodes: Collection[vtkMRMLNode]) -> list[vtkMRMLNode]:
    return [*nodes, *(table for node in nodes if (table := color_table_of(node)) is not None)]


def _calling(tell: Callable[[], None]) -> Callable[..., None]:
    return lambda *_: tell()
