"""Two or more segmentations of the scene against each other: the table, and what they agree on."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from IDCBrowserLib.api.compare import COMPARE, Compared, Comparison
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.segments import Defer, Segments
from IDCBrowserLib.logic.segments.voxel_files import VoxelFiles
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.whole_file import write_whole


@dataclass(frozen=True)
class ComparisonState:
    """``names`` of what was compared; ``problem`` is a sentence when that failed; ``running`` until either is there."""

    running: bool = False
    names: tuple[str, ...] = ()
    document: Comparison | None = None
    problem: str = ""


_MADE = ("agreement of ", "consensus of ")


def was_made_by_comparing(source: SourceRow) -> bool:
    """Whether a segmentation shows what a comparison found; it is none of those that are compared."""
    return not source.series_uid and source.name.casefold().startswith(_MADE)


class SegmentComparison:
    """``start`` with node ids; the state is told by ``changed``, what else happens by ``said``."""

    def __init__(self, client: Engine, segments: Segments, defer: Defer) -> None:
        self._client = client
        self._segments = segments
        self._defer = defer
        self._asked: Asked | None = None
        self._files: VoxelFiles | None = None
        self.state = ComparisonState()
        self.changed: Signal[[]] = Signal()
        self.said: Signal[str] = Signal()

    def start(self, node_ids: Sequence[str], *, agreement: bool = False, consensus: str = "", by_hand: Sequence[tuple[int, int]] = ()) -> None:
        """Compare them. With ``agreement`` a segmentation shows where the first two differ; ``consensus`` is "majority" or "staple"."""
        self.cancel()
        sources = [source for node_id in node_ids if (source := self._segments.state.source(node_id)) is not None]
        names = tuple(source.short_name for source in sources)
        labelmaps = [(source, self._segments.scene.labelmap(source.node_id)) for source in sources]
        bad = next((source.short_name for source, labelmap in labelmaps if labelmap is None), "")
        if bad or len(sources) < 2:
            uneven = _("{name} has no voxels on a single grid, so it cannot be compared.").format(name=bad[:100])
            self._set(ComparisonState(names=names, problem=uneven if bad else _("Choose at least two segmentations to compare.")))
            return
        self._set(ComparisonState(running=True, names=names))
        files = VoxelFiles([labelmap for _source, labelmap in labelmaps if labelmap is not None], self._defer)
        self._files = files

        def ask(parts: list[Part]) -> None:
            question = COMPARE({"names": names, "parts": parts, "by_hand": by_hand, "agreement": agreement, "consensus": consensus})
            self._asked = self._client.ask(question, lambda answer: self._answered(answer, [source.node_id for source in sources]), self._failed)

        files.write(ask, self._failed)

    def cancel(self) -> None:
        """Forget what is under way."""
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        self._end()

    def save(self, path: str) -> None:
        """The table as CSV."""
        from IDCBrowserLib.compare.table import to_csv

        if self.state.document is None:
            return
        try:
            write_whole(Path(path), to_csv(self.state.document))
        except IDCBrowserError as error:
            self.said.emit(str(error))
        else:
            self.said.emit(_("Table written to {path}.").format(path=path))

    def _answered(self, answer: Compared, node_ids: Sequence[str]) -> None:
        self._end()
        names = " and ".join(self.state.names[:2])
        if answer["agreement"] is not None:
            # What lies over it would hide where the two differ.
            for node_id in node_ids:
                self._segments.show_source(node_id, False)
            self._add(answer["agreement"], f"Agreement of {names}", node_ids[0])
        if answer["consensus"] is not None:
            count = len(self.state.names)
            self._add(answer["consensus"], f"Consensus of {names if count == 2 else count}", node_ids[0])
        self._set(replace(self.state, running=False, document=answer["comparison"]))

    def _add(self, part: Part, name: str, like: str) -> None:
        from IDCBrowserLib.labelmap.files.raw import load_labelmap

        try:
            self._segments.scene.add(load_labelmap(part), name, like)
        finally:
            for array in part["arrays"]:
                with contextlib.suppress(OSError):
                    # Mapped already; Windows keeps it until the engine's folder goes.
                    Path(array["array"]).unlink()
        self._segments.refresh()

    def _failed(self, error: IDCBrowserError) -> None:
        self._end()
        self._set(replace(self.state, running=False, problem=str(error)))

    def _end(self) -> None:
        if self._files is not None:
            self._files.remove()
            self._files = None

    def _set(self, state: ComparisonState) -> None:
        self.state = state
        self.changed.emit()
