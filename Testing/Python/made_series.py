"""Series of the phantom patient that the phantom has not: many segments, several phases. Pydicom of Slicer writes them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from IDCBrowserLib.demo.dicom_file import CT_STUDY, SeriesHead, add_frame_of_reference, add_pixels, decimals, little_endian, new_object, save
from IDCBrowserLib.demo.grid import Grid
from IDCBrowserLib.demo.images import ImageSeries
from IDCBrowserLib.demo.segmentation import DrawnSegment, binary_seg, labelmap_seg
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import CT_IMAGE, MR_IMAGE

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
TISSUE, ORGAN = Code("85756007", "SCT", "Tissue"), Code("113343008", "SCT", "Organ")
TRIGGER_TIMES = (0, 150, 300)


@dataclass(frozen=True)
class Drawn:
    """An image and what was drawn on it, as files; ``voxels`` by segment number."""

    image_uid: str
    drawn_uid: str
    voxels: dict[int, int]


def many_segments(folder, segments, slices, size, name="many"):
    """CT of ``slices`` of ``size`` x ``size`` in ``folder``/image, and a SEG of bars side by side in ``folder``/seg, one bit a voxel: a ``Drawn``."""
    series = _image_series(name, CT_IMAGE, (slices, size, size))
    pixels = np.full((size, size), 1024, np.uint16)
    for k in range(slices):
        dataset = _image(series, k, "CT", k)
        dataset.RescaleIntercept, dataset.RescaleSlope = "-1024", "1"
        _add_pixels(dataset, pixels + k)
        save(dataset, Path(folder, "image", f"{k:03}.dcm"))
    labels = np.zeros(series.grid.shape, np.uint8)
    width, length = size // segments, slices // 5
    for number in range(1, segments + 1):
        first = (slices - length) * (number - 1) // segments
        labels[first : first + length, size // 8 : -size // 8, (number - 1) * width : number * width] = number
    return _drawn_on(series, labels, Path(folder, "seg"), f"{name} segmentation", binary_seg)


def segmentations(folder, image, count):
    """``count`` SEG series of two segments each on an ``image`` of the phantom: their UIDs."""
    labels = np.zeros(image.grid.shape, np.uint8)
    uids = []
    for number in range(count):
        labels[:] = 0
        labels[5:20, 10 : 20 + number, 10:20] = 1
        labels[20:30, 10 : 20 + number, 30:40] = 2
        uids.append(_drawn_on(image, labels, Path(folder, f"{number:02}"), f"reader {number + 1}").drawn_uid)
    return uids


def phases(folder, slices=6, size=32):
    """MR in three phases at the same places: the UID of its series."""
    series = _image_series("phases", MR_IMAGE, (slices, size, size))
    for phase, time in enumerate(TRIGGER_TIMES):
        for k in range(slices):
            dataset = _image(series, k, "MR", phase * slices + k)
            dataset.TriggerTime, dataset.AcquisitionNumber = str(time), phase + 1
            dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions, dataset.MRAcquisitionType = "GR", "SP", "", "2D"
            _add_pixels(dataset, np.full((size, size), 100 * (phase + 1) + k, np.uint16))
            save(dataset, Path(folder, f"{phase}-{k}.dcm"))
    return series.series_uid


def _image_series(name, sop_class, shape):
    return ImageSeries(name, CT_STUDY, Grid(shape, (1.0, 1.0, 1.5), (-60.0, -50.0, -400.0), AXES), sop_class)


def _image(series, k, modality, index):
    dataset = new_object(series.sop_class_uid, SeriesHead(series.name, series.study, modality, 20, series.name), index)
    add_frame_of_reference(dataset, series.study)
    dataset.ImageType, dataset.InstanceNumber, dataset.PatientPosition = ["ORIGINAL", "PRIMARY", "AXIAL"], index + 1, "HFS"
    dataset.ImagePositionPatient = decimals(series.grid.slice_position(k))
    dataset.ImageOrientationPatient = decimals([*AXES[0], *AXES[1]])
    dataset.PixelSpacing = decimals(series.grid.spacing[:2])
    dataset.SliceThickness = decimals(series.grid.spacing[2:])[0]
    return dataset


def _add_pixels(dataset, pixels):
    add_pixels(dataset, pixels.shape, 16, little_endian(pixels))


def _drawn_on(series, labels, folder, name, make=labelmap_seg):
    numbers = range(1, int(labels.max()) + 1)
    segments = [
        DrawnSegment(number, f"Part {number}", TISSUE, ORGAN, (40 + 3 * number, 220 - 3 * number, 37 * number % 256), labels == number)
        for number in numbers
    ]
    dataset = make(series, segments, SeriesHead(name, series.study, "SEG", 1020, name))
    save(dataset, folder / "seg.dcm")
    counted = np.bincount(labels.ravel(), minlength=len(segments) + 1)
    return Drawn(series.series_uid, str(dataset.SeriesInstanceUID), {number: int(counted[number]) for number in numbers})
