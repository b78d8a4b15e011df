"""Structure sets and images for tests: written with pydicom, their numbers as decimal strings that fractions can hold exactly."""

from __future__ import annotations

import functools
import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RTStructureSetStorage

from IDCBrowserLib.volume.geometry import Geometry
from IDCBrowserLib.volume.image_grid import ImageGrid, ImageSlice

FRAME = "1.2.826.0.1.3680043.10.1.1"
SERIES = "1.2.826.0.1.3680043.10.1.2"
STUDY = "1.2.826.0.1.3680043.10.1.3"

Point = tuple[Fraction, Fraction, Fraction]
Flat = Sequence[tuple[Fraction | float, Fraction | float]]


def f(value: str | float | Fraction) -> Fraction:
    """An exact number; floats are taken by their shortest decimal form."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def decimal(value: Fraction) -> str:
    """The number as an exact Decimal String; asserts that one of 16 characters exists."""
    scale = next(n for n in range(16) if (value * 10**n).denominator == 1)
    digits = abs(int(value * 10**scale))
    text = f"{digits:0{scale + 1}d}"
    text = f"{text[:-scale]}.{text[-scale:]}" if scale else text
    text = f"-{text}" if value < 0 else text
    assert len(text) <= 16, text
    return text


@dataclass(frozen=True)
class Stack:
    """An image stack in exact numbers: unit vectors of i and j, pixel spacing along i and j, the position of every slice (ascending or not)."""

    i: tuple[Fraction, Fraction, Fraction]
    j: tuple[Fraction, Fraction, Fraction]
    spacing: tuple[Fraction, Fraction]
    positions: tuple[Point, ...]
    rows: int = 18
    columns: int = 21
    series: str = SERIES
    frame: str = FRAME
    patient: str = "P1"

    @functools.cached_property
    def normal(self) -> Point:
        (a, b, c), (d, e, g) = self.i, self.j
        return b * g - c * e, c * d - a * g, a * e - b * d

    def uid(self, k: int) -> str:
        """The SOP Instance UID of slice ``k``."""
        return f"{self.series}.{k + 1}"

    def at(self, u: Fraction | float, v: Fraction | float, k: int, off: Fraction | float = 0) -> Point:
        """The point of slice ``k`` at column ``u`` and row ``v``, ``off`` mm along the normal."""
        s, a, b = self.positions[k], f(u) * self.spacing[0], f(v) * self.spacing[1]
        x, y, z = (s[m] + a * self.i[m] + b * self.j[m] for m in range(3))
        # Exact numbers are slow: what most callers leave at 0 is not multiplied.
        return (x + f(off) * self.normal[0], y + f(off) * self.normal[1], z + f(off) * self.normal[2]) if off else (x, y, z)

    def grid(self, missing: Sequence[int] = ()) -> ImageGrid:
        """What ``read_image_grids`` gives for it, slices ascending along the normal. ``positions`` must be ascending, evenly spaced."""
        first, last = (np.array([float(x) for x in self.positions[n]]) for n in (0, -1))
        count = len(self.positions)
        step = (last - first) / max(1, count - 1) if count > 1 else np.array([float(x) for x in self.normal])
        length = float(np.linalg.norm(step))
        geometry = Geometry(
            (count, self.rows, self.columns),
            (float(self.spacing[0]), float(self.spacing[1]), length),
            tuple(float(x) for x in self.positions[0]),
            (tuple(float(x) for x in self.i), tuple(float(x) for x in self.j), tuple(float(x) for x in step / length)),
        )
        slices = tuple(
            None if k in missing else ImageSlice(f"{k}.dcm", self.uid(k), tuple(float(x) for x in position))
            for k, position in enumerate(self.positions)
        )
        return ImageGrid(
            geometry,
            slices,
            self.series,
            STUDY,
            self.patient,
            "Test^Patient",
            self.frame,
            "CT",
            "made",
            "1",
            is_regular=True,
        )

    def write(self, folder: Path, order: Sequence[int] | None = None) -> list[Path]:
        """The images as CT files of zeros, numbered in ``order`` of slices."""
        paths = []
        for instance, k in enumerate(order or range(len(self.positions)), 1):
            paths.append(folder / f"image{instance:03d}.dcm")
            _image(self, k, instance).save_as(paths[-1], enforce_file_format=True)
        return paths


def axial(count: int = 5, spacing: tuple[str, str, str] = ("1", "1", "2"), **values: object) -> Stack:
    """A plain axial stack at an origin that is not 0."""
    i, j, k = (f(value) for value in spacing)
    positions = tuple((f("-10.5"), f("-7.25"), f(3) + n * k) for n in range(count))
    return Stack((f(1), f(0), f(0)), (f(0), f(1), f(0)), (i, j), positions, **values)  # type: ignore[arg-type]


@dataclass
class C:
    """A contour to write: points in LPS mm, exact or as text; ``data`` replaces the text of Contour Data."""

    points: Sequence[Sequence[Fraction | float]] = ()
    kind: str | None = "CLOSED_PLANAR"
    image: str | None = None
    frame: int | None = None
    stated: int | None = None
    data: str | None = None

    @property
    def text(self) -> str:
        if self.data is not None:
            return self.data
        return "\\".join(decimal(f(x)) for x in itertools.chain.from_iterable(self.points))


@dataclass
class R:
    """An ROI to write."""

    number: int
    contours: Sequence[C] = ()
    name: str = ""
    color: Sequence[int] | None = (255, 0, 0)
    frame: str = FRAME
    interpreted: str = ""
    extra: dict[str, object] = field(default_factory=dict)
    observation: dict[str, object] = field(default_factory=dict)


def flat(stack: Stack, k: int, points: Flat, *, named: bool = False, kind: str = "CLOSED_PLANAR", off: Fraction | float = 0) -> C:
    """A contour on slice ``k`` from (column, row) points."""
    return C([stack.at(u, v, k, off) for u, v in points], kind, stack.uid(k) if named else None)


def box(u0: float, v0: float, u1: float, v1: float) -> list[tuple[Fraction, Fraction]]:
    """The corners of a rectangle in pixel coordinates."""
    a, b, c, d = f(u0), f(v0), f(u1), f(v1)
    return [(a, b), (c, b), (c, d), (a, d)]


def structure_set(rois: Sequence[R], references: Sequence[tuple[str, str, Sequence[str]]] = ((FRAME, SERIES, ()),), **values: object) -> Dataset:
    """A structure set; ``references`` are (frame of reference, series, instances). ``values`` replace top-level elements by keyword."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = RTStructureSetStorage
    dataset.SOPInstanceUID = "1.2.826.0.1.3680043.10.1.9"
    dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.10.1.8"
    dataset.StudyInstanceUID = STUDY
    dataset.Modality = "RTSTRUCT"
    dataset.PatientID = "P1"
    dataset.PatientName = "Test^Patient"
    dataset.StructureSetLabel = "TEST"
    dataset.ReferencedFrameOfReferenceSequence = Items([_reference(*reference) for reference in references])
    dataset.StructureSetROISequence = Items([_roi(roi) for roi in rois])
    dataset.ROIContourSequence = Items([_roi_contour(roi) for roi in rois])
    dataset.RTROIObservationsSequence = Items([_observation(n, roi) for n, roi in enumerate(rois, 1)])
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def write(dataset: Dataset, path: Path, syntax: UID = ImplicitVRLittleEndian, undefined_length: bool = False) -> Path:
    """Save it, with sequences of defined or undefined length."""
    if undefined_length:
        _undefine(dataset)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", RTStructureSetStorage)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    dataset.save_as(path, enforce_file_format=True)
    return path


