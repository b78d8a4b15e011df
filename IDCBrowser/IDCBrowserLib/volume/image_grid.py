"""Which regular grid the files of an image series span, from their headers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from IDCBrowserLib.errors import ConversionError
from IDCBrowserLib.task import Task
from IDCBrowserLib.volume.geometry import Geometry, Vector


@dataclass(frozen=True)
class ImageSlice:
    """One plane of a grid: a file, or a frame of a multi-frame file.

    ``position`` is Image Position (Patient) as stored: the centre of the first pixel, LPS mm (PS3.3 C.7.6.2.1.1).
    ``frame_number`` counts from 1.
    """

    path: str
    sop_instance_uid: str
    position: Vector
    frame_number: int = 1


@dataclass(frozen=True)
class ImageGrid:
    """A stack of parallel images on a regular grid.

    ``slices`` has one entry per k of ``geometry``, ascending along row x column direction, so that (i, j, k) is right-handed; None where
    the series lacks a slice. ``is_regular`` is False when positions vary so that the grid is only approximate.
    ``label`` tells grids of one series apart ("AcquisitionNumber 2"); empty when there is only one. ``warnings`` are sentences for the user.
    """

    geometry: Geometry
    slices: tuple[ImageSlice | None, ...]
    series_uid: str
    study_uid: str
    patient_id: str
    patient_name: str
    frame_of_reference_uid: str
    modality: str
    series_description: str
    series_number: str
    is_regular: bool
    warnings: tuple[str, ...] = ()
    label: str = ""
    is_color: bool = False

    @property
    def present_slices(self) -> tuple[ImageSlice, ...]:
        """The slices that have a file, ascending in k."""
        return tuple(image for image in self.slices if image is not None)

    @property
    def missing_slices(self) -> tuple[int, ...]:
        """The k of every slice without a file."""
        return tuple(k for k, image in enumerate(self.slices) if image is None)


def read_image_grids(files: Sequence[str | Path], task: Task | None = None, *, assume_positions: bool = False) -> tuple[ImageGrid, ...]:
    """The grids that ``files`` hold: gray ones before color ones, then the one with most voxels first.

    Several come from several series, phases or echoes at the same places, other orientations (localizers), other pixel spacings.
    Only headers are read.
    Files that are no images with a position in the patient (SEG, RTSTRUCT, SR, projection images, anything that is not DICOM) are left out.
    With ``assume_positions`` projection images and the like, which have no position, are put at the origin instead, and a warning says so.
    Raises ``ConversionError`` when nothing is left, saying why for one file.
    """
    from IDCBrowserLib.volume.frames import read_frames
    from IDCBrowserLib.volume.stacking import stack_frames

    frames, left_out = read_frames(files, task or Task(), assume_positions)
    if not frames:
        raise ConversionError(_why_nothing(files, left_out))
    return stack_frames(frames)


def _why_nothing(files: Sequence[str | Path], left_out: Sequence[tuple[str, str]]) -> str:
    if not files:
        return "No image files were given."
    path, reason = left_out[0]
    others = f" The other {len(left_out) - 1} files are no better." if len(left_out) > 1 else ""
    return f"{path} is no image with a position in the patient: {reason}.{others} Give the files of the CT, MR or PET series."
