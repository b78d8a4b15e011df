"""Cases for review lists in Slicer: the phantom's abdomen for each of several patients, drawn by two readers and by an algorithm."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from IDCBrowserLib.demo import bucket, catalog_rows, images, structures, tissue
from IDCBrowserLib.demo.dicom_file import save
from IDCBrowserLib.demo.identity import object_uuid, uid
from IDCBrowserLib.demo.world import World
from IDCBrowserLib.export.export import export
from IDCBrowserLib.export.options import ExportOptions
from IDCBrowserLib.labelmap.types import Labelmap, Segment, Source
from IDCBrowserLib.volume.read_grids import read_image_grids

READERS, ALGORITHM = ("Reader One", "Reader Two"), "OrganBetrayer"
# Of what each of them drew, in voxels from where the organs are: no two agree.
_SHIFTS = {"Reader One": 0, "Reader Two": 1, ALGORITHM: 2}


@dataclass(frozen=True)
class OnDisk:
    """One series in the layout of IDC's buckets."""

    crdc_series_uuid: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Case:
    """``drawn`` by maker."""

    image: OnDisk
    drawn: dict[str, OnDisk]

    @property
    def size_bytes(self):
        """Of all of its files."""
        return sum(file.stat().st_size for series in (self.image, *self.drawn.values()) for file in series.files)


def write_cases(folder, count, shape=None, segments=0):
    """``count`` cases in ``folder``. With a ``shape`` (k, j, i) images of that size with ``segments`` bricks by the algorithm alone."""
    made = _organs() if shape is None else _bricks(shape, segments)
    return [_case(Path(folder), number, *made) for number in range(1, count + 1)]


def open_review_world(folder, cases):
    """The cases in a bucket with rows of the catalog: a ``World``."""
    series = [one for case in cases for one in (case.image, *case.drawn.values())]
    rows = catalog_rows.write(folder / "review_index.parquet", series)
    card = catalog_rows.write_collection(folder / "review_collections_index.parquet", len(cases))
    return World(folder, series, {}, (rows, card), bucket.start([folder / "objects"]))


def _organs():
    grid = images.CT.grid
    overlapping = {one.name: one for one in structures.overlapping_segments(grid)}
    organs = {one.name: one for one in structures.organ_segments(grid)}
    drawn = [overlapping["Liver"], overlapping["Right kidney"], overlapping["Left kidney"], organs["Spleen"]]
    labels = np.zeros(grid.shape, np.uint8)
    for number, one in enumerate(drawn, 1):
        labels[one.mask] = number
    named = [(one.name, one.type, one.modifier, one.color) for one in drawn]
    return images.ct_objects(tissue.ct_volume(grid)), labels, named, tuple(_SHIFTS)


def _bricks(shape, count):
    slices, rows, columns = shape
    labels = np.zeros(shape, np.uint8)
    for label in range(1, count + 1):
        k, j, i = 9 * label % max(1, slices - 30), 37 * label % (rows - 60), 71 * label % (columns - 60)
        labels[k : k + 30, j : j + 60, i : i + 60] = label
    pattern = images.ct_objects(np.zeros((1, *images.CT.grid.shape[1:]), np.int16))[0]
    del pattern.PixelData
    pixels = np.full((rows, columns), 1064, "<u2")
    pixels[rows // 4 : -rows // 4, columns // 4 : -columns // 4] = 1144
    made = []
    for k in range(slices):
        one = deepcopy(pattern)
        one.InstanceNumber = k + 1
        one.Rows, one.Columns, one.PixelData = rows, columns, (pixels + k % 7).astype("<u2").tobytes()
        one.ImagePositionPatient, one.SliceThickness = ["-190", "-200", f"{2 * k - 400}"], "2"
        made.append(one)
    code = structures.LIVER_CODE
    named = [(f"Organ {label}", code, None, (37 * label % 256, 220 - 2 * label, 71 * label % 256)) for label in range(1, count + 1)]
    return made, labels, named, (ALGORITHM,)


def _case(folder, number, objects, labels, named, makers):
    name = f"review case {number}"
    identity = {"PatientID": f"CASE-{number:03}", "StudyInstanceUID": uid(f"{name} study"), "FrameOfReferenceUID": uid(f"{name} frame")}
    files = []
    for k, one in enumerate(objects):
        image = deepcopy(one)
        image.SeriesInstanceUID, image.SOPInstanceUID = uid(name), uid(f"{name} {k}")
        for keyword, value in identity.items():
            setattr(image, keyword, value)
        files.append(folder / object_uuid(name) / f"{object_uuid(f'{name} {k}')}.dcm")
        save(image, files[-1])
    image = OnDisk(object_uuid(name), tuple(files))
    return Case(image, {maker: _drawn(folder, f"{name} {maker}", maker, files, labels, named) for maker in makers})


def _drawn(folder, name, maker, files, labels, named):
    is_algorithm = maker == ALGORITHM
    segments = tuple(
        Segment(
            label,
            label,
            text,
            0,
            color=color,
            type=code,
            type_modifiers=(modifier,) if modifier else (),
            algorithm_type="AUTOMATIC" if is_algorithm else "MANUAL",
            algorithm_name=maker if is_algorithm else "",
        )
        for label, (text, code, modifier, color) in enumerate(named, 1)
    )
    shifted = np.roll(labels, _SHIFTS[maker], axis=2)
    labelmap = Labelmap((shifted,), read_image_grids(files)[0].geometry, segments, Source("label file", series_description=maker))
    path = folder / object_uuid(name) / f"{object_uuid(f'{name} 0')}.dcm"
    path.parent.mkdir(parents=True)
    export(labelmap, files, path, ExportOptions("seg", f"Organs by {maker}", creator="" if is_algorithm else maker))
    return OnDisk(object_uuid(name), (path,))
