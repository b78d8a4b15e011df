"""What a reader has corrected in an entry before, shown in place of the segmentations that it was made of."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from IDCBrowserLib.api.labelmap import CONVERT, Labelmap, Part
from IDCBrowserLib.engine.client import EngineClient
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.review.review_scene import ReviewScene
from IDCBrowserLib.logic.segments.image_files import first_series_files
from IDCBrowserLib.scene.segments.segment_rows import SourceRow

# A segmentation of the scene, and the DICOM SEG that was made of it.
Saved = tuple[SourceRow, str]


class SavedCorrections:
    """``show`` calls ``on_done`` with sentences about those that cannot be shown; of these the original stays."""

    def __init__(self, client: EngineClient, store: DicomStore) -> None:
        self._client = client
        self._store = store

    def show(self, scene: ReviewScene, saved: Sequence[Saved], on_done: Callable[[Sequence[str]], None], problems: Sequence[str] = ()) -> None:
        """One after the other."""
        if not saved:
            on_done(problems)
            return
        (source, path), rest = saved[0], saved[1:]

        def go_on(problem: str = "") -> None:
            self.show(scene, rest, on_done, [*problems, *([problem] if problem else [])])

        def failed(error: IDCBrowserError) -> None:
            go_on(_("Your correction of {name} cannot be shown, the original is: {reason}").format(name=source.name[:100], reason=error))

        def found(images: Sequence[str]) -> None:
            question = CONVERT({"input": path, "images": list(images) or None, "may_be_empty": True})
            self._client.ask(question, partial(self._take, scene, source, go_on), failed)

        first_series_files(self._store, scene.image_series(source.node_id), found, failed)

    def _take(self, scene: ReviewScene, source: SourceRow, go_on: Callable[[str], None], answer: Labelmap) -> None:
        from IDCBrowserLib.labelmap.files.raw import load_labelmap

        parts: list[Part] = [answer, *answer["others"]]
        try:
            is_shown = any(scene.take_voxels(source.node_id, load_labelmap(part)) for part in parts)
        finally:
            for array in (array for part in parts for array in part["arrays"]):
                with contextlib.suppress(OSError):
                    # Mapped already; Windows keeps it until the engine's folder goes.
                    Path(array["array"]).unlink()
        text = _("Your correction of {name} has another grid, so the original is shown.")
        go_on("" if is_shown else text.format(name=source.name[:100]))
