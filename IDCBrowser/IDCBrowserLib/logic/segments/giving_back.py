"""A segmentation of the scene as DICOM files beside its images, which also enter the DICOM database, or as a package for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from IDCBrowserLib.api.export import EXPORT, PACKAGE, Exported, ExportParameters, Kind, Packaged
from IDCBrowserLib.api.labelmap import Part
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.engine.client import Asked, Engine
from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.host_interface import DicomStore, Settings
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.segments.image_files import first_series_files
from IDCBrowserLib.logic.segments.segments import Defer, Segments
from IDCBrowserLib.logic.segments.voxel_files import VoxelFiles
from IDCBrowserLib.scene.segments.segment_rows import SourceRow
from IDCBrowserLib.signal import Signal
from IDCBrowserLib.whole_file import free_name

# "measured" is a SEG with its measurements beside it, "measuredRois" a structure set likewise, "package" a SEG in a zip file with what others need to
# use it.
Form = Literal["seg", "measured", "labelmap", "rtstruct", "measuredRois", "package"]
STATEMENT_KEYS = "GiveBack"
_DEFLATED_KEY = f"{STATEMENT_KEYS}/Deflated"
_KINDS: dict[Form, Kind] = {
    "seg": "seg",
    "measured": "seg",
    "labelmap": "labelmap",
    "rtstruct": "rtstruct",
    "measuredRois": "rtstruct",
    "package": "seg",
}


@dataclass(frozen=True)
class Statement:
    """What is said of who made a segmentation: ``creator`` is a person; ``algorithm``, its ``version`` and ``family`` (of
    ``export.algorithm_family``, "" for the usual one) hold for segments that do not state themselves what made them."""

    creator: str = ""
    algorithm: str = ""
    version: str = ""
    family: str = ""


class GivingBack:
    """``start`` one at a time; ``said`` carries what came of it, ``changed`` tells when ``running`` does. ``state`` keeps what is said of its makers
    for all that is written from then on, also after a restart."""

    def __init__(self, client: Engine, store: DicomStore, settings: Settings, segments: Segments, defer: Defer) -> None:
        self._client = client
        self._settings = settings
        self._store = store
        self._segments = segments
        self._defer = defer
        self._files: VoxelFiles | None = None
        self._asked: Asked | None = None
        self.running = False
        self.said: Signal[str] = Signal()
        self.changed: Signal[[]] = Signal()

    @property
    def statement(self) -> Statement:
        """As stated last."""
        return Statement(*(self._settings.value(f"{STATEMENT_KEYS}/{field}", "") for field in asdict(Statement())))

    def state(self, statement: Statement) -> None:
        """Say who makes what is written."""
        for field, text in asdict(statement).items():
            self._settings.set_value(f"{STATEMENT_KEYS}/{field}", text.strip())

    @property
    def deflates(self) -> bool:
        """Whether SEG objects are compressed, as chosen last."""
        return self._settings.value(_DEFLATED_KEY, "") == "true"

    def deflate(self, on: bool) -> None:
        """Compress them, or not."""
        self._settings.set_value(_DEFLATED_KEY, "true" if on else "")

    def start(self, node_id: str, form: Form, path: str) -> None:
        """Write a segmentation; its images have to be in the DICOM database."""
        source, labelmap = self._segments.state.source(node_id), self._segments.scene.labelmap(node_id)
        if self.running or source is None:
            return
        if labelmap is None:
            self.said.emit(_("{name} has no voxels on a single grid, so it cannot be written.").format(name=source.name[:100]))
            return
        self._set_running(True)
        self.said.emit(_("Writing {path}...").format(path=path))
        files = self._files = VoxelFiles([labelmap], self._defer)

        def found(images: Sequence[str]) -> None:
            if self._files is not files:
                # Canceled meanwhile.
                return
            if images:
                files.write(lambda parts: self._write(source, parts[0], images, form, path), self._failed)
            else:
                text = _("The images of {name} are not in the DICOM database. Download them, then export again.")
                self._end(text.format(name=source.name[:100]))

        first_series_files(self._store, self._segments.scene.image_series(node_id), found, self._failed)

    def cancel(self) -> None:
        """Forget what is under way."""
        if self._asked is not None:
            self._asked.cancel()
        self._end("")

    def _write(self, source: SourceRow, part: Part, images: Sequence[str], form: Form, path: str) -> None:
        stated = self.statement
        about: ExportParameters = {
            "part": part,
            "images": images,
            "out": path,
            "kind": _KINDS[form],
            "description": source.name,
            "creator": stated.creator,
            "algorithm": stated.algorithm,
            "algorithm_version": stated.version,
            "algorithm_family": stated.family,
            "license": source.license,
            # A structure set has no pixels.
            "compress": self.deflates and _KINDS[form] != "rtstruct",
        }
        if form == "package":
            self._asked = self._client.ask(PACKAGE(about), self._packaged, self._failed)
            return
        report = str(free_name(Path(path).with_name(f"{Path(path).stem}-measurements.dcm"))) if form in ("measured", "measuredRois") else ""
        self._asked = self._client.ask(EXPORT({**about, "report": report, "may_be_empty": False}), self._written, self._failed)

    def _packaged(self, answer: Packaged) -> None:
        segments, checks = answer["validation"]["segments"], answer["validation"]["checks"]
        voxels = sum(segment["voxels"] for segment in segments)
        errors = sum(len(check["errors"]) for check in checks)
        said = _("dciodvfy: {count} errors (see validation.json).").format(count=f"{errors:,}") if any(check["version"] for check in checks) else ""
        text = _("Packaged to {path}. All {voxels} voxels of {segments} segments were read back.")
        text = text.format(path=answer["path"], voxels=f"{voxels:,}", segments=f"{len(segments):,}")
        self._end(" ".join(part for part in (text, said, *answer["warnings"]) if part))

    def _written(self, answer: Exported) -> None:
        report = answer["report"]
        files = [answer["path"], *([report["path"]] if report is not None else [])]
        if report is None:
            done = _("Written to {path}.").format(path=answer["path"])
        else:
            done = _("Written to {path} with {count} measurements in {report}.")
            done = done.format(path=answer["path"], count=f"{report['measurements']:,}", report=report["path"])
        text = " ".join([done, *answer["warnings"]])

        def imported(counts: ImportCounts) -> None:
            if counts["left_out"]:
                not_imported(counts["left_out"][0]["reason"])
            else:
                self._end(f"{text} {_('It is in the DICOM database as well.')}")

        def not_imported(reason: object) -> None:
            self._end(f"{text} {_('It could not be added to the DICOM database: {reason}').format(reason=reason)}")

        self._store.import_files(files, imported, not_imported, lambda _progress: None)

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
