"""A folder of generated series in the layout of IDC's buckets, made once and found again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.demo.identity import object_uuid, uid
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.whole_file import part_folder

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

INDEX_NAME = "phantom.json"


@dataclass(frozen=True)
class PhantomSeries:
    """One series on disk. ``files`` lie in ``<folder>/<crdc_series_uuid>``; ``size_bytes`` is their total."""

    key: str
    series_instance_uid: str
    study_instance_uid: str
    modality: str
    crdc_series_uuid: str
    files: tuple[Path, ...]
    size_bytes: int


@dataclass(frozen=True)
class MadeSeries:
    """The objects of a series, and what a program that reads them rightly finds; None where there is nothing to find."""

    objects: Sequence[Dataset]
    truth: Mapping[str, Any] | None = None


Maker = Callable[[], Mapping[str, MadeSeries]]
"""Makes series by key, which is also the name that their UIDs follow from."""


def write(folder: Path, version: str, makers: Sequence[Maker], task: Task, step: str) -> list[PhantomSeries]:
    """Make the series in ``folder``, or find them there already (of this version): whole or not at all.

    Raises ``OSError`` when the folder cannot be written and ``CancelledError``.
    """
    if not _is_current(folder, version):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with part_folder(f".{folder.name}-", folder.parent) as work:
            _make(work, version, makers, task, step)
            _put_in_place(work, folder, version)
    return read(folder)


def read(folder: Path) -> list[PhantomSeries]:
    """The series that ``write`` left in ``folder``."""
    found = []
    for key, entry in _index(folder)["series"].items():
        files = tuple(sorted((folder / entry["crdc_series_uuid"]).glob("*.dcm")))
        size = sum(path.stat().st_size for path in files)
        found.append(PhantomSeries(key, entry["series_uid"], entry["study_uid"], entry["modality"], entry["crdc_series_uuid"], files, size))
    return found


def truth(folder: Path) -> dict[str, Any]:
    """By key of the series."""
    found: dict[str, Any] = _index(folder)["truth"]
    return found


def _index(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / INDEX_NAME).read_text(encoding="utf-8"))
    return document


def _is_current(folder: Path, version: str) -> bool:
    try:
        document = _index(folder)
        return document["version"] == version and all(
            len(list((folder / entry["crdc_series_uuid"]).glob("*.dcm"))) == entry["instances"] for entry in document["series"].values()
        )
    except (OSError, ValueError, KeyError):
        return False


def _put_in_place(work: Path, folder: Path, version: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        work.replace(folder)
    except OSError:
        # Another process may have made the same one meanwhile; then its one is as good.
        if not _is_current(folder, version):
            raise


def _make(folder: Path, version: str, makers: Sequence[Maker], task: Task, step: str) -> None:
    from IDCBrowserLib.demo.dicom_file import save

    entries, expected = {}, {}
    for done, make in enumerate(makers):
        task.raise_if_cancelled()
        task.report(Progress("phantom", done, len(makers), "steps", step))
        for key, made in make().items():
            series_uuid = object_uuid(key)
            for dataset in made.objects:
                save(dataset, folder / series_uuid / f"{object_uuid(dataset.SOPInstanceUID)}.dcm")
            entries[key] = {
                "series_uid": uid(key),
                "study_uid": str(made.objects[0].StudyInstanceUID),
                "modality": made.objects[0].Modality,
                "crdc_series_uuid": series_uuid,
                "instances": len(made.objects),
            }
            if made.truth is not None:
                expected[key] = made.truth
    task.raise_if_cancelled()
    task.report(Progress("phantom", len(makers), len(makers), "steps", step))
    document = {"version": version, "series": entries, "truth": expected}
    (folder / INDEX_NAME).write_text(json.dumps(document, indent=1), encoding="utf-8")
