"""The phantom's RT Structure Set (DICOM PS3.3 A.19, C.8.8.5, C.8.8.6, C.8.8.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from IDCBrowserLib.demo.dicom_file import SeriesHead, add_frame_of_reference, decimals, new_object, reference, sequence
from IDCBrowserLib.demo.images import ImageSeries
from IDCBrowserLib.dicom.sop_classes import DETACHED_STUDY_MANAGEMENT, RT_STRUCTURE_SET


@dataclass(frozen=True)
class Contour:
    """One item of the Contour Sequence: its geometric type, the image slice it lies on, and its points (LPS mm)."""

    kind: str
    k: int
    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Roi:
    """A region of interest and its RT ROI Interpreted Type."""

    number: int
    name: str
    interpreted_type: str
    color: tuple[int, int, int]
    contours: tuple[Contour, ...]


def structure_set(image: ImageSeries, rois: Sequence[Roi], head: SeriesHead) -> Dataset:
    """The RTSTRUCT that holds ``rois``, drawn on ``image``."""
    dataset = new_object(RT_STRUCTURE_SET, head)
    add_frame_of_reference(dataset, image.study)
    dataset.OperatorsName, dataset.InstanceNumber, dataset.ApprovalStatus = "", 1, "UNAPPROVED"
    dataset.StructureSetLabel, dataset.StructureSetName = "PHANTOM", head.description
    dataset.StructureSetDate, dataset.StructureSetTime = dataset.StudyDate, dataset.StudyTime
    dataset.ReferencedFrameOfReferenceSequence = sequence(_frame_of_reference(image, dataset.StudyInstanceUID, dataset.FrameOfReferenceUID))
    dataset.StructureSetROISequence = sequence(*(_roi(roi, dataset.FrameOfReferenceUID) for roi in rois))
    dataset.ROIContourSequence = sequence(*(_contours(roi, image) for roi in rois))
    dataset.RTROIObservationsSequence = sequence(*(_observation(roi) for roi in rois))
    return dataset


def _frame_of_reference(image: ImageSeries, study_uid: str, frame_of_reference_uid: str) -> Dataset:
    # What structure sets name here since ever (retired, but C.8.8.5 still expects a SOP Class).
    series, study, item = Dataset(), reference(DETACHED_STUDY_MANAGEMENT, study_uid), Dataset()
    series.SeriesInstanceUID = image.series_uid
    series.ContourImageSequence = sequence(*(_image(image, k) for k in range(image.grid.shape[0])))
    study.RTReferencedSeriesSequence = sequence(series)
    item.FrameOfReferenceUID = frame_of_reference_uid
    item.RTReferencedStudySequence = sequence(study)
    return item


def _image(image: ImageSeries, k: int) -> Dataset:
    return reference(image.sop_class_uid, image.instance_uid(k))


def _roi(roi: Roi, frame_of_reference_uid: str) -> Dataset:
    item = Dataset()
    item.ROINumber, item.ReferencedFrameOfReferenceUID = roi.number, frame_of_reference_uid
    item.ROIName, item.ROIGenerationAlgorithm = roi.name, "AUTOMATIC"
    return item


def _contours(roi: Roi, image: ImageSeries) -> Dataset:
    item = Dataset()
    item.ROIDisplayColor = list(roi.color)
    item.ReferencedROINumber = roi.number
    item.ContourSequence = sequence(*(_contour(contour, n + 1, image) for n, contour in enumerate(roi.contours)))
    return item


def _contour(contour: Contour, number: int, image: ImageSeries) -> Dataset:
    item = Dataset()
    item.ContourNumber, item.ContourGeometricType = number, contour.kind
    item.ContourImageSequence = sequence(_image(image, contour.k))
    item.NumberOfContourPoints = len(contour.points)
    item.ContourData = decimals([value for point in contour.points for value in point])
    return item


def _observation(roi: Roi) -> Dataset:
    item = Dataset()
    item.ObservationNumber, item.ReferencedROINumber = roi.number, roi.number
    item.RTROIInterpretedType, item.ROIInterpreter = roi.interpreted_type, ""
    return item
