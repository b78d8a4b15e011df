"""The work on one item, from its files to its outputs. Done twice it does nothing the second time: an output with a good receipt is done."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import IDCBrowserLib
from IDCBrowserLib.batch.drawn import convert_series, make_folder, named_images
from IDCBrowserLib.batch.fetching import ItemFiles, NeedsSpaceError, clear_scratch
from IDCBrowserLib.batch.item import Item, ItemSeries
from IDCBrowserLib.batch.receipt import entry, read_receipt, receipt_path, write_receipt
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.batch.steps import RULES
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
        for one in dict.fromkeys(one for one, _ in todo):
            try:
                steps = [step for step in settings.wanted.steps if (one, step) in todo]
                worked.outputs += _SeriesWork(one, steps, settings, files, task).run()
            except IDCBrowserError as error:
                worked.fail(error, one.planned.series_uid)
    except NeedsSpaceError as error:
        return Worked(needs=error.size_bytes)
    if not worked.full:
        clear_scratch(settings, key)
    return worked


def _missing(item: Item, settings: Settings, worked: Worked) -> dict[tuple[ItemSeries, str], None]:
    """Outputs to be made; those that are done go to ``worked``."""
    missing: dict[tuple[ItemSeries, str], None] = {}
    for one in item.series:
        for step in settings.wanted.applying(one.planned.modality):
            path = receipt_path(settings.folder, step, one.place)
            receipt = read_receipt(path, settings.wanted.key(step, one.planned.crdc_series_uuid))
            if receipt is None:
                missing[one, step] = None
            else:
                worked.outputs.append(entry(settings.folder, path, receipt))
    return missing


class _SeriesWork:
    """The missing outputs of one series."""

    def __init__(self, one: ItemSeries, steps: list[str], settings: Settings, files: ItemFiles, task: Task) -> None:
        self._one = one
        self._steps = steps
        self._settings = settings
        self._files = files
        self._task = task
        self._images: dict[str, None] = {}

    def run(self) -> list[dict[str, Any]]:
        """Entries of the ledger."""
        one, settings = self._one, self._settings
        target = settings.folder / "labelmaps" / one.place
        if not settings.cluster:
            _clear_parts(target)
        objects = self._files.of([one.planned.series_uid])
        made = convert_series(objects, self._images_of, self._steps, target, settings.wanted.ending, self._task)
        entries = []
        for step in self._steps:
            path = receipt_path(settings.folder, step, one.place)
            make_folder(path.parent)
            document = {**self._provenance(step), "objects": made.documents[step]}
            receipt = write_receipt(
                path, settings.wanted.key(step, one.planned.crdc_series_uuid), document, made.files if step == "labelmaps" else ()
            )
            entries.append(entry(settings.folder, path, receipt))
        return entries

    def _images_of(self, path: Path) -> list[Path]:
        named = named_images(path) or self._files.images_of_study(self._one.planned)
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


def _clear_parts(target: Path) -> None:
    """What a killed process was writing; nobody else writes to this series' outputs meanwhile."""
    with contextlib.suppress(OSError):
        for path in target.parent.iterdir():
            if path.name.startswith(f".{target.name}") and path.name.endswith(".part"):
                path.unlink(missing_ok=True)


def _is_full(error: BaseException) -> bool:
    from IDCBrowserLib.transfer.disk import FullError

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, FullError) or (isinstance(seen, OSError) and seen.errno in _FULL):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
