"""The phantom patient: an abdomen as CT and oblique MR with segmentations, the same bytes every time, under 10 MB.

::

    series = phantom.write(folder)          # folder/<crdc_series_uuid>/<instance_uuid>.dcm, as IDC's buckets are laid out
    with bucket.serve(folder) as url: ...
    catalog_rows.write(path, series)
    phantom.truth(folder)["seg_binary"]     # {"segments": [{"number", "name", "voxels"}], "overlapping_voxels": n}

The series, by key: ``ct``, ``seg_binary`` (six segments, the tumor overlaps the liver), ``seg_labelmap`` (LABELMAP, seven organs), ``rtstruct``
(keyhole, XOR hole, islands, a point) in one study, ``mr`` (double oblique) and ``mr_seg`` in another.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IDCBrowserLib.demo.identity import CONTENT_VERSION, object_uuid, uid
from IDCBrowserLib.task import Progress, Task

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


def write(folder: str | Path, task: Task | None = None) -> list[PhantomSeries]:
    """Make the phantom in ``folder``, or find it there already (of this version): whole or not at all.

    Raises ``OSError`` when the folder cannot be written and ``CancelledError``.
    """
    folder = Path(folder)
    if not _is_current(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _make(work, task or Task())
            _put_in_place(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return read(folder)


def read(folder: str | Path) -> list[PhantomSeries]:
    """The series that ``write`` left in ``folder``."""
    folder = Path(folder)
    found = []
    for key, entry in _index(folder)["series"].items():
        files = tuple(sorted((folder / entry["crdc_series_uuid"]).glob("*.dcm")))
        size = sum(path.stat().st_size for path in files)
        found.append(PhantomSeries(key, entry["series_uid"], entry["study_uid"], entry["modality"], entry["crdc_series_uuid"], files, size))
    return found


def truth(folder: str | Path) -> dict[str, Any]:
    """By key of the series: ``{"segments": [{"number", "name", "voxels"}], "overlapping_voxels"}``; see ``truth.py``."""
    found: dict[str, Any] = _index(Path(folder))["truth"]
    return found


def _index(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / INDEX_NAME).read_text(encoding="utf-8"))
    return document


def _is_current(folder: Path) -> bool:
    try:
        document = _index(folder)
        return document["version"] == CONTENT_VERSION and all(
            len(list((folder / entry["crdc_series_uuid"]).glob("*.dcm"))) == entry["instances"] for entry in document["series"].values()
        )
    except (OSError, ValueError, KeyError):
        return False


def _put_in_place(work: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        work.replace(folder)
    except OSError:
        # Another process may have made the same phantom meanwhile; then its one is as good.
        if not _is_current(folder):
            raise


def _make(folder: Path, task: Task) -> None:
    from IDCBrowserLib.demo import images, structures, tissue
    from IDCBrowserLib.demo import truth as counted
    from IDCBrowserLib.demo.dicom_file import SeriesHead
    from IDCBrowserLib.demo.rtstruct import structure_set
    from IDCBrowserLib.demo.segmentation import binary_seg, labelmap_seg

    ct, mr = images.CT, images.MR
    steps = 6
    _step(task, 0, steps)
    series = {"ct": images.ct_objects(tissue.ct_volume(ct.grid))}
    _step(task, 1, steps)
    series["mr"] = images.mr_objects(tissue.mr_volume(mr.grid))
    _step(task, 2, steps)
    overlapping, organs = structures.overlapping_segments(ct.grid), structures.organ_segments(ct.grid)
    series["seg_binary"] = [binary_seg(ct, overlapping, SeriesHead("seg_binary", ct.study, "SEG", 1001, "Organs and tumor (overlapping segments)"))]
    series["seg_labelmap"] = [labelmap_seg(ct, organs, SeriesHead("seg_labelmap", ct.study, "SEG", 1002, "Organs (label map)"))]
    _step(task, 3, steps)
    on_mr = structures.mr_segments(mr.grid)
    series["mr_seg"] = [binary_seg(mr, on_mr, SeriesHead("mr_seg", mr.study, "SEG", 1001, "Cyst, vertebra and cord"))]
    _step(task, 4, steps)
    rois = structures.rois(ct.grid)
    series["rtstruct"] = [structure_set(ct, rois, SeriesHead("rtstruct", ct.study, "RTSTRUCT", 1003, "Planning contours"))]
    _step(task, 5, steps)
    expected = {
        "seg_binary": counted.of_segments(overlapping),
        "seg_labelmap": counted.of_segments(organs),
        "mr_seg": counted.of_segments(on_mr),
        "rtstruct": counted.of_rois(rois, ct.grid),
    }
    _save(folder, series, expected)
    _step(task, 6, steps)


def _save(folder: Path, series: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    from IDCBrowserLib.demo.dicom_file import save

    entries = {}
    for key, objects in series.items():
        series_uuid = object_uuid(key)
        for dataset in objects:
            save(dataset, folder / series_uuid / f"{object_uuid(dataset.SOPInstanceUID)}.dcm")
        entries[key] = {
            "series_uid": uid(key),
            "study_uid": str(objects[0].StudyInstanceUID),
            "modality": objects[0].Modality,
            "crdc_series_uuid": series_uuid,
            "instances": len(objects),
        }
    document = {"version": CONTENT_VERSION, "series": entries, "truth": expected}
    (folder / INDEX_NAME).write_text(json.dumps(document, indent=1), encoding="utf-8")


def _step(task: Task, done: int, total: int) -> None:
    task.raise_if_cancelled()
    task.report(Progress("phantom", done, total, "steps", "Making the phantom patient"))
