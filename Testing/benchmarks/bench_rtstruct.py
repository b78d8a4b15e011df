"""A structure set of 30 ROIs, 3,829 contours of 200 points (20 MB) over 300 slices of 512 x 512: ours against plastimatch, rt-utils and pydicom.

All in the same run. Whole processes: ``idc-browser convert`` to .nrrd against ``plastimatch convert --output-labelmap`` and rt-utils (all masks);
three rounds in turn of ours and plastimatch, the fastest of each counts. Python's programs keep their bytecode, as installed ones do.
In process, in turn: our conversion against ``pydicom.dcmread`` plus Contour Data to floats. Peers that are not installed are left out of the table.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "IDCBrowser")]

from helpers.rtstruct_files import FRAME, SERIES, C, R, axial, structure_set, write  # noqa: E402

BYTECODE = tempfile.TemporaryDirectory()
SLICES, SIZE, ROIS, CONTOURS, POINTS = 300, 512, 30, 3829, 200
ROUNDS = 3


def make_files(folder: Path) -> tuple[Path, Path]:
    """The structure set and the folder of its images."""
    stack = axial(SLICES, ("0.9765625", "0.9765625", "2.5"), rows=SIZE, columns=SIZE)
    images = folder / "images"
    images.mkdir()
    stack.write(images)
    random = np.random.default_rng(5)
    rois = []
    for number in range(1, ROIS + 1):
        count = CONTOURS // ROIS + (number <= CONTOURS % ROIS)
        first = int(random.integers(0, SLICES - count))
        center = 60 + 78 * ((number - 1) % 6), 70 + 92 * ((number - 1) // 6)
        radius = random.uniform(25, 60)
        sizes = [radius * (0.4 + math.sin(math.pi * (k + 1) / (count + 1))) / 1.4 for k in range(count)]
        rois.append(R(number, [_contour(stack, first + k, center, size) for k, size in enumerate(sizes)], f"ROI {number}"))
    references = [(FRAME, SERIES, [stack.uid(k) for k in range(SLICES)])]
    return write(structure_set(rois, references), folder / "large.dcm"), images


def _contour(stack, k, center, radius) -> C:
    turns = np.arange(POINTS) * (2 * math.pi / POINTS)
    wave = radius * (1 + 0.1 * np.sin(7 * turns))
    corner = [float(x) for x in stack.positions[k]]
    x = corner[0] + 0.9765625 * (center[0] + wave * np.cos(turns))
    y = corner[1] + 0.9765625 * (center[1] + wave * np.sin(turns))
    text = "\\".join(f"{a:.4f}\\{b:.4f}\\{corner[2]:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return C(data=text, image=stack.uid(k), stated=POINTS)


def best_of(count: int, run: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def process(command: list[str]) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a whole process."""
    # Asked from a small process: a child inherits its parent's peak.
    script = (
        "import resource, subprocess, sys, time\nbegin = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "IDCBrowser"), "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": BYTECODE.name}
    told = subprocess.run([sys.executable, "-S", "-c", script, *command], check=False, capture_output=True, text=True, env=environment)
    if told.returncode:
        raise SystemExit(f"{command[0]} failed: {told.stderr[-800:]}")
    seconds, peak = told.stdout.split()
    return float(seconds), int(peak) / (1e6 if sys.platform == "darwin" else 1e3)


def load() -> str:
    """The load average of the last minute; other programs slow down all of them, but not alike."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def pydicom_floats(path: Path) -> None:
    """What the ratio in process is measured against."""
    import pydicom

    for roi in pydicom.dcmread(path).ROIContourSequence:
        for contour in roi.ContourSequence:
            np.array([float(value) for value in contour.ContourData])


def main() -> None:
    """Print the table."""
    from IDCBrowserLib.labelmap.rtstruct.convert_rtstruct import convert_rtstruct
    from IDCBrowserLib.volume.read_grids import read_image_grids

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        path, images = make_files(folder)
        print(f"{ROIS} ROIs, {CONTOURS} contours, {path.stat().st_size / 1e6:.1f} MB, {SLICES} slices of {SIZE} x {SIZE}")
        grids = read_image_grids(sorted(images.iterdir()))
        ours = theirs = math.inf
        for _ in range(ROUNDS):
            ours = min(ours, best_of(2, lambda: convert_rtstruct(path, grids)))
            theirs = min(theirs, best_of(1, lambda: pydicom_floats(path)))
        print(f"in process: ours {ours:.2f} s, pydicom.dcmread + floats {theirs:.2f} s, ratio 1/{theirs / ours:.1f} (aim 1/12), load {load()}")
        command = [sys.executable, "-m", "IDCBrowserLib.cli.main", "convert", str(path), "--images", str(images), "--out", str(folder / "out.nrrd")]
        inputs = ["--input", str(path), "--referenced-ct", str(images)]
        plastimatch = shutil.which("plastimatch")
        process(command)
        runs, peers = [], []
        for _ in range(ROUNDS):
            runs.append(process(command))
            if plastimatch:
                peers.append(process([plastimatch, "convert", *inputs, "--output-labelmap", str(folder / "p.nrrd")]))
        ours, memory = min(run[0] for run in runs), max(run[1] for run in runs)
        output = SLICES * SIZE * SIZE / 1e6
        print(f"whole process: ours {ours:.2f} s, peak {memory:.0f} MB (limit {3 * path.stat().st_size / 1e6 + output + 200:.0f} MB), load {load()}")
        if peers:
            theirs, peak = min(run[0] for run in peers), max(run[1] for run in peers)
            print(f"  plastimatch convert --output-labelmap {theirs:.2f} s, peak {peak:.0f} MB, ratio 1/{theirs / ours:.1f} (aim 1/4)")
        else:
            print("  plastimatch left out: it is not installed")
        script = (
            "import sys, rt_utils; rt = rt_utils.RTStructBuilder.create_from(dicom_series_path=sys.argv[1], rt_struct_path=sys.argv[2]);"
            "[rt.get_roi_mask_by_name(name) for name in rt.get_roi_names()]"
        )
        try:
            theirs, peak = process([sys.executable, "-W", "ignore", "-c", script, str(images), str(path)])
            print(f"  rt-utils, all masks {theirs:.2f} s, peak {peak:.0f} MB, ratio 1/{theirs / ours:.1f} (aim 1/12)")
        except SystemExit as error:
            print(f"  rt-utils left out: {error}")


if __name__ == "__main__":
    main()
