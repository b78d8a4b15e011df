"""The segmentations of a scene as rows, and what is done to them: show, hide, fill, color."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.labelmap.terminology import codes_of_entry
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.scene.hierarchy import add_item_beside
from IDCBrowserLib.scene.provenance import (
    CREATOR_ATTRIBUTE,
    REFERENCED_ATTRIBUTE,
    SERIES_ATTRIBUTE,
    SOURCE_ATTRIBUTE,
    STUDY_ATTRIBUTE,
    mark,
    nodes_of_series,
    origin_in_words,
    segmentation_nodes,
)
from IDCBrowserLib.scene.removing import remove_nodes
from IDCBrowserLib.scene.segments.contour_ribbons import ContourRibbons
from IDCBrowserLib.scene.segments.image_rows import ImageRow, image_rows
from IDCBrowserLib.scene.segments.line_style import line_style_of, set_line_style
from IDCBrowserLib.scene.segments.segment_colors import color_of_text, recolor, text_of_color
from IDCBrowserLib.scene.segments.segment_rows import Color, Figures, Ras, SegmentRow, SourceRow, short_names
from IDCBrowserLib.scene.segments.segment_tags import (
    ALGORITHM_NAME_TAG,
    ALGORITHM_TYPE_TAG,
    AREAS_TAG,
    CONTOUR_RULE_TAG,
    NUMBER_TAG,
    tag_of,
)
from IDCBrowserLib.scene.segments.segment_voxels import as_labelmap, lies_on, measure, middle_of, slice_at, voxel_stamp
from IDCBrowserLib.scene.segments.segmentation import add_segmentation, reference_volume, replace_voxels, take_segments
from IDCBrowserLib.scene.segments.side_by_side import VIEWS, SideBySide
from IDCBrowserLib.scene.slice_planes import crossing_point, jump_slices, slice_nodes

if TYPE_CHECKING:
    from slicer import vtkMRMLScene, vtkMRMLSegmentationDisplayNode, vtkMRMLSegmentationNode, vtkSegment

# Of nodes.
LICENSE_ATTRIBUTE = "IDC.license"
ONE_COLOR_ATTRIBUTE = "IDCBrowser.OneColor"
# Its name while nobody is to see who made it.
BLINDED_ATTRIBUTE = "IDCBrowser.Blinded"
_MAKERS = {"MANUAL": "person", "SEMIAUTOMATIC": "person with an algorithm", "AUTOMATIC": "algorithm"}


class SceneSegments:
    """Reads and changes the segmentation nodes of ``scene``; nodes are named by their MRML id.

    ``jump`` moves the slice views to a point (RAS, mm); without it, all slice nodes of the scene are moved. ``show_contours`` likewise
    shows contours; without it, their models are made visible. ``has_line_styles``: the host draws outlines that are not solid.
    """

    def __init__(
        self,
        scene: vtkMRMLScene,
        jump: Callable[[Ras], None] | None = None,
        show_contours: Callable[[bool], None] | None = None,
        has_line_styles: bool = False,
    ) -> None:
        self.scene = scene
        self.has_line_styles = has_line_styles
        self._ribbons = ContourRibbons(scene)
        self._show_contours = show_contours or self._ribbons.show
        self._jump = jump or (lambda ras: jump_slices(scene, ras))
        # Of the scene, and of nodes.
        self._observed: list[int] = []
        self._watched: dict[vtkMRMLSegmentationNode, list[tuple[Any, int]]] = {}
        self._changed: Callable[[], None] | None = None
        self._side_by_side: SideBySide | None = None
        # While nobody is to see who made segmentations: also of those that are just arriving.
        self.is_blinded = False

    def sources(self) -> tuple[SourceRow, ...]:
        """Every segmentation, in the order of the scene; of those whose makers are hidden in that of their letters, as the former may tell."""
        sources = [_source(node) for node in self.nodes()]
        if self.is_blinded:
            sources = [_blinded(source) for source in sorted(sources, key=lambda source: source.alias)]
        names = short_names([source.name for source in sources])
        return tuple(replace(source, short_name=name) for source, name in zip(sources, names, strict=True))

    def images(self) -> tuple[ImageRow, ...]:
        """What segmentations can be drawn on."""
        return image_rows(self.scene)

    def over(self, image: ImageRow) -> tuple[str, ...]:
        """Ids of the segmentations that were drawn on an image, or lie over it, in the order of the scene."""
        found = []
        for node in self.nodes():
            volume = reference_volume(node)
            series = self.image_series(node.GetID() or "") if image.series_uid else ()
            if (volume is not None and volume.GetID() == image.node_id) or image.series_uid in series:
                found.append(node.GetID() or "")
        return tuple(found)

    def nodes(self) -> list[vtkMRMLSegmentationNode]:
        """The nodes themselves."""
        return segmentation_nodes(self.scene)

    def node(self, node_id: str) -> vtkMRMLSegmentationNode | None:
        """The node with that id, if it is there."""
        return next((node for node in self.nodes() if node.GetID() == node_id), None)

    def show_source(self, node_id: str, visible: bool) -> None:
        """Show or hide all of a segmentation; which of its segments are chosen stays."""
        if (display := self._display(node_id)) is not None:
            display.SetVisibility(visible)

    def show_segments(self, node_id: str, segment_ids: Iterable[str], visible: bool) -> None:
        """Show or hide segments, in one go."""
        display = self._display(node_id)
        if display is None:
            return
        was_modifying = display.StartModify()
        for identifier in segment_ids:
            display.SetSegmentVisibility(identifier, visible)
        display.EndModify(was_modifying)

    def set_opacity(self, node_id: str, opacity: float) -> None:
        """0 to 1: of fill and surfaces."""
        if (display := self._display(node_id)) is not None:
            display.SetOpacity2DFill(opacity)
            display.SetOpacity3D(max(opacity, 0.05))

    def set_line_width(self, node_id: str, width: int) -> None:
        """Of outlines in slices, in pixels."""
        if (display := self._display(node_id)) is not None:
            display.SetSliceIntersectionThickness(width)

    def set_line_style(self, node_id: str, style: str) -> None:
        """Of outlines in slices, one of ``line_style.STYLES``."""
        node = self.node(node_id)
        if node is not None and self.has_line_styles:
            set_line_style(node, style)

    def set_filled(self, node_id: str, filled: bool) -> None:
        """Fill and outline, or the outline alone."""
        if (display := self._display(node_id)) is not None:
            display.SetVisibility2DFill(filled)

    def set_one_color(self, node_id: str, color: Color | None) -> None:
        """All segments in one color, so that two segmentations of the same structures are told apart; None brings back their own."""
        node = self.node(node_id)
        if node is None:
            return
        was_modifying = node.StartModify()
        segmentation = node.GetSegmentation()
        for identifier in segmentation.GetSegmentIDs():
            segment = segmentation.GetSegment(identifier)
            if segment is not None:
                recolor(segment, color)
        if color is None:
            node.RemoveAttribute(ONE_COLOR_ATTRIBUTE)
        else:
            node.SetAttribute(ONE_COLOR_ATTRIBUTE, text_of_color(color))
        node.EndModify(was_modifying)

    def stamp(self, node_id: str) -> int:
        """Another number whenever voxels have changed; 0 where the node is gone."""
        node = self.node(node_id)
        return 0 if node is None else voxel_stamp(node)

    def license(self, node_id: str) -> str:
        """The terms of a segmentation, also while nobody is to see them."""
        node = self.node(node_id)
        return "" if node is None else node.GetAttribute(LICENSE_ATTRIBUTE) or ""

    def measure(self, node_id: str) -> Iterator[Mapping[str, Figures] | None]:
        """See ``segment_voxels.measure``."""
        node = self.node(node_id)
        return iter(()) if node is None else measure(node)

    def labelmap(self, node_id: str) -> Labelmap | None:
        """Its voxels, shared with the node; see ``segment_voxels.as_labelmap``."""
        node = self.node(node_id)
        return None if node is None else as_labelmap(node)

    def add_on_image(self, labelmap: Labelmap, name: str, image_id: str) -> str:
        """A new segmentation over an image; gives its id."""
        from slicer import vtkMRMLVolumeNode

        volume = self.scene.GetNodeByID(image_id)
        if not isinstance(volume, vtkMRMLVolumeNode):
            return ""
        node = add_segmentation(self.scene, labelmap, name, volume)
        add_item_beside(self.scene, volume, node)
        copied = (STUDY_ATTRIBUTE, LICENSE_ATTRIBUTE)
        mark(node, {attribute: volume.GetAttribute(attribute) or "" for attribute in copied})
        mark(node, {REFERENCED_ATTRIBUTE: volume.GetAttribute(SERIES_ATTRIBUTE) or ""})
        return node.GetID() or ""

    def meets(self, node_id: str, image_id: str) -> bool:
        """Whether a segmentation lies on an image, in part at least, as far as boxes tell; an empty one lies nowhere else."""
        from slicer import vtkMRMLVolumeNode

        node, volume = self.node(node_id), self.scene.GetNodeByID(image_id)
        if node is None or not isinstance(volume, vtkMRMLVolumeNode):
            return False
        own, other = [0.0] * 6, [0.0] * 6
        node.GetRASBounds(own)
        volume.GetRASBounds(other)
        is_empty = own[0] > own[1]
        return is_empty or all(own[low] <= other[low + 1] and other[low] <= own[low + 1] for low in (0, 2, 4))

    def add(self, labelmap: Labelmap, name: str, like: str) -> str:
        """A new segmentation over the image of the one named ``like``; gives its id."""
        neighbor = self.node(like)
        node = add_segmentation(self.scene, labelmap, name, None if neighbor is None else reference_volume(neighbor))
        if neighbor is not None:
            add_item_beside(self.scene, neighbor, node)
            copied = (STUDY_ATTRIBUTE, REFERENCED_ATTRIBUTE, LICENSE_ATTRIBUTE)
            mark(node, {attribute: neighbor.GetAttribute(attribute) or "" for attribute in copied})
        return node.GetID() or ""

    def remove(self, node_id: str) -> None:
        """Take a segmentation out of the scene, with the labelmap volume and contours of the same series."""
        node = self.node(node_id)
        if node is not None:
            series = node.GetAttribute(SERIES_ATTRIBUTE) or ""
            remove_nodes(self.scene, nodes_of_series(self.scene, series) if series else [node])

    def replace_voxels(self, node_id: str, labelmap: Labelmap) -> bool:
        """Other voxels for the segments of a node; False where they lie on another grid."""
        node = self._on_this_grid(node_id, labelmap)
        if node is not None:
            replace_voxels(node, labelmap)
        return node is not None

    def take_voxels(self, node_id: str, labelmap: Labelmap) -> bool:
        """Other voxels and segments: those of the same name stay what they are, others come and go. False where they lie on another grid."""
        node = self._on_this_grid(node_id, labelmap)
        if node is not None:
            take_segments(node, labelmap)
        return node is not None

    def _on_this_grid(self, node_id: str, labelmap: Labelmap) -> vtkMRMLSegmentationNode | None:
        """The node, if it has the grid of ``labelmap``."""
        node = self.node(node_id)
        return node if node is not None and lies_on(node, labelmap.geometry) else None

    def show_contours(self, shown: bool) -> None:
        """The contours of structure sets as they were drawn."""
        self._show_contours(shown)

    def image_series(self, node_id: str) -> tuple[str, ...]:
        """Series UIDs of the images that a segmentation was drawn on, or lies over."""
        node = self.node(node_id)
        if node is None:
            return ()
        referenced = (node.GetAttribute(REFERENCED_ATTRIBUTE) or "").split()
        volume = reference_volume(node)
        own = (volume.GetAttribute(SERIES_ATTRIBUTE) or "") if volume is not None else ""
        return tuple(dict.fromkeys([*([own] if own else []), *referenced]))

    def look_at(self, node_id: str, segment_id: str, k: int) -> bool:
        """Bring slice ``k`` of a segment into every slice view; False where it has nothing there."""
        node = self.node(node_id)
        ras = None if node is None else middle_of(node, segment_id, k)
        if ras is None:
            return False
        self._jump(ras)
        return True

    def slice_in_view(self, node_id: str, segment_id: str) -> float | None:
        """The slice of a segment's grid that the views stand on, with a fraction between slices; None where that cannot be said."""
        node, ras = self.node(node_id), crossing_point(self.scene)
        return None if node is None or ras is None else slice_at(node, segment_id, ras)

    def show_side_by_side(self, first: str, second: str) -> bool:
        """Each in one of the two slice views that Slicer's side by side layout has, which move together; False where a node or view is missing."""
        self.end_side_by_side()
        nodes = [node for node_id in (first, second) if (node := self.node(node_id)) is not None]
        by_name = {view.GetLayoutName(): view for view in slice_nodes(self.scene)}
        views = [by_name[name] for name in VIEWS if name in by_name]
        if len(nodes) != 2 or len(views) != 2:
            return False
        others = [node for node in self.nodes() if node.GetID() not in (first, second)]
        self._side_by_side = SideBySide(self.scene, (views[0], views[1]), (nodes[0], nodes[1]), others)
        return True

    def end_side_by_side(self) -> None:
        """Each in all views again."""
        if self._side_by_side is not None:
            self._side_by_side.close()
            self._side_by_side = None

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` when segmentations come, go or change, until ``close``."""
        self._changed = changed
        for event in (self.scene.NodeAddedEvent, self.scene.NodeRemovedEvent, self.scene.EndCloseEvent, self.scene.EndImportEvent):
            self._observed.append(self.scene.AddObserver(event, self._tell))
        self._watch_nodes()

    def close(self) -> None:
        """Take the observers away."""
        self.end_side_by_side()
        for tag in self._observed:
            self.scene.RemoveObserver(tag)
        self._observed, self._changed = [], None
        for node in list(self._watched):
            self._unwatch(node)

    def _watch_nodes(self) -> None:
        """Those that are there now. One that is gone is let go of: its voxels are large."""
        now = self.nodes()
        for node in [one for one in self._watched if one not in now]:
            self._unwatch(node)
        for node in now:
            if node not in self._watched:
                # Of its display node, which it may not have yet, it tells itself.
                subjects: tuple[tuple[Any, Any], ...] = (
                    (node, "ModifiedEvent"),
                    (node, node.DisplayModifiedEvent),
                    (node.GetSegmentation(), "ModifiedEvent"),
                )
                self._watched[node] = [(subject, subject.AddObserver(event, self._tell)) for subject, event in subjects]

    def _unwatch(self, node: vtkMRMLSegmentationNode) -> None:
        for subject, tag in self._watched.pop(node):
            with contextlib.suppress(ValueError):
                subject.RemoveObserver(tag)

    def _tell(self, *_unused: object) -> None:
        if self._changed is not None:
            self._watch_nodes()
            self._ribbons.follow()
            self._changed()

    def _display(self, node_id: str) -> vtkMRMLSegmentationDisplayNode | None:
        node = self.node(node_id)
        return None if node is None else node.GetDisplayNode()


def _source(node: vtkMRMLSegmentationNode) -> SourceRow:
    display, segmentation = node.GetDisplayNode(), node.GetSegmentation()
    node_id = node.GetID()
    segments = [(identifier, segmentation.GetSegment(identifier)) for identifier in segmentation.GetSegmentIDs()]
    found = [(identifier, segment) for identifier, segment in segments if segment is not None]
    stored = node.GetAttribute(SOURCE_ATTRIBUTE) or ""
    return SourceRow(
        node_id=node_id,
        name=node.GetName() or "",
        kind=stored.split(" ")[0] if stored else "",
        maker=_maker([segment for _, segment in found], node.GetAttribute(CREATOR_ATTRIBUTE) or ""),
        license=node.GetAttribute(LICENSE_ATTRIBUTE) or "",
        series_uid=node.GetAttribute(SERIES_ATTRIBUTE) or "",
        visible=display is not None and bool(display.GetVisibility()),
        opacity=0.0 if display is None else float(display.GetOpacity2DFill()),
        line_width=1 if display is None else int(display.GetSliceIntersectionThickness()),
        filled=display is not None and bool(display.GetVisibility2DFill()),
        contour_rule=next((rule for _, segment in found if (rule := tag_of(segment, CONTOUR_RULE_TAG))), ""),
        one_color=color_of_text(node.GetAttribute(ONE_COLOR_ATTRIBUTE) or ""),
        instance_uid=stored.partition(" ")[2],
        origin=origin_in_words(node),
        alias=node.GetAttribute(BLINDED_ATTRIBUTE) or "",
        line_style=line_style_of(node),
        segments=tuple(_row(node_id, identifier, segment, display) for identifier, segment in found),
    )


def _blinded(source: SourceRow) -> SourceRow:
    return replace(source, name=source.alias or "Segmentation", maker="", origin="", license="")


def _row(node_id: str, identifier: str, segment: vtkSegment, display: vtkMRMLSegmentationDisplayNode | None) -> SegmentRow:
    red, green, blue = (round(part * 255) for part in segment.GetColor())
    number = tag_of(segment, NUMBER_TAG)
    return SegmentRow(
        node_id=node_id,
        segment_id=identifier,
        name=segment.GetName() or identifier,
        color=(red, green, blue),
        visible=display is not None and bool(display.GetSegmentVisibility(identifier)),
        code=_meaning(tag_of(segment, segment.GetTerminologyEntryTagName())),
        number=int(number) if number.isdecimal() else 0,
        areas=tag_of(segment, AREAS_TAG),
    )


def _meaning(entry: str) -> str:
    """ "Left Lung (SCT 39607008)" from a terminology entry."""
    codes = codes_of_entry(entry)
    kind: Code | None = codes.get("anatomic_region") or codes.get("type")
    modifiers: Sequence[Code] = codes.get("anatomic_region_modifiers" if "anatomic_region" in codes else "type_modifiers", ())
    if kind is None:
        return ""
    words = " ".join([*(modifier.meaning for modifier in modifiers), kind.meaning])
    return f"{words} ({kind.scheme} {kind.value})"


def _maker(segments: Sequence[vtkSegment], creator: str) -> str:
    """From what segments state and who is stated to have drawn them: "algorithm: TotalSegmentator", "person: Reader A"; empty without either."""
    stated = {(tag_of(segment, ALGORITHM_TYPE_TAG), tag_of(segment, ALGORITHM_NAME_TAG)) for segment in segments}
    kinds = sorted({_MAKERS[kind] for kind, _ in stated if kind in _MAKERS})
    algorithms = sorted({name for kind, name in stated if name and kind != "MANUAL"})
    names = [*algorithms[:3], *([creator] if creator and not any(kind == "AUTOMATIC" for kind, _ in stated) else [])]
    return ": ".join(part for part in (", ".join(kinds), ", ".join(names)) if part)
