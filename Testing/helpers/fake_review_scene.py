"""A scene for review lists without MRML: remembers what was loaded, removed, hidden and arranged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from helpers import made_volumes
from helpers.fake_host import FakeHost
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.scene.arrangement import Arrangement
from IDCBrowserLib.scene.segments.segment_rows import SegmentRow, SourceRow

_LICENSE = "CC BY 4.0"
_SEGMENTS = (("Liver", "Liver (SCT 10200004)"), ("Spleen", ""))


class FakeReviewScene:
    """What the fake loader was asked to load is here until it is removed. Every SEG has two segments."""

    def __init__(self, host: FakeHost, can_correct: bool = False) -> None:
        self._host = host
        self._removed: list[str] = []
        self.visible: dict[str, bool] = {}
        self.stamps: dict[str, int] = {}
        self.blinded: set[str] = set()
        self.renamed: set[str] = set()
        self.taken: list[str] = []
        # Whether corrections lie on the grid of what they were made of.
        self.fits = True
        self.hidden = False
        self.arranged: list[Arrangement] = []
        self.window = (400.0, 40.0)
        self.looked_at: list[tuple[str, str]] = []
        self.corrected: list[str] = []
        self.go_to: Callable[[str, str], None] = lambda node, segment: self.looked_at.append((node, segment))
        self.correct: Callable[[str], None] | None = self.corrected.append if can_correct else None

    @property
    def here(self) -> list[str]:
        """Series that are loaded."""
        loaded = [request.series_uid for request in self._host.loader.requests]
        return [uid for uid in dict.fromkeys(loaded) if loaded.count(uid) > self._removed.count(uid)]

    def watch_closing(self, closing: Callable[[], None], closed: Callable[[], None]) -> None:
        self._closing, self._closed = closing, closed

    def close(self) -> None:
        """Nothing is watched."""

    def clear(self) -> None:
        """Somebody closes the scene."""
        self._closing()
        self._removed += self.here
        self._closed()

    def has(self, series_uid: str) -> bool:
        return series_uid in self.here

    def sources(self, series_uids: Collection[str]) -> tuple[SourceRow, ...]:
        modalities = {request.series_uid: request.modality for request in self._host.loader.requests}
        return tuple(self._source(uid) for uid in self.here if uid in series_uids and modalities[uid] == "SEG")

    def stamp(self, node_id: str) -> int:
        return self.stamps.get(node_id, 1)

    def labelmap(self, node_id: str) -> Labelmap | None:
        return made_volumes.labelmap()

    def license(self, node_id: str) -> str:
        return _LICENSE

    def image_series(self, node_id: str) -> tuple[str, ...]:
        return ("image",)

    def remove(self, series_uids: Collection[str]) -> None:
        self._removed += [uid for uid in series_uids if uid in self.here]

    def hide_makers(self, hidden: bool) -> None:
        self.hidden = hidden

    def blind(self, series_uids: Collection[str], own: Collection[str]) -> None:
        self.blinded.update(series_uids)
        self.renamed.update(own)

    def take_voxels(self, node_id: str, labelmap: Labelmap) -> bool:
        self.taken.append(node_id)
        self.stamps[node_id] = self.stamp(node_id) + 1
        return self.fits

    def arrangement(self, modalities: Mapping[str, str], former: Arrangement) -> Arrangement:
        return replace(former, windows={"CT": self.window}, segments=dict(self.visible))

    def arrange(self, arrangement: Arrangement, modalities: Mapping[str, str]) -> None:
        self.arranged.append(arrangement)

    def tell_apart(self, series_uids: Collection[str]) -> bool:
        return len(self.sources(series_uids)) > 1

    def turn_views(self, arrangement: Arrangement) -> None:
        """There are no views."""

    def _source(self, uid: str) -> SourceRow:
        node = f"node-{uid}"
        segments = tuple(SegmentRow(node, f"s{number}", name, (255, 0, 0), True, code, number) for number, (name, code) in enumerate(_SEGMENTS, 1))
        terms = "" if self.hidden else _LICENSE
        return SourceRow(node, "Segmentation", "SEG", "", terms, uid, True, 0.5, 1, True, segments=segments, instance_uid=f"{uid}.9")
