"""A level of a slide as a picture, windows of it and of a segmentation, and 300,000 outlines, beside pydicom on the same file.

The level is 4096 x 4096 pixels in tiles of 256, JPEG 2000, and once more in JPEG, 4 MB; the annotations are polygons of 20 points. Of pictures the
time of the clock is told, and that of all processors, since decoding runs in other processes. The others are of the processor, so that other programs
on the machine do not count.
Run: python Testing/benchmarks/bench_slide.py
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pydicom
from PIL import Image
from pydicom.encaps import encapsulate, generate_frames

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.planned import plan_of
from helpers.s3_server import running_s3_server
from helpers.slide_files import saved_nuclei, saved_segments, saved_slide

from IDCBrowserLib.engine.methods.slide import annotated as annotated_answer
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.host.loading.array_files import read_array, remove_arrays
from IDCBrowserLib.preview.bucket_tiles import BucketTiles
from IDCBrowserLib.preview.objects import LocalObject
from IDCBrowserLib.preview.slide_windows import SlideWindows
from IDCBrowserLib.slide.annotations import read_annotations
from IDCBrowserLib.slide.levels import SlideImage, read_slide
from IDCBrowserLib.slide.segment_levels import read_segment_levels
from IDCBrowserLib.slide.tiles import Tiles
from IDCBrowserLib.task import Task
from IDCBrowserLib.transfer.download import download
from IDCBrowserLib.transfer.options import TransferOptions

TIMES, NUCLEI, CORNERS = 16, 300_000, 20
OPEN_S, OUTLINES_S = 1.0, 0.5


def main() -> None:
    """Print seconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = enlarged(Path(folder))
        (level,) = read_slide([str(path)]).levels
        print(f"level of {level.columns} x {level.rows} pixels, {level.frames} tiles, {path.stat().st_size / 1e6:.1f} MB")
        told("ours, the level as a picture", *cost(lambda: picture(level)), f"target <= {OPEN_S} s for 5 MB")
        told("ours, at half its size", *cost(lambda: picture(level, 2)))
        told("pydicom, all tiles", *cost(lambda: with_pydicom(path)))
        usual = as_jpeg(Path(folder), path)
        (jpeg,) = read_slide([str(usual)]).levels
        told(f"ours, the same in JPEG, {usual.stat().st_size / 1e6:.1f} MB", *cost(lambda: picture(jpeg)), f"target <= {OPEN_S} s")
        told("ours, at half its size", *cost(lambda: picture(jpeg, 2)))
        told("pydicom, all tiles", *cost(lambda: with_pydicom(usual)))
        told("the same, fetched from a local server", *fetched(Path(folder), usual), f"target <= {OPEN_S} s")
        item = LocalObject(path, path.stat().st_size)

        def window() -> None:
            source = BucketTiles(item)
            Tiles(source.image, source).region((1000, 2000), (1000, 2000), Task())

        print(f"{'ours, 1000 x 1000 of it by range':40}{best(window):8.3f} s")
        windows = SlideWindows([level])
        windows.window((0.2, 0.2, 0.45, 0.45), 1000, 1000, Task())
        print(f"{'ours, a window whose tiles are kept':40}{best(lambda: windows.window((0.21, 0.21, 0.44, 0.44), 950, 950, Task())):8.3f} s")
        nuclei = annotated(Path(folder), level.sop_instance_uid)
        outlines = best(lambda: read_annotations(nuclei, [level]).density(), clock=time.process_time)
        print(f"{'ours, outlines of 300,000 nuclei':40}{outlines:8.3f} s CPU        target <= {OUTLINES_S} s")
        answer = best(lambda: answered(Path(folder), nuclei, str(path)), clock=time.process_time)
        print(f"{'ours, as arrays in the window':40}{answer:8.3f} s CPU        target <= {OUTLINES_S} s")
        print(f"{'pydicom, their coordinates only':40}{best(lambda: coordinates(nuclei), clock=time.process_time):8.3f} s CPU")
        [segments], _notes = read_segment_levels(saved_segments(str(Path(folder) / "segments")))
        print(f"{'ours, a window of 1024 x 1024 of a SEG':40}{best(lambda: segments.window((0.0, 0.0, 1.0, 1.0), 1024, 1024, Task())):8.3f} s")


def told(what: str, wall: float, cpu: float, target: str = "") -> None:
    print(f"{what:40}{wall:8.3f} s{cpu:9.3f} s CPU   {target}".rstrip())


def picture(level: SlideImage, step: int = 1) -> None:
    Tiles(level).region((0, level.rows), (0, level.columns), Task(), step)


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of all processors, with decoders that run already."""

    def once() -> tuple[float, float]:
        wall, cpu = time.perf_counter(), of_decoders() + time.process_time()
        work()
        return time.perf_counter() - wall, of_decoders() + time.process_time() - cpu

    once()
    return min(once() for _ in range(3))


def of_decoders() -> float:
    """Seconds of processors that processes of this one have taken, as far as they live."""
    used = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(times.user + times.system for times in used)


def fetched(folder: Path, path: Path) -> tuple[float, float]:
    """A level by the downloads of this program, and as a picture."""
    uuid = "00000001-0000-4000-8000-000000000000"
    with running_s3_server() as server:
        server.put(f"{uuid}/level.dcm", path.read_bytes())

        def once() -> None:
            to = Path(tempfile.mkdtemp(dir=folder))
            report = download(plan_of(uuid), to, TransferOptions(endpoint_url=server.url), journal_path=to / "journal.sqlite")
            (file,) = to.rglob("level.dcm")
            (level,) = read_slide([str(file)]).levels
            picture(level)
            assert report.exit_code == 0

        return cost(once)


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


def as_jpeg(folder: Path, path: Path) -> Path:
    """As most slides are stored."""
    dataset = pydicom.dcmread(path)
    codes = []
    for tile in dataset.pixel_array[:16]:
        coded = io.BytesIO()
        Image.fromarray(tile).save(coded, "JPEG", quality=98)
        codes.append(coded.getvalue())
    dataset.PixelData = encapsulate([codes[number % len(codes)] for number in range(int(dataset.NumberOfFrames))])
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEGBaseline8Bit
    dataset.save_as(folder / "jpeg.dcm")
    return folder / "jpeg.dcm"


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


def answered(folder: Path, nuclei: str, level: str) -> None:
    """What the engine writes of annotations, and the window reads."""
    state = EngineState({"exchange_folder": str(folder)})
    answer = annotated_answer(state, {"file": nuclei, "images": [level]}, Task())
    arrays = [answer["density"], *answer["outlines"]]
    for array in arrays:
        read_array(array)
    remove_arrays(arrays)


def best(work: Callable[[], object], times: int = 3, clock: Callable[[], float] = time.perf_counter) -> float:
    found = []
    for _ in range(times):
        began = clock()
        work()
        found.append(clock() - began)
    return min(found)


if __name__ == "__main__":
    main()
