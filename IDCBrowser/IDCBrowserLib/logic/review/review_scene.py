"""What a review list needs of a scene; ``scene.review.SceneReview`` is one, tests have another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from IDCBrowserLib.scene.arrangement import Arrangement
from IDCBrowserLib.scene.segments.segment_rows import SourceRow

if TYPE_CHECKING:
    from IDCBrowserLib.labelmap.types import Labelmap


class ReviewScene(Protocol):
    """See ``SceneReview`` for each."""

    go_to: Callable[[str, str], None]
    correct: Callable[[str], None] | None

    def watch_closing(self, closing: Callable[[], None], closed: Callable[[], None]) -> None:
        """Tell before and after the scene is closed."""

    def close(self) -> None:
        """Watch no more."""

    def has(self, series_uid: str) -> bool:
        """Whether a series is loaded."""

    def sources(self, series_uids: Collection[str]) -> tuple[SourceRow, ...]:
        """The segmentations of these series."""

    def stamp(self, node_id: str) -> int:
        """Another number whenever voxels have changed."""

    def labelmap(self, node_id: str) -> Labelmap | None:
        """The voxels of a segmentation."""

    def license(self, node_id: str) -> str:
        """The terms of a segmentation, also where makers are hidden."""

    def image_series(self, node_id: str) -> tuple[str, ...]:
        """Of the images that a segmentation was drawn on."""

    def remove(self, series_uids: Collection[str]) -> None:
        """Take them out of the scene."""

    def hide_makers(self, hidden: bool) -> None:
        """Where segmentations are listed."""

    def blind(self, series_uids: Collection[str], own: Collection[str]) -> None:
        """Hide who made segmentations; nodes of the ``own`` series get other names until nothing is hidden any more."""

    def take_voxels(self, node_id: str, labelmap: Labelmap) -> bool:
        """Show other voxels and segments in a segmentation; False where they lie on another grid."""

    def arrangement(self, modalities: Mapping[str, str], former: Arrangement) -> Arrangement:
        """How these series are shown."""

    def arrange(self, arrangement: Arrangement, modalities: Mapping[str, str]) -> None:
        """Show these series so."""

    def tell_apart(self, series_uids: Collection[str]) -> bool:
        """Show several segmentations so that they are told apart."""

    def turn_views(self, arrangement: Arrangement) -> None:
        """Into its planes."""