def replace_bytes(path: Path, old: bytes, new: bytes) -> None:
    """Change bytes of equal length in a file, past every check of pydicom."""
    data = path.read_bytes()
    assert len(old) == len(new)
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))


def enclosed(u: Fraction, v: Fraction, polygon: Sequence[tuple[Fraction, Fraction]]) -> bool:
    """The reference, in exact arithmetic: even-odd; points on an edge belong to the side of higher u, on a level edge to that of higher v."""
    inside = False
    for (a, b), (c, d) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (b > v) != (d > v) and u < a + (v - b) * (c - a) / (d - b):
            inside = not inside
    return inside


def reference_mask(polygon: Sequence[tuple[Fraction, Fraction]], rows: int, columns: int) -> np.ndarray:
    """``enclosed`` for every pixel center, (rows, columns)."""
    return _reference_mask(tuple(polygon), rows, columns).copy()


@functools.cache
def _reference_mask(polygon: tuple[tuple[Fraction, Fraction], ...], rows: int, columns: int) -> np.ndarray:
    return np.array([[enclosed(Fraction(u), Fraction(v), polygon) for u in range(columns)] for v in range(rows)], dtype=bool).reshape(rows, columns)


def to_pixels(stack: Stack, k: int, point: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Column and row of a point projected onto slice ``k``, exactly; the axes must be exact unit vectors."""
    relative = [point[m] - stack.positions[k][m] for m in range(3)]
    u = sum((relative[m] * stack.i[m] for m in range(3)), Fraction(0)) / stack.spacing[0]
    v = sum((relative[m] * stack.j[m] for m in range(3)), Fraction(0)) / stack.spacing[1]
    return u, v


def _reference(frame: str, series: str, instances: Sequence[str]) -> Dataset:
    images = []
    for uid in instances:
        image = Dataset()
        image.ReferencedSOPClassUID = CTImageStorage
        image.ReferencedSOPInstanceUID = uid
        images.append(image)
    item = Dataset()
    item.SeriesInstanceUID = series
    item.ContourImageSequence = Items(images)
    study = Dataset()
    study.ReferencedSOPInstanceUID = STUDY
    study.RTReferencedSeriesSequence = Items([item])
    reference = Dataset()
    reference.FrameOfReferenceUID = frame
    reference.RTReferencedStudySequence = Items([study])
    return reference


def _roi(roi: R) -> Dataset:
    item = Dataset()
    item.ROINumber = roi.number
    item.ReferencedFrameOfReferenceUID = roi.frame
    item.ROIName = roi.name
    item.ROIGenerationAlgorithm = "MANUAL"
    for keyword, value in roi.extra.items():
        setattr(item, keyword, value)
    return item


def _roi_contour(roi: R) -> Dataset:
    item = Dataset()
    if roi.color is not None:
        item.ROIDisplayColor = list(roi.color)
    item.ContourSequence = Items([_contour(contour) for contour in roi.contours])
    item.ReferencedROINumber = roi.number
    return item


def _contour(contour: C) -> Dataset:
    item = Dataset()
    if contour.image is not None:
        image = Dataset()
        image.ReferencedSOPClassUID = CTImageStorage
        image.ReferencedSOPInstanceUID = contour.image
        if contour.frame is not None:
            image.ReferencedFrameNumber = contour.frame
        item.ContourImageSequence = Items([image])
    if contour.kind is not None:
        kind = _padded(contour.kind.encode())
        item[0x30060042] = RawDataElement(Tag(0x30060042), "CS", len(kind), kind, 0, False, True)
    item.NumberOfContourPoints = len(contour.points) if contour.stated is None else contour.stated
    value = _padded(contour.text.encode())
    # Raw, past every check of pydicom; what is too long for the 16-bit length of DS is UN, as PS3.5 6.2.2 says.
    item[0x30060050] = RawDataElement(Tag(0x30060050), "DS" if len(value) < 65534 else "UN", len(value), value, 0, False, True)
    return item


def _observation(number: int, roi: R) -> Dataset:
    item = Dataset()
    item.ObservationNumber = number
    item.ReferencedROINumber = roi.number
    item.RTROIInterpretedType = roi.interpreted
    for keyword, value in roi.observation.items():
        setattr(item, keyword, value)
    return item


def _padded(value: bytes) -> bytes:
    return value + b" " * (len(value) % 2)


def _undefine(dataset: Dataset) -> None:
    for tag in list(dataset.keys()):
        element = dataset.get_item(tag)
        if element is not None and element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                _undefine(item)


def _image(stack: Stack, k: int, instance: int) -> Dataset:
    image = Dataset()
    image.SOPClassUID = CTImageStorage
    image.SOPInstanceUID = stack.uid(k)
    image.SeriesInstanceUID = stack.series
    image.StudyInstanceUID = STUDY
    image.FrameOfReferenceUID = stack.frame
    image.PatientID = stack.patient
    image.PatientName = "Test^Patient"
    image.Modality = "CT"
    image.InstanceNumber = instance
    image.ImagePositionPatient = [decimal(x) for x in stack.positions[k]]
    image.ImageOrientationPatient = [decimal(x) for x in (*stack.i, *stack.j)]
    image.PixelSpacing = [decimal(stack.spacing[1]), decimal(stack.spacing[0])]
    image.Rows, image.Columns = stack.rows, stack.columns
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = 0
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.PixelData = struct.pack("<H", 0) * (stack.rows * stack.columns)
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return image
