"""A segmentation of the scene as a DICOM file beside its images, which also enters the DICOM database."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api.export import EXPORT, Exported, Kind
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore
from IDCBrowserLib.logic.segments.segments import Defer, Segments
from IDCBrowserLib.logic.segments.voxel_files import VoxelFiles
from IDCBrowserLib.scene.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal


class GivingBack:
    """``start`` one at a time; ``said`` carries what came of it, ``changed`` tells when ``running`` does."""

    def __init__(self, client: Engine, store: DicomStore, segments: Segments, defer: Defer) -> None:
        self._client = client
        self._store = store
        self._segments = segments
        self._defer = defer
        self._files: VoxelFiles | None = None
        self._asked: Asked | None = None
        self.running = False
        self.said: Signal[str] = Signal()
        self.changed: Signal[[]] = Signal()

    def start(self, node_id: str, kind: Kind, path: str) -> None:
        """Write a segmentation; its images have to be in the DICOM database."""
        source, labelmap = self._segments.state.source(node_id), self._segments.scene.labelmap(node_id)
        if self.running or source is None:
            return
        if labelmap is None:
            self.said.emit(f"{source.name} has no voxels on a single grid, so it cannot be written.")
            return
        self._set_running(True)
        self.said.emit(f"Writing {path}...")
        self._files = VoxelFiles([labelmap], self._defer)
        waiting = list(self._segments.scene.image_series(node_id))

        def found(images: Sequence[str]) -> None:
            if images:
                assert self._files is not None, "it runs"
                self._files.write(lambda parts: self._write(source, parts[0], images, kind, path), self._failed)
            elif waiting:
                self._store.series_files(waiting.pop(0), found, self._failed)
            else:
                self._end(f"The images of {source.name} are not in the DICOM database. Download them, then export again.")

        found(())

    def cancel(self) -> None:
        """Forget what is under way."""
        if self._asked is not None:
            self._asked.cancel()
        self._end("")

    def _write(self, source: SourceRow, part: Part, images: Sequence[str], kind: Kind, path: str) -> None:
        question = EXPORT(
            {"part": part, "images": images, "out": path, "kind": kind, "description": source.name, "creator": "", "license": source.license}
        )
        self._asked = self._client.ask(question, self._written, self._failed)

    def _written(self, answer: Exported) -> None:
        path = answer["path"]
        notes = " ".join(answer["warnings"])
        text = f"Written to {path}. {notes}".strip()
        self._store.import_files(
            [path],
            lambda _counts: self._end(f"{text} It is in the DICOM database as well."),
            lambda error: self._end(f"{text} It could not be added to the DICOM database: {error}"),
            lambda _progress: None,
        )

    def _failed(self, error: IDCBrowserError) -> None:
        self._end(str(error))

    def _end(self, text: str) -> None:
        if self._files is not None:
            self._files.remove()
            self._files = None
        self._asked = None
        self._set_running(False)
        if text:
            self.said.emit(text)

    def _set_running(self, running: bool) -> None:
        self.running = running
        self.changed.emit()
