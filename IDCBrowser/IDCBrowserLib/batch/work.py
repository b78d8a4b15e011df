"""The work on one item, from its files to its outputs. Done twice it does nothing the second time: an output with a good receipt is done."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import IDCBrowserLib
from IDCBrowserLib.batch.comparing import compared
from IDCBrowserLib.batch.drawn import convert_series, named_images
from IDCBrowserLib.batch.fetching import ItemFiles, NeedsSpaceError, clear_scratch
from IDCBrowserLib.batch.images import image_volumes
from IDCBrowserLib.batch.item import Item, Output
from IDCBrowserLib.batch.made import Made, make_below, making
from IDCBrowserLib.batch.receipt import entry, put_in_place, read_receipt, receipt_path, write_receipt
from IDCBrowserLib.batch.reports import measured
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.batch.steps import DRAWN, RULES
from IDCBrowserLib.dicom.dicom_file import DicomFile
from IDCBrowserLib.errors import IDCBrowserError, name_of
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass
class Worked:
    """What became of an item. ``kind`` and ``reason``: the first error, "" without one. ``full``: the disk is. ``needs``: bytes to be granted."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    kind: str = ""
    reason: str = ""
    full: bool = False
    needs: int = 0

    def fail(self, error: IDCBrowserError, series: str = "") -> None:
        """Remember an error."""
        reason = str(error) if not series or series in str(error) else f"{series}: {error}"
        self.reason = f"{self.reason}\n{reason}" if self.kind else reason
        self.kind = self.kind or name_of(error)
        self.full = self.full or _is_full(error)

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return dict(vars(self))


def work_on(item: Item, settings: Settings, catalog: Callable[[], Catalog], granted: int | None = None, task: Task | None = None) -> Worked:
    """Make the outputs of ``item`` that are missing. One that cannot be made does not keep the others from it."""
    task = task or Task()
    worked = Worked()
    todo = _missing(item, settings, worked)
    if not todo:
        return worked
    key = item.key(settings.wanted)
    files = ItemFiles(item.series, settings, key, granted, catalog, task)
    try:
        for outputs in _together(todo):
            try:
                worked.outputs += _Work(item, outputs, settings, files, task).run()
            except IDCBrowserError as error:
                worked.fail(error, outputs[0].owner.planned.series_uid)
    except NeedsSpaceError as error:
        return Worked(needs=error.size_bytes)
    if not worked.full:
        clear_scratch(settings, key)
    return worked


def _missing(item: Item, settings: Settings, worked: Worked) -> list[Output]:
    """Outputs to be made; those that are done go to ``worked``."""
    missing = []
    for output in item.outputs(settings.wanted):
        path = receipt_path(settings.folder, output.step, output.owner.place)
        receipt = read_receipt(path, output.key)
        if receipt is None:
            missing.append(output)
        else:
            worked.outputs.append(entry(settings.folder, path, receipt))
    return missing


def _together(outputs: list[Output]) -> list[list[Output]]:
    """Labelmap volumes and volumes of a series need one conversion."""
    found: dict[tuple[str, bool, str], list[Output]] = {}
    for output in outputs:
        converted = output.step in ("labelmaps", "volumes")
        found.setdefault((output.owner.planned.crdc_series_uuid, converted, "" if converted else output.step), []).append(output)
    return list(found.values())


class _Work:
    """Missing outputs of one series that are made together."""

    def __init__(self, item: Item, outputs: list[Output], settings: Settings, files: ItemFiles, task: Task) -> None:
        self._item = item
        self._outputs = outputs
        self._one = outputs[0].owner
        self._settings = settings
        self._files = files
        self._task = task
        self._images: dict[str, None] = {}

    def run(self) -> list[dict[str, Any]]:
        """Entries of the ledger."""
        settings, place = self._settings, self._one.place
        entries = []
        with making(settings.making, self._item.key(settings.wanted), not settings.cluster) as folder:
            made = self._made(self._outputs[0].step, folder)
            for output in self._outputs:
                path = receipt_path(settings.folder, output.step, place)
                make_below(settings.folder, path.parent)
                ours = [file for file in made.files if file.parent == (folder / output.step / place).parent]
                beside = put_in_place(ours, path, folder)
                document = {**self._provenance(output.step), "objects": made.documents[output.step]}
                entries.append(entry(settings.folder, path, write_receipt(path, output.key, document, beside, folder)))
        return entries

    def _made(self, step: str, folder: Path) -> Made:
        if step == "compare":
            return compared(self._by_image(), lambda uid: self._files.of([uid]), self._task)
        objects = self._files.of([self._one.planned.series_uid])
        if step == "images":
            target = folder / step / self._one.place
            return image_volumes(objects, target, self._settings.wanted.image_ending, self._task)
        if step == "measurements":
            return measured(objects, self._task)
        target = folder / "labelmaps" / self._one.place
        steps = [output.step for output in self._outputs]
        return convert_series(objects, self._images_of, steps, target, self._settings.wanted.ending, self._task)

    def _by_image(self) -> dict[str, dict[Path, str]]:
        """What was drawn on each image, with a name that stays."""
        found: dict[str, dict[Path, str]] = {}
        for one in self._item.series:
            if one.planned.modality in DRAWN:
                for path in self._files.of([one.planned.series_uid]):
                    for uid in named_images(path):
                        found.setdefault(uid, {})[path] = f"{one.planned.modality}_{one.planned.series_uid}/{path.name}"
        self._images.update(dict.fromkeys(found))
        return found

    def _images_of(self, file: DicomFile) -> list[Path]:
        named = named_images(file) or self._files.images_of_study(self._one.planned)
        self._images.update(dict.fromkeys(named))
        return self._files.of(named)

    def _provenance(self, step: str) -> Mapping[str, Any]:
        planned = self._one.planned
        return {
            "step": step,
            "rules": RULES[step],
            "program": IDCBrowserLib.__version__,
            "collection_id": planned.collection_id,
            "PatientID": planned.patient_id,
            "StudyInstanceUID": planned.study_uid,
            "SeriesInstanceUID": planned.series_uid,
            "crdc_series_uuid": planned.crdc_series_uuid,
            "Modality": planned.modality,
            "SeriesDescription": planned.description,
            "idc_version": planned.idc_version,
            "license_short_name": planned.license,
            "source_DOI": planned.source_doi,
            "images": self._files.versions(list(self._images)),
        }


def _is_full(error: BaseException) -> bool:
    from IDCBrowserLib.transfer.folders.disk import FullError

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, FullError) or (isinstance(seen, OSError) and seen.errno in _FULL):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
