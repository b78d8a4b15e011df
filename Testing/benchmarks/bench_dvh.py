"""Dose-volume histograms of 10 ROIs in a dose of 98 x 129 x 194 voxels: ours against dicompyler-core.

The dose and the structure set are the example data of dicompyler-core (BSD), looked for in ``IDC_BROWSER_TEST_DATA``; without it made ones of the
same size are used. In process, CPU seconds, the best of three rounds each, with everything imported. dicompyler-core is left out of the table
where it is not installed (0.5.6 of PyPI does not import with pydicom 3; its development version does).
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "IDCBrowser")]

from helpers.dicom_files import save  # noqa: E402
from helpers.dose_files import dose  # noqa: E402
from helpers.rtstruct_files import FRAME, C, R, axial, structure_set, write  # noqa: E402

from IDCBrowserLib.dose.dvh import dose_volume_histograms  # noqa: E402

ROUNDS = 3
DATA = Path(os.environ.get("IDC_BROWSER_TEST_DATA", ROOT.parent / "shared" / "data")) / "derived" / "dicompyler-core"


def made(folder: Path) -> tuple[Path, Path]:
    """Ten balls of 2 to 14 cm across, and a dose around them."""
    stack = axial(98, ("1", "1", "3"), rows=400, columns=400)
    rois = []
    for number in range(1, 11):
        radius, contours = 7.0 * number, []
        for k in range(98):
            height = 3.0 * k - 147
            if abs(height) < radius:
                across = math.sqrt(radius**2 - height**2)
                turns = np.arange(120) * math.pi / 60
                contours.append(_circle(stack, k, across, turns))
        rois.append(R(number, contours, f"Ball {number}"))
    k, j, i = np.ogrid[:98, :129, :194]
    pixels = (1e6 * np.exp(-((k - 49.0) ** 2 + (j - 64.0) ** 2 + (i - 97.0) ** 2) / 2000)).astype(np.uint32)
    corner = [float(value) for value in stack.positions[0]]
    elements = {"FrameOfReferenceUID": FRAME, "ImagePositionPatient": [corner[0] - 40, corner[1] + 20, corner[2]], "PixelSpacing": [2.5, 2.5]}
    path = save(dose(pixels, GridFrameOffsetVector=[3.0 * index for index in range(98)], DoseGridScaling=1.4e-5, **elements), folder / "dose.dcm")
    return path, write(structure_set(rois), folder / "rs.dcm")


def _circle(stack, k: int, radius: float, turns: np.ndarray) -> C:
    corner = [float(value) for value in stack.positions[k]]
    x, y = corner[0] + 200 + radius * np.cos(turns), corner[1] + 180 + radius * np.sin(turns)
    return C(data="\\".join(f"{a:.4f}\\{b:.4f}\\{corner[2]:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True)))


def best_of(run: Callable[[], object]) -> float:
    """CPU seconds of the fastest run."""
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return min(times)


def theirs(dose_file: Path, structures: Path) -> float | None:
    """dicompyler-core over all ROIs; None where it cannot be imported."""
    try:
        from dicompylercore import dicomparser, dvhcalc
    except (ImportError, AttributeError):
        return None

    def run() -> None:
        for number in dicomparser.DicomParser(str(structures)).GetStructures():
            dvhcalc.get_dvh(str(structures), str(dose_file), number)

    return best_of(run)


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        is_real = (DATA / "rtdose.dcm").exists()
        dose_file, structures = (DATA / "rtdose.dcm", DATA / "rtss.dcm") if is_real else made(Path(folder))
        ours = best_of(lambda: dose_volume_histograms([str(dose_file)], str(structures)))
        peer = theirs(dose_file, structures)
    print(f"   ours {ours:.2f} s CPU ({'example data of dicompyler-core' if is_real else 'made data'})")
    print("   dicompyler-core is not installed" if peer is None else f"   dicompyler-core {peer:.2f} s CPU: {peer / ours:.1f} times as long")


if __name__ == "__main__":
    main()
