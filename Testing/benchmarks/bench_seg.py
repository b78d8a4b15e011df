"""A SEG of 60 segments on 300 slices of 512 x 512 (4,485 stored frames, 149 MB): ours against highdicom and dcmqi, in the same run.

Ratios: highdicom's ``get_volume(combine_segments=True)`` in process, and ``segimage2itkimage --mergeSegments`` as a whole process.
The floor is reading the file and writing the array: in a running process, and as a process that does nothing else, with which a whole process is
to be compared.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers import seg_files

SLICES, SIZE, SEGMENTS, FRAMES = 300, 512, 60, 4485
BYTECODE = tempfile.TemporaryDirectory()
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": BYTECODE.name}


def label_array() -> np.ndarray:
    """60 ellipsoids side by side in the planes, together on 4,485 planes."""
    array = np.zeros((SLICES, SIZE, SIZE), np.uint8)
    random = np.random.default_rng(3)
    lengths = np.full(SEGMENTS, FRAMES // SEGMENTS)
    lengths[: FRAMES - int(lengths.sum())] += 1
    y, x = np.mgrid[:64, :64] - 31.5
    for number, length in enumerate(lengths.tolist()):
        first = int(random.integers(0, SLICES - length))
        row, column = number // 8 * 64, number % 8 * 64
        for k in range(length):
            radius = 8 + 22 * np.sin(np.pi * (k + 1) / (length + 1))
            array[first + k, row : row + 64, column : column + 64][x**2 + y**2 < radius**2] = number + 1
    return array


def make_file(folder: Path) -> Path:
    """The SEG, with pixel data of 147 MB."""
    images = seg_files.images(SLICES, SIZE, SIZE, step=1.5, spacing=(0.8, 0.8))
    made = seg_files.seg(images, label_array(), kind="BINARY")
    assert int(made.NumberOfFrames) == FRAMES
    return seg_files.save(made, folder / "large.dcm")


# Reads the file whole, and writes an array of the size of the result.
_FLOOR = """
import sys
import numpy as np
open(sys.argv[1], "rb").read()
np.zeros(np.load(sys.argv[2], mmap_mode="r").shape, np.uint8).tofile(sys.argv[3])
"""


def best_of(count: int, run: Callable[[], object]) -> float:
    """Seconds of the fastest run."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    """Print the table."""
    import highdicom as hd

    from IDCBrowserLib.labelmap.convert import convert

    folder = Path(tempfile.mkdtemp())
    try:
        path = make_file(folder)
        size = path.stat().st_size
        ours = best_of(3, lambda: convert(path))
        peer = best_of(1, lambda: hd.seg.segread(path).get_volume(combine_segments=True))
        labelmap, volume = convert(path), hd.seg.segread(path).get_volume(combine_segments=True)
        assert np.array_equal(labelmap.labelmap_volume(), volume.array) or np.array_equal(labelmap.labelmap_volume(), volume.array[::-1])
        array = folder / "floor.npy"
        np.save(array, labelmap.layers[0])
        bare = [sys.executable, "-c", _FLOOR, str(path), str(array), str(folder / "floor.raw")]
        bare_process = best_of(5, lambda: subprocess.run(bare, check=True, env=ENVIRONMENT))
        floor = best_of(3, path.read_bytes) + best_of(3, lambda: labelmap.layers[0].tofile(folder / "floor.raw"))
        program = str(Path(sys.executable).with_name("idc-browser"))
        command = [program, "convert", str(path), "--grid", "own", "--out", str(folder / "x.nrrd"), "--json"]
        # As installed: with bytecode, and after the first command that made the table of licenses.
        subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
        whole = best_of(5, lambda: subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT))
        memory = _peak_memory(command)
        dcmqi = [str(Path(sys.executable).with_name("segimage2itkimage")), "--inputDICOM", str(path), "--outputDirectory", str(folder)]
        dcmqi_time = best_of(1, lambda: subprocess.run([*dcmqi, "--mergeSegments", "--outputType", "nrrd"], check=True, capture_output=True))
        print(f"SEG of {FRAMES:,} frames, {size / 1e6:.0f} MB")
        print(f"  in process      {ours:6.2f} s   highdicom {peer:6.2f} s   ratio 1/{peer / ours:.1f} (target 1/10)")
        print(f"  whole process   {whole:6.2f} s   dcmqi     {dcmqi_time:6.2f} s   ratio 1/{dcmqi_time / whole:.1f} (target 1/4)")
        print(f"  floor (read the file, write the array) {floor:.2f} s, whole process {whole / floor:.1f} x the floor")
        print(f"  floor as a process {bare_process:.2f} s, whole process {whole / bare_process:.1f} x (target 3)")
        output = labelmap.layers[0].nbytes
        print(f"  peak memory     {memory / 1e6:6.0f} MB, file + output + 200 MB = {(size + output) / 1e6 + 200:.0f} MB")
    finally:
        shutil.rmtree(folder)


def _peak_memory(command: list[str]) -> int:
    """Resident bytes at the peak of one run; the pages of the mapped file count. Asked from a small process: a child inherits its parent's peak."""
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
    script += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    told = subprocess.run([sys.executable, "-c", script, *command], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    return int(told.stdout) * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
