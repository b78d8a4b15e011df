"""Series of images, regular and not, and SEG and RTSTRUCT drawn on them, whose right masks are known by construction. Drawn by hypothesis."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SegmentationStorage

from helpers import rtstruct_files as rf
from IDCBrowserLib.volume.frames import Frame, SeriesHeader
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.stacking import stack_frames

SERIES, STUDY, FRAME, PATIENT = "1.2.826.0.1.3680043.10.2.2", "1.2.826.0.1.3680043.10.2.3", rf.FRAME, "P1"
ROWS, COLUMNS = 9, 11


@dataclass(frozen=True)
class Image:
    """One image of a drawn series: ``position`` is exact, ``written`` as its header rounds it. ``stack`` numbers the grid it belongs to."""

    number: int
    position: np.ndarray
    written: tuple[float, float, float]
    thickness: float
    stack: int
    labels: dict[str, str]

    @property
    def uid(self) -> str:
        return f"{SERIES}.{self.number}"


@dataclass
class Series:
    """Images with what they share. ``spacing`` is (columns, rows) in mm, ``step`` the smallest distance of slices."""

    row: np.ndarray
    column: np.ndarray
    spacing: tuple[float, float]
    step: float
    images: list[Image] = field(default_factory=list)
    order: list[int] = field(default_factory=list)

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.row, self.column)

    def grids(self) -> tuple[ImageGrid, ...]:
        """What reading its headers gives; files in ``order``."""
        header = SeriesHeader(SERIES, STUDY, PATIENT, "Test^Patient", FRAME, "CT", "drawn", "1")
        frames = [
            Frame(
                path=f"{image.number}.dcm",
                sop_instance_uid=image.uid,
                frame_number=1,
                instance_number=image.number,
                rows=ROWS,
                columns=COLUMNS,
                position=image.written,
                row=tuple(self.row.tolist()),
                column=tuple(self.column.tolist()),
                spacing=self.spacing,
                spacing_assumed=False,
                position_assumed=False,
                is_color=False,
                thickness=image.thickness,
                slice_thickness=image.thickness,
                labels=image.labels,
                series=header,
            )
            for image in (self.images[n] for n in self.order)
        ]
        return stack_frames(frames)

    def place(self, image: Image, u: float, v: float, off: float = 0.0) -> np.ndarray:
        """The point of an image at column u and row v, ``off`` mm along the normal."""
        return image.position + u * self.spacing[0] * self.row + v * self.spacing[1] * self.column + off * self.normal


def _rotation(angles: tuple[float, float, float]) -> np.ndarray:
    a, b, c = angles
    x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    return x @ y @ z


_STRAIGHT = [(0.0, 0.0, 0.0), (math.pi, 0.0, 0.0), (math.pi / 2, 0.0, 0.0), (0.0, math.pi / 2, 0.0)]
_ORIENTATIONS = st.one_of(st.sampled_from(_STRAIGHT), st.tuples(*[st.floats(-3.0, 3.0)] * 3))
_DECIMALS = st.sampled_from([1, 2, 3, 5, 8])


@st.composite
def series(draw: st.DrawFn) -> Series:
    """Even stacks, gaps, slabs of several thicknesses, two slabs apart, phases, passes that share a slice, tilts, shifts; rounded positions."""
    axes = np.round(_rotation(draw(_ORIENTATIONS)), 9)
    step = draw(st.sampled_from([1.0, 1.25, 2.5, 3.0, 5.0]))
    made = Series(axes[0], axes[1], (draw(st.sampled_from([0.7, 1.0, 1.5])), draw(st.sampled_from([0.7, 1.0, 1.5]))), step)
    made.row = made.row / np.linalg.norm(made.row)
    made.column = made.column - (made.column @ made.row) * made.row
    made.column = made.column / np.linalg.norm(made.column)
    origin = np.array(draw(st.tuples(*[st.integers(-2000, 2000)] * 3))) / 16
    kind = draw(st.sampled_from(["even", "gaps", "slabs", "apart", "phases", "passes", "tilt", "shifted"]))
    count = draw(st.integers(3, 9))
    # Positions rounded more coarsely than a slice can bear make no series.
    decimals = draw(_DECIMALS) if kind not in ("slabs", "shifted") else draw(st.sampled_from([2, 3, 5]))
    placed: list[tuple[float, float, int, dict[str, str], np.ndarray]] = []
    zero = np.zeros(3)
    if kind in ("even", "tilt"):
        lean = draw(st.sampled_from([0.05, 0.2, 0.4])) * step * made.column if kind == "tilt" else zero
        placed = [(n * step, step, 0, {}, n * lean) for n in range(count)]
    elif kind == "gaps":
        kept = draw(st.lists(st.booleans(), min_size=count, max_size=count).filter(lambda chosen: sum(chosen) > len(chosen) / 2))
        kept[0] = kept[1] = kept[-1] = True
        placed = [(n * step, step, 0, {}, zero) for n in range(count) if kept[n]]
    elif kind == "slabs":
        # Thin slices, then thick ones: as far apart as they are thick.
        thick = step * draw(st.sampled_from([1.5, 2.0, 5 / 3]))
        thin = draw(st.integers(2, 5))
        height = 0.0
        for n in range(thin + count):
            placed.append((height, step if n < thin else thick, 0, {}, zero))
            height += step if n + 1 < thin else thick
    elif kind == "apart":
        gap = draw(st.sampled_from([20.3, 41.0, 100.0])) * step
        second = draw(st.integers(2, 5))
        placed = [(n * step, step, 0, {}, zero) for n in range(count)]
        placed += [((count - 1) * step + gap + n * step, step, 1, {}, zero) for n in range(second)]
    elif kind == "phases":
        stated = draw(st.booleans())
        phases = draw(st.integers(2, 4))
        placed = [(n * step, step, phase, {"TriggerTime": str(phase * 50)} if stated else {}, zero) for phase in range(phases) for n in range(count)]
    elif kind == "passes":
        stated = draw(st.booleans())
        second = draw(st.integers(2, 6))
        placed = [(n * step, step, 0, {"AcquisitionNumber": "1"} if stated else {}, zero) for n in range(count)]
        placed += [((count - 1 + n) * step, step, 1, {"AcquisitionNumber": "2"} if stated else {}, zero) for n in range(second)]
    else:
        for n in range(count):
            across, down = draw(st.tuples(st.integers(-40, 40), st.integers(-40, 40)))
            placed.append((n * step, step, 0, {}, across * 0.5 * made.row + down * 0.5 * made.column))
    for number, (height, thickness, stack, labels, shift) in enumerate(placed, 1):
        position = origin + height * made.normal + shift
        written = tuple(float(f"{value:.{decimals}f}") for value in position)
        made.images.append(Image(number, position, written, thickness, stack, labels))
    made.order = draw(st.permutations(range(len(made.images))))
    return made


@dataclass(frozen=True)
class DrawnSeg:
    """A SEG file, and for each of its frames the image it was drawn on, its segment and its mask on that image."""

    path: Path
    frames: list[tuple[Image, int, np.ndarray]]


@st.composite
def seg_plan(draw: st.DrawFn, made: Series) -> tuple[list[tuple[int, int, int]], int, str, int, tuple[int, int, int, int]]:
    """(image, segment, seed) of each frame in stored order; decimals of positions; who names images; segments; the part of the image it covers."""
    segments = draw(st.integers(1, 2))
    frames = [(n, segment, draw(st.integers(0, 2**16))) for segment in range(1, segments + 1) for n in range(len(made.images))]
    keep = draw(st.sampled_from([1, 1, 2]))
    frames = [entry for index, entry in enumerate(frames) if index % keep == 0 or keep == 1] or frames
    order = draw(st.permutations(range(len(frames))))
    crop = draw(st.sampled_from([(0, 0, ROWS, COLUMNS), (0, 0, ROWS, COLUMNS), (2, 3, 5, 6)]))
    named = draw(st.sampled_from(["all", "all", "none"]))
    return [frames[n] for n in order], draw(_DECIMALS), named, segments, crop


def write_seg(folder: Path, made: Series, plan: tuple[list[tuple[int, int, int]], int, str, int, tuple[int, int, int, int]]) -> DrawnSeg:
    """The SEG of a plan. Masks have the first pixel set, so that no frame is empty."""
    entries, decimals, named, segments, (top, left, rows, columns) = plan
    dataset = FileDataset(None, {}, preamble=b"\0" * 128)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = SegmentationStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.10.2.9"
    dataset.SOPClassUID, dataset.SOPInstanceUID = SegmentationStorage, "1.2.826.0.1.3680043.10.2.9"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = STUDY, "1.2.826.0.1.3680043.10.2.8", FRAME
    dataset.PatientID, dataset.Modality, dataset.SegmentationType = PATIENT, "SEG", "BINARY"
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = rows, columns, len(entries)
    dataset.BitsAllocated = dataset.BitsStored = dataset.SamplesPerPixel = 1
    dataset.SegmentSequence = [_item(SegmentNumber=n, SegmentLabel=f"S{n}") for n in range(1, segments + 1)]
    references = [_item(ReferencedSOPInstanceUID=image.uid) for image in made.images]
    dataset.ReferencedSeriesSequence = [_item(SeriesInstanceUID=SERIES, ReferencedInstanceSequence=references)]
    orientation = [f"{value:.8f}" for value in (*made.row, *made.column)]
    spacing = [made.spacing[1], made.spacing[0]]
    dataset.SharedFunctionalGroupsSequence = [
        _item(
            PlaneOrientationSequence=[_item(ImageOrientationPatient=orientation)],
            PixelMeasuresSequence=[_item(PixelSpacing=spacing, SliceThickness=made.step)],
        )
    ]
    frames, bits = [], []
    groups = []
    for number, segment, seed in entries:
        image = made.images[number]
        mask = np.zeros((ROWS, COLUMNS), bool)
        mask[top : top + rows, left : left + columns] = np.random.default_rng(seed).random((rows, columns)) < 0.4
        mask[top, left] = True
        position = image.position + left * made.spacing[0] * made.row + top * made.spacing[1] * made.column
        group = _item(
            PlanePositionSequence=[_item(ImagePositionPatient=[f"{value:.{decimals}f}" for value in position])],
            SegmentIdentificationSequence=[_item(ReferencedSegmentNumber=segment)],
        )
        if named == "all":
            group.DerivationImageSequence = [_item(SourceImageSequence=[_item(ReferencedSOPInstanceUID=image.uid)])]
        groups.append(group)
        frames.append((image, segment, mask))
        bits.append(mask[top : top + rows, left : left + columns].reshape(-1))
    dataset.PerFrameFunctionalGroupsSequence = groups
    data = np.packbits(np.concatenate(bits), bitorder="little").tobytes()
    dataset.PixelData = data + bytes(len(data) % 2)
    dataset["PixelData"].VR = "OB"
    path = folder / "seg.dcm"
    dataset.save_as(path, enforce_file_format=True)
    return DrawnSeg(path, frames)


def _item(**values: object) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class DrawnContour:
    """A box in pixels of an image: ``off`` mm from its plane, wound one way or the other. A ``copy`` is drawn again, moved by parts of a pixel."""

    image: int
    roi: int
    box: Box
    off: float
    is_turned: bool
    is_copy: bool = False


@dataclass(frozen=True)
class StructurePlan:
    """Contours in stored order; ``masks`` (image, roi) are those that they stand for."""

    contours: list[DrawnContour]
    masks: dict[tuple[int, int], np.ndarray]
    decimals: int
    named: bool
    lean: float


def _box_mask(box: Box) -> np.ndarray:
    u0, v0, u1, v1 = box
    v, u = np.mgrid[:ROWS, :COLUMNS]
    inside: np.ndarray = (u >= u0) & (u < u1) & (v >= v0) & (v < v1)
    return inside


@st.composite
def structure_plan(draw: st.DrawFn, made: Series) -> StructurePlan:
    """Outer boxes with holes and islands, drawn twice or a little off their planes, all leaning by a fraction of a degree; named or not."""
    rois = draw(st.integers(1, 2))
    named = draw(st.sampled_from([True, True, False]))
    # Off the plane by as much for every contour of an image, as programs that draw between slices do, and islands by a tenth of a millimeter.
    common = draw(st.sampled_from([0.0, 0.0, 0.2])) * made.step
    apart = draw(st.sampled_from([0.0, 0.06, 0.1])) if made.step >= 1 else 0.0
    lean = draw(st.sampled_from([0.0, 0.0, 0.03, 0.1]))
    contours: list[DrawnContour] = []
    masks: dict[tuple[int, int], np.ndarray] = {}
    for number in range(len(made.images)):
        for roi in range(1, rois + 1):
            if draw(st.integers(0, 5)) == 0 and number:
                continue
            kind = draw(st.sampled_from(["plain", "hole", "islands", "copy", "hole and copy"]))
            outer = (0.5, 0.5, draw(st.integers(6, 9)) + 0.5, draw(st.integers(6, 7)) + 0.5)
            own = [DrawnContour(number, roi, outer, common, draw(st.booleans()))]
            mask = _box_mask(outer)
            if "hole" in kind:
                hole = (2.5, 2.5, 4.5, 4.5)
                own.append(DrawnContour(number, roi, hole, common, draw(st.booleans())))
                mask &= ~_box_mask(hole)
            if kind == "islands":
                small, other = (0.5, 0.5, 3.5, 3.5), (5.5, 4.5, 8.5, 7.5)
                own = [DrawnContour(number, roi, small, common, False), DrawnContour(number, roi, other, common + apart, True)]
                mask = _box_mask(small) | _box_mask(other)
            if "copy" in kind:
                moved = draw(st.sampled_from([0.0, 0.02, 0.3, 0.45]))
                u0, v0, u1, v1 = outer
                again = (u0 + moved, v0 + moved, u1 + moved, v1 - moved)
                own.append(DrawnContour(number, roi, again, common, own[0].is_turned, True))
            contours += own
            masks[number, roi] = mask
    # The first drawing counts of two: its copy comes later.
    order = draw(st.permutations(range(len(contours))))
    shuffled = [contours[n] for n in order]
    shuffled.sort(key=lambda contour: contour.is_copy)
    return StructurePlan(shuffled, masks, draw(st.sampled_from([2, 3, 4, 6])), named, lean)


def write_structure_set(folder: Path, made: Series, plan: StructurePlan) -> Path:
    """The RTSTRUCT of a plan."""
    slope = math.tan(math.radians(plan.lean))
    rois: dict[int, list[rf.C]] = {}
    for contour in plan.contours:
        image = made.images[contour.image]
        u0, v0, u1, v1 = contour.box
        corners = [(u0, v0), (u1, v0), (u1, v1), (u0, v1)]
        points = [made.place(image, u, v, contour.off + slope * u * made.spacing[0]) for u, v in (corners[::-1] if contour.is_turned else corners)]
        text = "\\".join(f"{value:.{plan.decimals}f}" for point in points for value in point)
        rois.setdefault(contour.roi, []).append(rf.C(data=text, image=image.uid if plan.named else None, stated=len(points)))
    dataset = rf.structure_set([rf.R(number, contours, f"R{number}") for number, contours in sorted(rois.items())], ((FRAME, SERIES, ()),))
    dataset.StudyInstanceUID = STUDY
    return rf.write(dataset, folder / "rs.dcm")
