"""A level of a slide as a picture, a window of it, and 300,000 outlines, beside pydicom on the same file.

The level is 4096 x 4096 pixels in tiles of 256, JPEG 2000; the annotations are polygons of 20 points. Times are those of the clock, since tiles are
decoded in another process. Run: python Testing/benchmarks/bench_slide.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.encaps import encapsulate, generate_frames

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.slide_files import saved_nuclei, saved_slide

from IDCBrowserLib.preview.bucket_tiles import BucketTiles
from IDCBrowserLib.preview.objects import LocalObject
from IDCBrowserLib.preview.slide_windows import SlideWindows
from IDCBrowserLib.slide.annotations import read_annotations
from IDCBrowserLib.slide.levels import read_slide
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.task import Task

TIMES, NUCLEI, CORNERS = 16, 300_000, 20
OPEN_S, OUTLINES_S = 1.0, 0.5


def main() -> None:
    """Print seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = enlarged(Path(folder))
        (level,) = read_slide([str(path)]).levels
        print(f"level of {level.columns} x {level.rows} pixels, {level.frames} tiles, {path.stat().st_size / 1e6:.1f} MB")
        ours = best(lambda: Tiles(level).region((0, level.rows), (0, level.columns), Task()))
        theirs = best(lambda: with_pydicom(path))
        print(f"{'ours, the level as a picture':40}{ours:8.3f} s            target <= {OPEN_S} s for 5 MB")
        print(f"{'pydicom, all tiles':40}{theirs:8.3f} s{theirs / ours:9.2f}x")
        item = LocalObject(path, path.stat().st_size)

        def window() -> None:
            source = BucketTiles(item)
            Tiles(source.image, source).region((1000, 2000), (1000, 2000), Task())

        print(f"{'ours, 1000 x 1000 of it by range':40}{best(window):8.3f} s")
        windows = SlideWindows([level])
        windows.window((0.2, 0.2, 0.45, 0.45), 1000, 1000, Task())
        print(f"{'ours, a window whose tiles are kept':40}{best(lambda: windows.window((0.21, 0.21, 0.44, 0.44), 950, 950, Task())):8.3f} s")
        nuclei = annotated(Path(folder), level.sop_instance_uid)
        outlines = best(lambda: read_annotations(nuclei, [level]).density())
        print(f"{'ours, outlines of 300,000 nuclei':40}{outlines:8.3f} s            target <= {OUTLINES_S} s")
        print(f"{'pydicom, their coordinates only':40}{best(lambda: coordinates(nuclei)):8.3f} s")


def enlarged(folder: Path) -> Path:
    """The phantom's largest level, each of its tiles repeated."""
    (folder / "slide").mkdir()
    dataset = pydicom.dcmread(saved_slide(str(folder / "slide"))[0])
    tiles = list(generate_frames(dataset.PixelData, number_of_frames=int(dataset.NumberOfFrames)))
    side = round(len(tiles) ** 0.5)
    dataset.TotalPixelMatrixRows = dataset.TotalPixelMatrixColumns = TIMES * int(dataset.Rows)
    dataset.NumberOfFrames = TIMES * TIMES
    dataset.PixelData = encapsulate([tiles[row % side * side + column % side] for row in range(TIMES) for column in range(TIMES)])
    dataset.save_as(folder / "level.dcm")
    return folder / "level.dcm"


def annotated(folder: Path, image: str) -> str:
    """Polygons anywhere on the level."""
    (folder / "nuclei").mkdir()
    path = saved_nuclei(str(folder / "nuclei"))
    dataset = pydicom.dcmread(path)
    centers = np.random.default_rng(0).uniform(10, 4000, (NUCLEI, 1, 2))
    turn = 2 * np.pi * np.arange(CORNERS) / CORNERS
    points = centers + 6 * np.stack([np.cos(turn), np.sin(turn)], axis=1)[None]
    (group,) = dataset.AnnotationGroupSequence
    group.NumberOfAnnotations = NUCLEI
    group.PointCoordinatesData = points.astype("<f4").tobytes()
    group.LongPrimitivePointIndexList = (1 + 2 * CORNERS * np.arange(NUCLEI)).astype("<u4").tobytes()
    dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID = image
    dataset.save_as(path)
    return path


def with_pydicom(path: Path) -> int:
    return int(pydicom.dcmread(path).pixel_array.shape[0])


def coordinates(path: str) -> int:
    return sum(len(np.frombuffer(group.PointCoordinatesData, "<f4")) for group in pydicom.dcmread(path).AnnotationGroupSequence)


def best(work: Callable[[], object], times: int = 3) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


if __name__ == "__main__":
    main()
