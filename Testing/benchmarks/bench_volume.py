"""A PET series of 300 slices of 200 x 200 to SUV as NRRD: ours against SimpleITK.

In process, CPU seconds, the best of three rounds in turn, everything imported. SimpleITK reads the series as Bq/ml, without SUV, and writes it.
It is left out of the table where it is not installed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "IDCBrowser")]

from helpers.dicom_files import save  # noqa: E402
from helpers.pet_files import pet_image  # noqa: E402

from IDCBrowserLib.pet.convert import to_suv  # noqa: E402
from IDCBrowserLib.volume.files.write import write_volume  # noqa: E402
from IDCBrowserLib.volume.pixels import read_volume  # noqa: E402
from IDCBrowserLib.volume.read_grids import read_image_grids  # noqa: E402

ROUNDS = 3
SLICES, SIZE = 300, 200


def best_of(*runs: Callable[[], object]) -> list[float]:
    """CPU seconds of the fastest run of each."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for own, run in zip(times, runs, strict=True):
            begin = time.process_time()
            run()
            own.append(time.process_time() - begin)
    return [min(own) for own in times]


def pet(folder: Path) -> list[Path]:
    """The files of the series."""
    random = np.random.default_rng(3)
    pixels = [random.integers(0, 30000, (SIZE, SIZE), dtype=np.int16) for _ in range(SLICES)]
    return [save(pet_image(n, plane, RescaleSlope=0.5 + n / 1000), folder / f"{n:03d}.dcm") for n, plane in enumerate(pixels, 1)]


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = pet(folder / "pet")

        def ours() -> None:
            (grid,) = read_image_grids(files)
            write_volume(to_suv(read_volume(grid)).volume, folder / "ours.nrrd")

        runs = {"ours, in SUV": ours}
        try:
            import SimpleITK

            def theirs() -> None:
                reader = SimpleITK.ImageSeriesReader()
                reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder / "pet")))
                SimpleITK.WriteImage(reader.Execute(), str(folder / "theirs.nrrd"))

            runs["SimpleITK, in Bq/ml"] = theirs
        except ImportError:
            pass
        times = best_of(*runs.values())
        for label, seconds in zip(runs, times, strict=True):
            print(f"   PET, {SLICES} slices: {label} {seconds:.2f} s CPU ({seconds / times[0]:.1f})")


if __name__ == "__main__":
    main()
