"""The image series that a SEG or RTSTRUCT was drawn on: found in the database, and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from IDCBrowserLib.api.labelmap import DrawnOn
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host.loading.steps import Operation, Work
from IDCBrowserLib.host_interface import Cancellable, DicomStore, LoadRequest, LoadResult, OnError, OnProgress
from IDCBrowserLib.scene.provenance import image_series_in_frame, nodes_of_series

if TYPE_CHECKING:
    from slicer import vtkMRMLScene

LoadReferenced = Callable[[LoadRequest, OnProgress], Work[LoadResult]]


class ReferencedImages:
    """Of the objects that are loaded into ``scene``."""

    def __init__(self, scene: vtkMRMLScene, store: DicomStore) -> None:
        self._scene = scene
        self._store = store

    def of(self, described: DrawnOn, warnings: list[str]) -> Work[dict[str, Sequence[str]]]:
        """The referenced image series that the database has, with their files; those in the scene first.

        An object that names no series is drawn on the first volume in the scene with its frame of reference.
        """
        wanted = list(described["referenced_series_uids"] or image_series_in_frame(self._scene, described["frame_of_reference_uid"])[:1])
        wanted.sort(key=lambda uid: not nodes_of_series(self._scene, uid))
        found: dict[str, Sequence[str]] = {}
        for uid in wanted:
            files = yield _files(self._store, uid)
            if files:
                found[uid] = files
        if wanted and not found:
            problem = f"The image series it was drawn on, {_some(wanted)}, is not in the DICOM database."
            is_shown = any(nodes_of_series(self._scene, uid) for uid in wanted)
            what_to_do = "the image in the scene comes from elsewhere" if is_shown else "download that series to see them on it"
            warnings.append(f"{problem} The segments are shown on their own grid; {what_to_do}.")
        return found

    def show(self, image: LoadRequest, load_referenced: LoadReferenced, on_progress: OnProgress, warnings: list[str]) -> Work[LoadResult | None]:
        """Load the image series unless it is in the scene; when that fails the segments are still worth showing."""
        if nodes_of_series(self._scene, image.series_uid):
            return None
        try:
            return (yield from load_referenced(image, on_progress))
        except IDCBrowserError as error:
            warnings.append(f"The image series it was drawn on could not be shown: {error}")
            return LoadResult(image.series_uid, error=str(error))


def _files(store: DicomStore, series_uid: str) -> Operation:
    def ask(on_done: Callable[[Sequence[str]], None], on_error: OnError) -> Cancellable:
        return store.series_files(series_uid, on_done, on_error)

    return ask


def _some(uids: Sequence[str]) -> str:
    return uids[0] if len(uids) == 1 else f"{uids[0]} and {len(uids) - 1} more"
