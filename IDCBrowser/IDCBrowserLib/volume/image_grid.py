"""Regular grids of images: what a series spans in the patient."""

from __future__ import annotations

from dataclasses import dataclass

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
