"""Image headers as frames: every plane with its place in the patient, whether it is a file of its own or a frame of an enhanced object."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from IDCBrowserLib.dicom.class_names import sop_class_in_words
from IDCBrowserLib.dicom.reading import number, numbers, text
from IDCBrowserLib.dicom.sop_classes import CT_IMAGE, LABEL_MAP_SEGMENTATION, MR_IMAGE, PET_IMAGE, RT_STRUCTURE_SET, SEGMENTATION, SLIDE_IMAGE
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, NotDicomError, NotFoundError, StorageError
from IDCBrowserLib.task import Progress, Task
from IDCBrowserLib.volume.classic_frames import ClassicFrame, classic_frames, place_source
from IDCBrowserLib.volume.color import is_color
from IDCBrowserLib.volume.geometry import Vector
from IDCBrowserLib.volume.image_header import ImageHeader, open_image_header
from IDCBrowserLib.volume.sense import LARGEST_VOXEL, SMALLEST_VOXEL, nonsense
from IDCBrowserLib.volume.vectors import cross, unit

# Their frames have positions too, but they are drawn on images, they are none.
_DRAWN = {
    SEGMENTATION: "it is a segmentation",
    LABEL_MAP_SEGMENTATION: "it is a segmentation",
    RT_STRUCTURE_SET: "it is an RT structure set",
    SLIDE_IMAGE: "it is a slide, whose tiles are not slices of a volume; open it with Slim",
}

# What may tell planes at the same place apart, the most telling first. Found in the dataset, or in a functional group of an enhanced object.
_LABELS = [
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "StackID",
    "EchoNumbers",
    "EchoTime",
    "EffectiveEchoTime",
    "DiffusionBValue",
    "InversionTime",
    "NominalPercentageOfCardiacPhase",
    "TriggerTime",
    "NominalCardiacTriggerDelayTime",
    "FrameReferenceTime",
    "AcquisitionNumber",
    "FrameAcquisitionNumber",
    "ImageType",
    "FrameType",
    "ContrastBolusAgent",
    "AcquisitionTime",
    "ContentTime",
    "SeriesTime",
]
# More than any object of images that form volumes holds.
_MOST_FRAMES = 100_000
# From here on a number that is wrong costs more than a moment.
_MANY_FRAMES = 1_000

# Of an ultrasound region: Region Spatial Format, and Physical Units of its directions.
_TWO_DIMENSIONAL, _CENTIMETERS = 1.0, 3.0

# Where the pixel spacing is stated, and the functional group of enhanced objects that may hold it; projections state it at the detector.
_SPACINGS = [
    ("PixelSpacing", "PixelMeasuresSequence"),
    ("ImagerPixelSpacing", "PixelMeasuresSequence"),
    ("NominalScannedPixelSpacing", "PixelMeasuresSequence"),
]


@dataclass(frozen=True)
class SeriesHeader:
    """What the frames of one series share."""

    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    frame_of_reference_uid: str
    modality: str
    series_description: str
    series_number: str
    guessed_charsets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Frame:
    """One plane. ``position``, ``row`` and ``column`` are LPS (mm, unit vectors); ``spacing`` is (along a row, along a column) in mm.

    ``thickness`` is the distance to assume for a stack of one plane, ``slice_thickness`` is Slice Thickness; None where the header states none.
    ``labels`` may tell phases apart. ``note`` is a sentence about what was assumed.
    """

    path: str
    sop_instance_uid: str
    frame_number: int
    instance_number: int
    rows: int
    columns: int
    position: Vector
    row: Vector
    column: Vector
    spacing: tuple[float, float]
    spacing_assumed: bool
    position_assumed: bool
    is_color: bool
    thickness: float | None
    slice_thickness: float | None
    labels: dict[str, str]
    series: SeriesHeader
    note: str = ""


class _NoImageError(Exception):
    """The file is not an image with geometry; the text says why. ``series_uid`` of what may be a damaged image."""

    def __init__(self, reason: str, series_uid: str | None = None) -> None:
        super().__init__(reason)
        self.series_uid = series_uid


class _DrawnError(_NoImageError):
    """It is a segmentation or structure set."""


class _NoPlaceError(_NoImageError):
    """It is an image, but does not say where it lies."""


@dataclass(frozen=True)
class LeftOut:
    """A file that gave no frame, and why. ``is_image`` is True for images that do not say where they lie, ``is_drawn`` for SEG and RTSTRUCT,
    ``is_damaged`` for what may be an image. ``series_uid`` of what has no pixels: among images of that series, or without one, it is a damaged one.
    """

    path: str
    reason: str
    is_image: bool = False
    is_drawn: bool = False
    is_damaged: bool = False
    series_uid: str | None = None


def read_frames(files: Sequence[str | Path], task: Task, assume_positions: bool = False) -> tuple[list[Frame], list[LeftOut]]:
    """Frames of all images among ``files``, and what is none. The same instance in two files counts once; files without
    SOP Instance UID are instances of their own.

    With ``assume_positions`` images without a place in the patient (projections, ultrasound) are put at the origin, their frames 1 mm apart.
    """
    frames: dict[tuple[str, int], Frame] = {}
    left_out: list[LeftOut] = []
    for done, path in enumerate(files):
        if done % 16 == 0:
            task.raise_if_cancelled()
            task.report(Progress("Reading headers", done, len(files), "files"))
        try:
            for frame in _frames_of_file(os.fspath(path), assume_positions):
                frames.setdefault((frame.sop_instance_uid or frame.path, frame.frame_number), frame)
        except _NoImageError as error:
            is_image, is_drawn = isinstance(error, _NoPlaceError), isinstance(error, _DrawnError)
            left_out.append(LeftOut(os.fspath(path), str(error), is_image, is_drawn, series_uid=error.series_uid))
        except (ConversionError, NotFoundError, StorageError) as error:
            left_out.append(LeftOut(os.fspath(path), f"it is {error.reason}", is_damaged=_is_damaged(error, os.fspath(path))))
    return list(frames.values()), left_out


def _is_damaged(error: IDCBrowserError, path: str) -> bool:
    """Whether it may be an image of the series; DICOMDIR files and what is not DICOM are none."""
    if isinstance(error, NotDicomError):
        return error.reason != "not a DICOM file" and os.path.basename(path).upper() != "DICOMDIR"
    return True


def _frames_of_file(path: str, assume_positions: bool) -> Iterator[Frame]:
    dataset = open_image_header(path)
    sop_class = text(dataset, "SOPClassUID")
    if sop_class in _DRAWN:
        raise _DrawnError(_DRAWN[sop_class])
    rows, columns = number(dataset, "Rows"), number(dataset, "Columns")
    if not rows or not columns:
        what = f"{sop_class_in_words(sop_class)}, " if sop_class else ""
        # An object of a class of images without a size is a damaged one, whatever series it says.
        series = "" if sop_class in (CT_IMAGE, MR_IMAGE, PET_IMAGE) else text(dataset, "SeriesInstanceUID")
        raise _NoImageError(f"it has no pixels ({what}no Rows and Columns)", series)
    count = int(number(dataset, "NumberOfFrames", 1.0))
    if not 1 <= count <= _MOST_FRAMES:
        raise _NoImageError(f"its Number of Frames is {count:,}", text(dataset, "SeriesInstanceUID"))
    if count > _MANY_FRAMES and (most := dataset.most_frames(int(rows), int(columns))) < count:
        raise _NoImageError(f"its Number of Frames is {count:,}, and there are pixels of {most:,}", text(dataset, "SeriesInstanceUID"))
    found: Sequence[ClassicFrame] | None
    if "PerFrameFunctionalGroupsSequence" in dataset:
        shared = dataset.first("SharedFunctionalGroupsSequence")
        common = [dataset] if shared is None else [shared, dataset]
        places = [_Place([own, *common]) for own in islice(dataset.items("PerFrameFunctionalGroupsSequence"), count)]
        found = [ClassicFrame(0.0)] * len(places)
    else:
        found = classic_frames(dataset, count, assume_positions)
        detector = place_source(dataset)
        places = [_Place([dataset] if detector is dataset else [detector, dataset])] * count
    if found is None:
        raise _NoPlaceError(f"its {count} frames have no positions")
    maker = _FrameMaker(path, dataset, assume_positions)
    for index, (place, frame) in enumerate(zip(places, found, strict=True)):
        yield maker.make(place, index + 1, frame)


class _Place:
    """Looks an attribute up in the functional groups of a frame, then in the shared ones, then in the dataset itself."""

    def __init__(self, sources: Sequence[ImageHeader]) -> None:
        self._groups = list(sources)

    def find(self, keyword: str, group: str) -> ImageHeader | None:
        """The item that holds ``keyword``: in sequence ``group`` of a functional group, or the dataset; None where nobody has it."""
        for source in self._groups:
            item = source.first(group)
            if item is not None and keyword in item:
                return item
            if keyword in source:
                return source
        return None

    def numbers(self, keyword: str, group: str, count: int) -> tuple[float, ...] | None:
        """The value as ``count`` finite numbers, or None."""
        item = self.find(keyword, group)
        return None if item is None else numbers(item, keyword, count)

    def label(self, keyword: str) -> str:
        """The value as text, "" where absent; looks into every functional group."""
        for source in self._groups:
            if keyword in source:
                return text(source, keyword)
        for source in self._groups[:-1]:
            item = source.nested(keyword)
            if item is not None:
                return text(item, keyword)
        return ""


class _FrameMaker:
    """What the frames of one file share, read once."""

    def __init__(self, path: str, dataset: Any, assume_positions: bool) -> None:
        self._path = path
        self._assume_positions = assume_positions
        self._sop_instance_uid = text(dataset, "SOPInstanceUID")
        self._instance_number = int(number(dataset, "InstanceNumber", 0.0))
        self._size = int(dataset.get("Rows")), int(dataset.get("Columns"))
        self._series = _series_header(dataset)
        self._region_spacing = ultrasound_spacing(dataset)
        self._is_color = is_color(dataset)
        self._first: tuple[_Place, Frame] | None = None

    def make(self, place: _Place, number: int, frame: ClassicFrame) -> Frame:
        """Frame ``number``, moved along the normal from the stored position as ``frame`` says."""
        if self._first is None or self._first[0] is not place:
            self._first = place, self._at(place)
        first = self._first[1]
        normal, offset, (x, y, z) = cross(first.row, first.column), frame.offset, first.position
        return replace(
            first,
            frame_number=number,
            position=(x + offset * normal[0], y + offset * normal[1], z + offset * normal[2]),
            labels={**frame.labels, **first.labels},
            note=frame.note,
        )

    def _at(self, place: _Place) -> Frame:
        """A frame at its stored position."""
        position = place.numbers("ImagePositionPatient", "PlanePositionSequence", 3)
        assumed = position is None and self._assume_positions
        if assumed:
            position, (row, column) = (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        elif position is not None:
            row, column = _axes(place.numbers("ImageOrientationPatient", "PlaneOrientationSequence", 6))
        else:
            raise _NoPlaceError("it has no Image Position (Patient)")
        spacing = next((value for value in (place.numbers(*names, 2) for names in _SPACINGS) if value is not None and min(value) > 0), None)
        spacing = spacing or self._region_spacing
        down, across = spacing or (1.0, 1.0)
        if problem := nonsense((down, across), position):
            raise _NoPlaceError(f"its geometry makes no sense ({problem})")
        return Frame(
            path=self._path,
            sop_instance_uid=self._sop_instance_uid,
            frame_number=1,
            instance_number=self._instance_number,
            rows=self._size[0],
            columns=self._size[1],
            position=(position[0], position[1], position[2]),
            row=row,
            column=column,
            spacing=(across, down),
            spacing_assumed=spacing is None,
            position_assumed=assumed,
            is_color=self._is_color,
            thickness=_thickness(place, ("SpacingBetweenSlices", "SliceThickness")),
            slice_thickness=_thickness(place, ("SliceThickness",)),
            labels={keyword: value for keyword in _LABELS if (value := place.label(keyword))},
            series=self._series,
        )


def ultrasound_spacing(dataset: Any) -> tuple[float, float] | None:
    """(down, across) in mm, if all two-dimensional regions of an ultrasound image have the same (PS3.3 C.8.5.5.1); else None."""
    found: set[tuple[float, float]] = set()
    for region in (dataset.get("SequenceOfUltrasoundRegions") or []) if "SequenceOfUltrasoundRegions" in dataset else []:
        units = number(region, "PhysicalUnitsXDirection"), number(region, "PhysicalUnitsYDirection")
        down, across = number(region, "PhysicalDeltaY"), number(region, "PhysicalDeltaX")
        if number(region, "RegionSpatialFormat") == _TWO_DIMENSIONAL and units == (_CENTIMETERS, _CENTIMETERS) and down and across:
            found.add((round(abs(down) * 10, 9), round(abs(across) * 10, 9)))
    return found.pop() if len(found) == 1 else None


def _axes(orientation: tuple[float, ...] | None) -> tuple[Vector, Vector]:
    """Unit vectors along a row and along a column; the column is made exactly orthogonal to the row, since stored cosines are rounded."""
    if orientation is None:
        raise _NoPlaceError("it has no Image Orientation (Patient)")
    row = unit((orientation[0], orientation[1], orientation[2]))
    stored = unit((orientation[3], orientation[4], orientation[5]))
    if row is None or stored is None:
        raise _NoPlaceError("its Image Orientation (Patient) has no direction")
    along = sum(a * b for a, b in zip(row, stored, strict=True))
    if abs(along) > 0.05:
        raise _NoPlaceError("its Image Orientation (Patient) has rows and columns that are not perpendicular")
    column = unit((stored[0] - along * row[0], stored[1] - along * row[1], stored[2] - along * row[2]))
    assert column is not None
    return row, column


def _thickness(place: _Place, keywords: Sequence[str]) -> float | None:
    for keyword in keywords:
        value = place.numbers(keyword, "PixelMeasuresSequence", 1)
        if value is not None and SMALLEST_VOXEL <= abs(value[0]) <= LARGEST_VOXEL:
            return abs(value[0])
    return None


def _series_header(dataset: Any) -> SeriesHeader:
    return SeriesHeader(
        series_uid=text(dataset, "SeriesInstanceUID"),
        study_uid=text(dataset, "StudyInstanceUID"),
        patient_id=text(dataset, "PatientID"),
        patient_name=text(dataset, "PatientName"),
        frame_of_reference_uid=text(dataset, "FrameOfReferenceUID"),
        modality=text(dataset, "Modality"),
        series_description=text(dataset, "SeriesDescription"),
        series_number=text(dataset, "SeriesNumber"),
        guessed_charsets=frozenset(getattr(dataset, "guessed", ())),
    )
