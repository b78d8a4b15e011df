"""Writing segmentations: our BINARY and LABELMAP SEG beside highdicom's, and our RTSTRUCT, in the same run.

20 balls on 80 slices of 256 x 256 voxels. Every file is read back before it counts: all voxels have to be there. CPU seconds of this process, the
best of three.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "IDCBrowser")]

from helpers import seg_files as sf  # noqa: E402

from IDCBrowserLib.export.export import export  # noqa: E402
from IDCBrowserLib.export.options import ExportOptions  # noqa: E402
from IDCBrowserLib.labelmap.convert import convert  # noqa: E402
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source  # noqa: E402
from IDCBrowserLib.volume.read_grids import read_image_grids  # noqa: E402

SHAPE = (80, 256, 256)
SEGMENTS = 20


def voxels() -> np.ndarray:
    made = np.zeros(SHAPE, np.uint8)
    k, j, i = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
    for label in range(1, SEGMENTS + 1):
        row, column = divmod(label - 1, 5)
        made[(k - 40) ** 2 + (j - 32 - 60 * row) ** 2 + (i - 28 - 50 * column) ** 2 <= 22**2] = label
    return made


def best(do: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        began = time.process_time()
        do()
        seconds.append(time.process_time() - began)
    return min(seconds)


def main() -> int:
    warnings.simplefilter("ignore")
    source, volume = sf.images(*SHAPE), voxels()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = sf.save_images(source, folder / "CT")
        segments = tuple(Segment(label, label, f"Part {label}") for label in range(1, SEGMENTS + 1))
        made = Labelmap((volume,), read_image_grids(files)[0].geometry, segments, Source("label file"))
        for kind in ("seg", "labelmap", "rtstruct"):
            out = folder / f"{kind}.dcm"
            mine = best(lambda kind=kind, out=out: export(made, files, out, ExportOptions(kind)))
            if not np.array_equal(convert(out, files).labelmap_volume(), volume):
                print(f"{kind}: voxels were lost")
                return 1
            if kind == "rtstruct":
                print(f"{kind:10} this program {mine:.2f} s (highdicom writes none)")
                continue
            theirs = best(lambda kind=kind: sf.save(sf.seg(source, volume, kind="LABELMAP" if kind == "labelmap" else "BINARY"), folder / "peer.dcm"))
            print(f"{kind:10} this program {mine:.2f} s, highdicom {theirs:.2f} s: {theirs / mine:.1f} times as long")
    return 0


if __name__ == "__main__":
    sys.exit(main())
