"""Reads damaged input in a process of its own, as the engine would: ``python fuzz_worker.py FOLDER``.

Takes a line with a kind and a file name for each input; answers one line of JSON: how it ended ("done", "refused" or "internal"), the text, what came
out, seconds of processor time, and the most memory this process ever had.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]

import numpy as np  # noqa: E402
import psutil  # noqa: E402

from IDCBrowserLib.errors import IDCBrowserError  # noqa: E402


def seg(path: Path, folder: Path) -> dict[str, Any]:
    """On its own grid and on its images. How many voxels each segment has."""
    from IDCBrowserLib.labelmap.convert import convert_parts, describe
    from IDCBrowserLib.labelmap.options import ConvertOptions

    describe(path)
    images = sorted(folder.glob("ct-*.dcm"))
    with contextlib.suppress(IDCBrowserError):
        convert_parts(path, images)
    (part, *others) = convert_parts(path, None, ConvertOptions(grid="own"))
    told = [*part.warnings, *(["parts"] if others else [])]
    return {"warnings": told, "voxels": {segment.number: segment.voxels for segment in part.segments}}


def rtstruct(path: Path, folder: Path) -> dict[str, Any]:
    """On its images, and its contours. Voxels and names by ROI Number."""
    from IDCBrowserLib.labelmap.convert import convert_parts, describe
    from IDCBrowserLib.labelmap.rtstruct.contour_lines import read_lines

    describe(path)
    read_lines(path)
    (part, *others) = convert_parts(path, sorted(folder.glob("rt-*.dcm")))
    told = [*part.warnings, *(["parts"] if others else [])]
    names = {segment.number: segment.name for segment in part.segments}
    return {"warnings": told, "voxels": {segment.number: segment.voxels for segment in part.segments}, "names": names}


def image(path: Path, folder: Path) -> dict[str, Any]:
    """One slice of a series of three: as volume, picture, and rows of the database; its own values as pydicom reads them."""
    from IDCBrowserLib.preview.image import picture_of_image
    from IDCBrowserLib.preview.objects import local_objects
    from IDCBrowserLib.store.header import read_header
    from IDCBrowserLib.task import Task
    from IDCBrowserLib.volume.memory import needed_bytes
    from IDCBrowserLib.volume.pixels import read_volume
    from IDCBrowserLib.volume.read_grids import read_image_grids

    for look in (
        lambda: read_header(str(path)),
        lambda: picture_of_image(local_objects([path])[0], Task()),
        lambda: needed_bytes([str(path)], ()),
    ):
        with contextlib.suppress(IDCBrowserError):
            look()
    grids = read_image_grids([path, *sorted(folder.glob("im-*.dcm"))[1:3]], assume_positions=True)
    volumes = [read_volume(grid) for grid in grids]
    told = [warning for volume in volumes for warning in volume.warnings]
    planes = [
        float(volume.voxels[k].sum())
        for grid, volume in zip(grids, volumes, strict=True)
        for k, one in enumerate(grid.slices)
        if one is not None and one.path == str(path) and volume.voxels.shape == grid.geometry.shape
    ]
    return {"warnings": told, "voxels": {str(number): value for number, value in enumerate(planes)}}


def manifest(path: Path, folder: Path) -> dict[str, Any]:
    """What it names, in a small catalog."""
    from IDCBrowserLib.selection.resolve import resolve

    plan = resolve(_catalog(folder), [str(path)])
    return {"warnings": [item.reason for item in plan.unresolved], "voxels": {item.series_uid: 1 for item in plan.series}}


_opened: list[Any] = []


def _catalog(folder: Path) -> Any:
    if not _opened:
        from helpers.small_catalog import write_sources
        from IDCBrowserLib.catalog.catalog import Catalog

        _opened.append(Catalog(sources=write_sources(folder / "index")))
    return _opened[0]


KINDS = {"seg": seg, "rtstruct": rtstruct, "image": image, "manifest": manifest}


def answer(kind: str, path: Path, folder: Path) -> dict[str, Any]:
    """Whatever happens, in words."""
    try:
        return {"end": "done", "text": "", **KINDS[kind](path, folder)}
    except IDCBrowserError as error:
        return {"end": "refused", "text": str(error)}
    except Exception as error:  # what must not happen
        import traceback

        return {"end": "internal", "text": f"{type(error).__name__}: {error}\n{traceback.format_exc()}"}


def most_megabytes() -> int:
    """The most memory this program ever had. Linux counts in ``ru_maxrss`` what the process had before it became this program: the tests' own."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 1024)


def _processor_seconds() -> float:
    """Of this program and those that it started, also where they have ended."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
    for child in _children():
        with contextlib.suppress(psutil.Error):
            spent += sum(child.cpu_times()[:2])
    return spent


def _children() -> list[psutil.Process]:
    """Linux tells those of each thread; looking through all processes of a computer would take longer than most inputs do."""
    threads = Path("/proc/self/task")
    if not (threads / str(threading.get_native_id()) / "children").exists():
        return list(psutil.Process().children())
    found = []
    for thread in threads.iterdir():
        with contextlib.suppress(OSError, psutil.Error):
            found += [psutil.Process(int(number)) for number in (thread / "children").read_text(encoding="ascii").split()]
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for line in sys.stdin:
        kind, name = line.split()
        begin = _processor_seconds()
        told = answer(kind, folder / name, folder)
        told["seconds"] = _processor_seconds() - begin
        told["megabytes"] = most_megabytes()
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
