"""What the panel of segments needs of a scene; ``scene.segments.SceneSegments`` is one, tests have another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from IDCBrowserLib.scene.segments.image_rows import ImageRow
from IDCBrowserLib.scene.segments.segment_rows import Color, Figures, SourceRow

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.types import Labelmap


class SegmentScene(Protocol):
    """Segmentation nodes by their MRML id; see ``SceneSegments`` for each method."""

    has_line_styles: bool

    def images(self) -> tuple[ImageRow, ...]:
        """What segmentations can be drawn on."""

    def over(self, image: ImageRow) -> tuple[str, ...]:
        """Ids of the segmentations over an image."""

    def sources(self) -> tuple[SourceRow, ...]:
        """Every segmentation."""

    def stamp(self, node_id: str) -> int:
        """Another number whenever voxels have changed."""

    def measure(self, node_id: str) -> Iterator[Mapping[str, Figures] | None]:
        """Figures by segment id, with None in between."""

    def labelmap(self, node_id: str) -> Labelmap | None:
        """Its voxels."""

    def add_on_image(self, labelmap: Labelmap, name: str, image_id: str) -> str:
        """A new segmentation over an image; gives its id."""

    def meets(self, node_id: str, image_id: str) -> bool:
        """Whether a segmentation lies on an image, in part at least."""

    def add(self, labelmap: Labelmap, name: str, like: str) -> str:
        """A new segmentation; gives its id."""

    def remove(self, node_id: str) -> None:
        """Take it out of the scene."""

    def replace_voxels(self, node_id: str, labelmap: Labelmap) -> bool:
        """Other voxels; False where they lie on another grid."""

    def show_contours(self, shown: bool) -> None:
        """Contours as drawn."""

    def image_series(self, node_id: str) -> tuple[str, ...]:
        """Series UIDs of its images."""

    def look_at(self, node_id: str, segment_id: str, k: int) -> bool:
        """Bring a slice of a segment into the views."""

    def slice_in_view(self, node_id: str, segment_id: str) -> float | None:
        """The slice of its grid that the views stand on."""

    def show_side_by_side(self, first: str, second: str) -> bool:
        """Each in a slice view of its own; False where there are no two."""

    def end_side_by_side(self) -> None:
        """Both in all views."""

    def show_source(self, node_id: str, visible: bool) -> None:
        """Show or hide."""

    def show_segments(self, node_id: str, segment_ids: Iterable[str], visible: bool) -> None:
        """Show or hide segments."""

    def set_opacity(self, node_id: str, opacity: float) -> None:
        """Of the fill."""

    def set_line_width(self, node_id: str, width: int) -> None:
        """Of outlines."""

    def set_line_style(self, node_id: str, style: str) -> None:
        """Of outlines, where ``has_line_styles``."""

    def set_filled(self, node_id: str, filled: bool) -> None:
        """Fill and outline, or outline alone."""

    def set_one_color(self, node_id: str, color: Color | None) -> None:
        """One color for all segments; None for their own."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Tell of changes."""

    def close(self) -> None:
        """Tell no more."""
