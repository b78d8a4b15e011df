"""Segmentations that a reader changed in the scene, written as DICOM SEG beside the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from IDCBrowserLib.api import review as api
from IDCBrowserLib.api.export import EXPORT, Exported
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError, NotFoundError
from IDCBrowserLib.host_interface import DicomStore
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.file_lister import Defer
from IDCBrowserLib.logic.review.review_scene import ReviewScene
from IDCBrowserLib.logic.segments.image_files import first_series_files
from IDCBrowserLib.logic.segments.voxel_files import VoxelFiles
from IDCBrowserLib.scene.segments.segment_rows import SourceRow

OnError = Callable[[IDCBrowserError], None]


@dataclass(frozen=True)
class Changed:
    """Who changed which segmentation of which entry."""

    reader: str
    entry: int
    source: SourceRow


class Corrections:
    """``save`` writes one after the other and calls one of both functions at the end."""

    def __init__(self, client: EngineClient, store: DicomStore, defer: Defer) -> None:
        self._client = client
        self._store = store
        self._defer = defer

    def save(self, scene: ReviewScene, changed: Sequence[Changed], on_done: Callable[[], None], on_error: OnError) -> None:
        """What they hold now is written, also if the scene is closed meanwhile. Nothing is written where nothing has changed."""
        then = on_done
        for one in reversed(changed):
            then = _Writing(self._client, self._store, self._defer, scene, one, then, on_error).start
        then()


class _Writing:
    def __init__(
        self,
        client: EngineClient,
        store: DicomStore,
        defer: Defer,
        scene: ReviewScene,
        changed: Changed,
        on_done: Callable[[], None],
        on_error: OnError,
    ) -> None:
        self._client, self._store, self._changed = client, store, changed
        self._on_done, self._on_error = on_done, on_error
        labelmap = scene.labelmap(changed.source.node_id)
        self._files = None if labelmap is None else VoxelFiles([labelmap], defer)
        self._images = scene.image_series(changed.source.node_id)
        self._license = scene.license(changed.source.node_id)

    def start(self) -> None:
        """Find the images, then write."""
        if self._files is None:
            self._on_error(
                NotFoundError(_("{name} has no voxels on a single grid, so the correction cannot be saved.").format(name=self._changed.source.name))
            )
        else:
            first_series_files(self._store, self._images, self._found, self._failed)

    def _found(self, files: Sequence[str]) -> None:
        if not files:
            self._failed(NotFoundError(_("The images of the corrected segmentation are not in the DICOM database, so it cannot be saved.")))
            return
        assert self._files is not None, "checked before"
        self._files.write(lambda parts: self._place(parts[0], files), self._failed)

    def _place(self, part: Part, images: Sequence[str]) -> None:
        changed = self._changed
        question = api.CORRECTION({"reader": changed.reader, "entry": changed.entry, "series_uid": changed.source.series_uid})
        self._client.ask(question, lambda answer: self._write(part, images, answer["path"]), self._failed)

    def _write(self, part: Part, images: Sequence[str], path: str) -> None:
        source = self._changed.source
        question = EXPORT(
            {
                "part": part,
                "images": images,
                "out": path,
                "kind": "seg",
                "description": f"Corrected: {source.name}",
                "creator": self._changed.reader,
                "algorithm": "",
                "algorithm_version": "",
                "algorithm_family": "",
                "license": self._license,
                "compress": False,
                "report": "",
                # Whoever finds nothing of what was drawn removes all of it.
                "may_be_empty": True,
            }
        )
        self._client.ask(question, self._written, self._failed)

    def _written(self, answer: Exported) -> None:
        self._remove_voxels()
        changed = self._changed
        question = api.CORRECTED({"reader": changed.reader, "entry": changed.entry, "series_uid": changed.source.series_uid, "path": answer["path"]})
        self._client.ask(question, lambda _nothing: self._on_done(), self._on_error)

    def _failed(self, error: IDCBrowserError) -> None:
        self._remove_voxels()
        self._on_error(error)

    def _remove_voxels(self) -> None:
        if self._files is not None:
            self._files.remove()
