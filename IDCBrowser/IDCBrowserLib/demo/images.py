"""The phantom's CT and MR as single-frame DICOM images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from IDCBrowserLib.demo.dicom_file import (
    CT_STUDY,
    MR_STUDY,
    SeriesHead,
    add_frame_of_reference,
    add_pixels,
    decimals,
    instance_uid,
    little_endian,
    new_object,
)
from IDCBrowserLib.demo.grid import CT_GRID, MR_GRID, Grid
from IDCBrowserLib.demo.identity import uid
from IDCBrowserLib.dicom.sop_classes import CT_IMAGE, MR_IMAGE


@dataclass(frozen=True)
class ImageSeries:
    """What segmentations need to know of the image they were drawn on."""

    name: str
    study: str
    grid: Grid
    sop_class_uid: str

    @property
    def series_uid(self) -> str:
        """SeriesInstanceUID."""
        return uid(self.name)

    def instance_uid(self, k: int) -> str:
        """SOPInstanceUID of slice ``k``."""
        return instance_uid(self.name, k)


CT = ImageSeries("ct", CT_STUDY, CT_GRID, CT_IMAGE)
MR = ImageSeries("mr", MR_STUDY, MR_GRID, MR_IMAGE)

_RESCALE_INTERCEPT = -1024


def ct_objects(volume: NDArray[np.int16]) -> list[Dataset]:
    """One CT Image (PS3.3 A.3) per slice of ``volume`` (Hounsfield units, (k, j, i)), foot to head."""
    objects = []
    for k, values in enumerate(volume):
        dataset = _image(CT, k, SeriesHead(CT.name, CT.study, "CT", 2, "Abdomen 4.0 soft tissue"))
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.BodyPartExamined = "ABDOMEN"
        dataset.KVP, dataset.XRayTubeCurrent, dataset.ConvolutionKernel, dataset.PatientPosition = "120", "210", "B30f", "HFS"
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = str(_RESCALE_INTERCEPT), "1", "HU"
        dataset.WindowCenter, dataset.WindowWidth = "45", "380"
        stored = (values.astype(np.int32) - _RESCALE_INTERCEPT).astype(np.uint16)
        add_pixels(dataset, CT_GRID.shape[1:], 16, little_endian(stored))
        dataset.BitsStored, dataset.HighBit = 12, 11
        objects.append(dataset)
    return objects


def mr_objects(volume: NDArray[np.uint16]) -> list[Dataset]:
    """One MR Image (PS3.3 A.4) per slice of ``volume`` (arbitrary units, (k, j, i))."""
    objects = []
    for k, values in enumerate(volume):
        dataset = _image(MR, k, SeriesHead(MR.name, MR.study, "MR", 2, "T1 GRE oblique coronal"))
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        dataset.BodyPartExamined, dataset.PatientPosition = "ABDOMEN", "HFS"
        dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions, dataset.MRAcquisitionType = "GR", "SP", "", "2D"
        dataset.RepetitionTime, dataset.EchoTime, dataset.EchoTrainLength, dataset.FlipAngle = "120", "4.6", "1", "70"
        dataset.MagneticFieldStrength, dataset.SpacingBetweenSlices = "1.5", decimals([MR_GRID.spacing[2]])[0]
        dataset.WindowCenter, dataset.WindowWidth = "400", "820"
        add_pixels(dataset, MR_GRID.shape[1:], 16, little_endian(values))
        dataset.BitsStored, dataset.HighBit = 12, 11
        objects.append(dataset)
    return objects


def _image(series: ImageSeries, k: int, head: SeriesHead) -> Dataset:
    grid = series.grid
    dataset = new_object(series.sop_class_uid, head, k)
    add_frame_of_reference(dataset, series.study)
    dataset.AcquisitionDate, dataset.AcquisitionTime = dataset.SeriesDate, dataset.SeriesTime
    dataset.AcquisitionNumber, dataset.InstanceNumber = 1, k + 1
    position = grid.slice_position(k)
    dataset.ImagePositionPatient = decimals(position)
    dataset.ImageOrientationPatient = decimals([*grid.axes[0], *grid.axes[1]])
    dataset.PixelSpacing = decimals([grid.spacing[1], grid.spacing[0]])
    dataset.SliceThickness = decimals([grid.spacing[2]])[0]
    dataset.SliceLocation = decimals([float(np.dot(position, grid.axes[2]))])[0][:16]
    return dataset
