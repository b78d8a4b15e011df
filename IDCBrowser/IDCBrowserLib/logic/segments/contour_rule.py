"""Another rule for how the contours of a structure set combine: its voxels are computed anew and take the place of the old ones."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from IDCBrowserLib.api.labelmap import CONVERT, DESCRIBE, Described, Labelmap, Part
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.image_files import first_series_files
from IDCBrowserLib.logic.segments.segments import Segments
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal

RULES = ("auto", "union", "xor")


class ContourRule:
    """``start`` one at a time; ``said`` carries what came of it."""

    def __init__(self, client: Engine, store: DicomStore, segments: Segments) -> None:
        self._client = client
        self._store = store
        self._segments = segments
        self._asked: Asked | None = None
        self.running = False
        self.said: Signal[str] = Signal()

    def start(self, node_id: str, rule: str) -> None:
        """Convert the structure set of a node anew. Its files and its images have to be in the DICOM database."""
        source = self._segments.state.source(node_id)
        if self.running or source is None or source.contour_rule == rule:
            return
        self.running = True
        self.said.emit(_("The contours are being filled anew..."))
        self._store.series_files(source.series_uid, lambda files: self._look_into(source, rule, list(files)), self._failed)

    def cancel(self) -> None:
        """Forget what is under way."""
        if self._asked is not None:
            self._asked.cancel()
        self.running = False

    def _look_into(self, source: SourceRow, rule: str, files: list[str]) -> None:
        """A series may hold several structure sets: the one that the node was made of is looked for."""
        if not files:
            text = _("The structure set {name} is not in the DICOM database. Download it, then choose the rule again.")
            self._end(text.format(name=source.name[:100]))
            return
        file = files.pop(0)

        def described(answer: Described) -> None:
            if answer["source"]["sop_instance_uid"] == source.instance_uid:
                self._find_images(source, rule, file)
            else:
                self._look_into(source, rule, files)

        self._asked = self._client.ask(DESCRIBE({"input": file}), described, self._failed)

    def _find_images(self, source: SourceRow, rule: str, file: str) -> None:
        def found(images: Sequence[str]) -> None:
            if images:
                question = CONVERT({"input": file, "images": images, "contour_rule": rule})
                self._asked = self._client.ask(question, lambda answer: self._converted(source, answer), self._failed)
            else:
                text = _("The images of {name} are not in the DICOM database. Download them, then choose the rule again.")
                self._end(text.format(name=source.name[:100]))

        first_series_files(self._store, self._segments.scene.image_series(source.node_id), found, self._failed)

    def _converted(self, source: SourceRow, answer: Labelmap) -> None:
        from IDCBrowserLib.labelmap.files.raw import load_labelmap

        parts: list[Part] = [answer, *answer["others"]]
        try:
            replaced = any(self._segments.scene.replace_voxels(source.node_id, load_labelmap(part)) for part in parts)
        finally:
            for array in (array for part in parts for array in part["arrays"]):
                with contextlib.suppress(OSError):
                    # Mapped already; Windows keeps it until the engine's folder goes.
                    Path(array["array"]).unlink()
        self._segments.refresh()
        text = _("{name} and its images have different grids now. Load it again.")
        self._end("" if replaced else text.format(name=source.name[:100]))

    def _failed(self, error: IDCBrowserError) -> None:
        self._end(str(error))

    def _end(self, text: str) -> None:
        self._asked, self.running = None, False
        self.said.emit(text)
