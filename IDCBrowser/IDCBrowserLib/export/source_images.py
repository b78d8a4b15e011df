"""The images that an exported object refers to: what it takes over from them, and which image each slice is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.compare.placing import Placement, moved, placement
from IDCBrowserLib.errors import InputError
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.image_grid import ImageGrid
from IDCBrowserLib.volume.read_grids import Images, grids_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from IDCBrowserLib.api.catalog import SeriesFolder

# Patient, patient study and general study (PS3.3 C.7.1.1, C.7.2.1, C.7.2.2), frame of reference (C.7.4.1).
_TAKEN_OVER = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientIdentityRemoved", "DeidentificationMethod",
    "PatientAge", "PatientSize", "PatientWeight", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "AccessionNumber",
    "ReferringPhysicianName", "StudyDescription", "FrameOfReferenceUID", "PositionReferenceIndicator",
)  # fmt: skip
_OF_IMAGES = ("SOPClassUID", "SeriesInstanceUID", "SeriesNumber", "Modality", "SpecificCharacterSet")


@dataclass(frozen=True)
class SourceImages:
    """``grid`` of the images; ``head`` holds what is taken over and ``SOPClassUID``, ``SeriesNumber`` of the images."""

    grid: ImageGrid
    head: Dataset

    @property
    def sop_class(self) -> str:
        """Of the images."""
        return str(self.head.SOPClassUID)


@dataclass(frozen=True)
class StatedStudy:
    """What of the images' place an object that lies in no space still states."""

    study_uid: str
    frame_of_reference_uid: str = ""
    series_number: str = ""


@dataclass(frozen=True)
class StatedImages:
    """Images that are not here any more: what ``head`` of them was kept."""

    grid: StatedStudy
    head: Dataset


def taken_over(images: SourceImages | StatedImages) -> Dataset:
    """Patient, study and frame of reference, as text in Unicode."""
    from pydicom.dataset import Dataset

    taken = Dataset()
    for keyword in _TAKEN_OVER:
        if keyword in images.head:
            value = images.head[keyword].value
            setattr(taken, keyword, "" if value is None else str(value) if images.head[keyword].VR == "PN" else value)
    return taken


def on_images(labelmap: Labelmap, images: Images, task: Task) -> tuple[Labelmap, SourceImages]:
    """The labels on the grid of the images that they lie on.

    Raises ``InputError`` where they do not, ``ConversionError`` where there are no images.
    """
    grid, where = grid_below(labelmap, images, task)
    placed, lost = moved(labelmap, where, grid.geometry)
    if lost:
        raise InputError(f"{lost:,} voxels of {labelmap.source.series_description} lie outside the images. Give the folder of all images.")
    return placed, SourceImages(grid, _head(grid))


def grid_below(labelmap: Labelmap, images: Images, task: Task) -> tuple[ImageGrid, Placement]:
    """The first grid of the images that the labels lie on, and how. Files may be of several series, and no images. Raises as ``on_images``."""
    grids = grids_of(images, task)
    for grid in grids:
        where = placement(labelmap.geometry, grid.geometry)
        if where is not None:
            return grid, where
    size = " x ".join(str(value) for value in labelmap.geometry.shape[::-1])
    found = " x ".join(str(value) for value in grids[0].geometry.shape[::-1])
    raise InputError(
        f"{labelmap.source.series_description} ({size} voxels) does not lie on the grid of the images ({found}): their voxels have other centers. "
        "Give the images that it was drawn on, or resample it onto them."
    )


def series_below(labelmap: Labelmap, images: Images, task: Task) -> SeriesFolder:
    """The series that the labels lie on, and its folder. Raises as ``on_images``."""
    grid, _where = grid_below(labelmap, images, task)
    return {"SeriesInstanceUID": grid.series_uid, "folder": os.path.dirname(os.path.abspath(grid.present_slices[0].path))}


def _head(grid: ImageGrid) -> Dataset:
    import pydicom
    from pydicom.errors import InvalidDicomError

    path = grid.present_slices[0].path
    try:
        return pydicom.dcmread(path, stop_before_pixels=True, specific_tags=[*_TAKEN_OVER, *_OF_IMAGES])
    except (OSError, InvalidDicomError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}. Download the images again.") from error
