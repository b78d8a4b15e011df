"""A CT of 300 slices of 512 x 512 to NIfTI: ``idc-browser volume`` against dcm2niix, as whole processes, in the same run.

dcm2niix packs with zlib itself unless a parallel gzip (pigz) is installed; ours always does. Voxels are compared: both must say the same.
dcm2niix is left out of the table where it is not installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nibabel
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "IDCBrowser")]

from helpers.dicom_files import image, save  # noqa: E402

ROUNDS = 3
SLICES, SIZE = 300, 512


def ct(folder: Path) -> None:
    """Soft tissue in air, with the noise of a scan: what packs as a real CT does."""
    random = np.random.default_rng(5)
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    body = np.where(x**2 + y**2 < 0.16, 1040, 24)
    for number in range(SLICES):
        plane = body + 40 * np.sin(20 * x + number / 30) * (body > 100) + random.normal(0, 12, (SIZE, SIZE))
        pixels = np.clip(plane, 0, 4095).astype(np.int16)
        position = [-200.0, -200.0, 1.5 * number]
        save(image(1, number + 1, pixels, ImagePositionPatient=position, PixelSpacing=[0.78, 0.78], RescaleIntercept=-1024), folder / f"{number}.dcm")


def seconds(command: list[str]) -> float:
    """Wall time of the fastest of some runs."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - begin)
    return min(times)


def voxels(path: Path) -> np.ndarray:
    """In the order of increasing world coordinates, whichever way the file has its axes."""
    return np.asarray(nibabel.as_closest_canonical(nibabel.load(path)).dataobj)


def peer() -> str | None:
    """The program beside this Python, or that of the system."""
    beside = Path(sys.executable).with_name("dcm2niix.exe" if os.name == "nt" else "dcm2niix")
    return str(beside) if beside.is_file() else shutil.which("dcm2niix")


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as name:
        folder, other = Path(name), peer()
        ct(folder / "ct")
        print(f"CT of {SLICES} slices of {SIZE} x {SIZE} to NIfTI, whole processes")
        own, theirs = folder / "ours.nii.gz", folder / "theirs.nii.gz"
        ours = seconds([str(Path(sys.executable).with_name("idc-browser")), "volume", str(folder / "ct"), "--out", str(own), "--json"])
        print(f"  ours     {ours:5.2f} s, {own.stat().st_size / 1e6:.0f} MB")
        if other is None:
            print("  dcm2niix left out: it is not installed")
            return
        took = seconds([other, "-z", "y", "-b", "n", "-w", "1", "-f", "theirs", "-o", str(folder), str(folder / "ct")])
        assert np.array_equal(voxels(own), voxels(theirs)), "other voxels"
        print(f"  dcm2niix {took:5.2f} s, {theirs.stat().st_size / 1e6:.0f} MB, ratio 1/{took / ours:.1f} (target 1)")


if __name__ == "__main__":
    main()
