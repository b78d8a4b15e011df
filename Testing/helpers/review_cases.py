"""Cases for review lists in a bucket of their own: each a CT with a SEG of organs, made by an algorithm that its name betrays."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from helpers.dicom_files import ROOT, image, save
from helpers.many_series import CtSeries, ManySeries
from IDCBrowserLib.demo import bucket, catalog_rows
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.volume.read_grids import read_image_grids

MAKER = "TotalBetrayal"
_SHAPE = (6, 32, 32)
_ORGANS = (("Liver", "10200004"), ("Spleen", "78961009"))


@contextlib.contextmanager
def review_cases(folder: Path, cases: int, shape: tuple[int, int, int] = _SHAPE, segments: int = 2) -> Iterator[ManySeries]:
    """Served while the block runs; ``uuids`` are of the CTs, in the order of the cases."""
    objects = folder / "objects"
    made = [_case(objects, number, shape, segments) for number in range(1, cases + 1)]
    series = [one for pair in made for one in pair]
    rows = catalog_rows.write(folder / "review_index.parquet", series)
    with bucket.serve(objects) as endpoint_url:
        yield ManySeries(endpoint_url, rows, tuple(ct.crdc_series_uuid for ct, _ in made), sum(len(one.files) for one in series))


def _case(objects: Path, number: int, shape: tuple[int, int, int], count: int) -> tuple[CtSeries, CtSeries]:
    identity = {"PatientID": f"CASE-{number:03}", "StudyInstanceUID": f"{ROOT}.5.{number}", "FrameOfReferenceUID": f"{ROOT}.6.{number}"}
    pixels = np.full(shape[1:], 40, np.int16)
    pixels[8:20, 6:20] = 120
    files = [
        save(
            image(1000 + number, k, pixels, **identity, ImagePositionPatient=[0.0, 0.0, 2.5 * k], SeriesDescription="CT of the abdomen"),
            objects / "ct" / f"{k}.dcm",
        )
        for k in range(1, shape[0] + 1)
    ]
    voxels = np.zeros(shape, np.uint8)
    # More than two: bricks of 30 slices, as far apart as they fit.
    for label in range(3, count + 1):
        k, j, i = 9 * label % (shape[0] - 30), 37 * label % (shape[1] - 60), 71 * label % (shape[2] - 60)
        voxels[k : k + 30, j : j + 60, i : i + 60] = label
    voxels[1:5, 8:20, 6:14] = 1
    voxels[2:4, 8:16, 16:20] = 2
    organs = [*_ORGANS, *((f"Organ {label}", _ORGANS[0][1]) for label in range(3, count + 1))]
    segments = tuple(
        Segment(label, label, name, 0, type=Code(code, "SCT", name), algorithm_type="AUTOMATIC", algorithm_name=MAKER)
        for label, (name, code) in enumerate(organs, 1)
    )
    labelmap = Labelmap((voxels,), read_image_grids(files)[0].geometry, segments, Source("label file", series_description=MAKER))
    drawn = objects / "seg" / "1.dcm"
    drawn.parent.mkdir(parents=True, exist_ok=True)
    export(labelmap, files, drawn, ExportOptions("seg", f"{MAKER} organs"))
    return _moved(objects, 2 * number, files), _moved(objects, 2 * number + 1, [drawn])


def _moved(objects: Path, number: int, files: Sequence[Path]) -> CtSeries:
    """Into the layout of IDC's buckets."""
    name = str(uuid.UUID(int=number, version=4))
    (objects / name).mkdir()
    moved = [file.rename(objects / name / f"{uuid.UUID(int=number * 100_000 + place, version=4)}.dcm") for place, file in enumerate(files)]
    return CtSeries(name, tuple(moved))
