"""A plan and its dose (DICOM PS3.3 A.18, A.20) around the phantom's tumor: a bell of known width, with the histograms of its structure set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo import images, structures
from IDCBrowserLib.demo.dicom_file import CT_STUDY, SeriesHead, add_frame_of_reference, decimals, instance_uid, new_object, reference, sequence
from IDCBrowserLib.demo.grid import Grid
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects.grids import COARSE_GRID, known_points, points_in
from IDCBrowserLib.demo.truth import filled
from IDCBrowserLib.dicom.sop_classes import RT_DOSE, RT_PLAN, RT_STRUCTURE_SET

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PRESCRIBED_GY, FRACTIONS = 60.0, 30
# Standard deviation of the bell, mm.
_WIDTH_MM = 40.0
_SCALING = 0.001
_BIN_GY = 0.1


def made() -> dict[str, MadeSeries]:
    """The plan names the structure set, the dose names the plan."""
    gray = _dose_at(COARSE_GRID)
    histograms = [_histogram(roi.number, roi.name, filled(roi.contours, images.CT.grid)) for roi in structures.rois(images.CT.grid)[:5]]
    dose = _dose(np.round(gray / _SCALING).astype(np.uint32), histograms)
    truth = {
        "quantity": "Dose",
        "points": known_points(COARSE_GRID, gray, ("Liver tumor", "Left kidney")),
        "tolerance": 0.001,
        "histograms": [{key: value for key, value in one.items() if key != "data"} for one in histograms],
    }
    plan_truth = {"prescription_gy": PRESCRIBED_GY, "fractions": FRACTIONS, "isocenter": list(_isocenter())}
    return {"plan": MadeSeries([_plan()], plan_truth), "dose": MadeSeries([dose], truth)}


def _isocenter() -> tuple[float, float, float]:
    return points_in(("Liver tumor",))["Liver tumor"]


def _dose_at(grid: Grid) -> NDArray[np.float64]:
    """Gy at every voxel center (k, j, i) of an axial grid."""
    squares = [
        (grid.origin[axis] + grid.spacing[axis] * np.arange(grid.shape[2 - axis]) - _isocenter()[axis]) ** 2 / (2 * _WIDTH_MM**2) for axis in range(3)
    ]
    bell: NDArray[np.float64] = PRESCRIBED_GY * np.exp(-(squares[2][:, None, None] + squares[1][None, :, None] + squares[0][None, None, :]))
    return bell


def _histogram(number: int, name: str, inside: NDArray[np.bool_]) -> dict[str, Any]:
    """As a planning system counts that gives each voxel of the CT to a region or not."""
    gray = _dose_at(images.CT.grid)[inside]
    voxel_cc = float(np.prod(images.CT.grid.spacing)) / 1000
    edges = np.arange(0.0, float(gray.max()) + 2 * _BIN_GY, _BIN_GY)
    counts = np.histogram(gray, edges)[0]
    cumulative = np.cumsum(counts[::-1])[::-1] * voxel_cc
    data = [value for volume in cumulative for value in (_BIN_GY, round(float(volume), 6))]
    return {
        "number": number,
        "name": name,
        "volume_cc": round(gray.size * voxel_cc, 6),
        "min_gy": round(float(gray.min()), 3),
        "mean_gy": round(float(gray.mean()), 3),
        "max_gy": round(float(gray.max()), 3),
        "data": data,
    }


def _plan() -> Dataset:
    from pydicom.dataset import Dataset

    dataset = new_object(RT_PLAN, SeriesHead("plan", CT_STUDY, "RTPLAN", 1004, "Plan of the liver tumor"))
    add_frame_of_reference(dataset, CT_STUDY)
    dataset.RTPlanLabel, dataset.RTPlanName, dataset.PlanIntent = "LIVER 60 Gy", "Liver tumor", "CURATIVE"
    dataset.RTPlanDate, dataset.RTPlanTime, dataset.RTPlanGeometry, dataset.ApprovalStatus = (
        dataset.StudyDate,
        dataset.StudyTime,
        "PATIENT",
        "UNAPPROVED",
    )
    target, fractions, beam, point, referenced = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    target.DoseReferenceNumber, target.DoseReferenceStructureType, target.DoseReferenceType = 1, "VOLUME", "TARGET"
    target.ReferencedROINumber, target.TargetPrescriptionDose, target.DoseReferenceDescription = 2, str(PRESCRIBED_GY), "GTV liver"
    referenced.ReferencedBeamNumber, referenced.BeamDose = 1, f"{PRESCRIBED_GY / FRACTIONS:g}"
    fractions.FractionGroupNumber, fractions.NumberOfFractionsPlanned = 1, FRACTIONS
    fractions.NumberOfBeams, fractions.NumberOfBrachyApplicationSetups = 1, 0
    fractions.ReferencedBeamSequence = sequence(referenced)
    point.ControlPointIndex, point.NominalBeamEnergy, point.GantryAngle, point.CumulativeMetersetWeight = 0, "6", "30", "0"
    point.IsocenterPosition = decimals(_isocenter())
    beam.BeamNumber, beam.BeamName, beam.BeamType, beam.RadiationType, beam.TreatmentMachineName = 1, "Field 1", "STATIC", "PHOTON", "Phantom"
    beam.NumberOfControlPoints, beam.ControlPointSequence, beam.FinalCumulativeMetersetWeight = 1, sequence(point), "1"
    dataset.DoseReferenceSequence, dataset.FractionGroupSequence, dataset.BeamSequence = sequence(target), sequence(fractions), sequence(beam)
    dataset.ReferencedStructureSetSequence = sequence(reference(RT_STRUCTURE_SET, instance_uid("rtstruct", 0)))
    return dataset


def _dose(stored: NDArray[np.uint32], histograms: list[dict[str, Any]]) -> Dataset:
    dataset = new_object(RT_DOSE, SeriesHead("dose", CT_STUDY, "RTDOSE", 1005, "Dose of the plan"))
    add_frame_of_reference(dataset, CT_STUDY)
    dataset.DoseUnits, dataset.DoseType, dataset.DoseSummationType, dataset.DoseGridScaling = "GY", "PHYSICAL", "PLAN", str(_SCALING)
    dataset.InstanceNumber = 1
    dataset.ImagePositionPatient = decimals(COARSE_GRID.origin)
    dataset.ImageOrientationPatient = decimals([*COARSE_GRID.axes[0], *COARSE_GRID.axes[1]])
    dataset.PixelSpacing, dataset.SliceThickness = decimals([COARSE_GRID.spacing[1], COARSE_GRID.spacing[0]]), ""
    dataset.NumberOfFrames, dataset.FrameIncrementPointer = stored.shape[0], 0x3004000C
    dataset.GridFrameOffsetVector = decimals([COARSE_GRID.spacing[2] * k for k in range(stored.shape[0])])
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.Rows, dataset.Columns = stored.shape[1:]
    dataset.BitsAllocated = dataset.BitsStored = 32
    dataset.HighBit = 31
    dataset.add_new("PixelData", "OW", stored.astype("<u4").tobytes())
    dataset.ReferencedRTPlanSequence = sequence(reference(RT_PLAN, instance_uid("plan", 0)))
    dataset.ReferencedStructureSetSequence = sequence(reference(RT_STRUCTURE_SET, instance_uid("rtstruct", 0)))
    dataset.DVHSequence = sequence(*(_stored(one) for one in histograms))
    return dataset


def _stored(one: dict[str, Any]) -> Dataset:
    from pydicom.dataset import Dataset

    item, roi = Dataset(), Dataset()
    roi.ReferencedROINumber, roi.DVHROIContributionType = one["number"], "INCLUDED"
    item.DVHReferencedROISequence = sequence(roi)
    item.DVHType, item.DoseUnits, item.DoseType, item.DVHDoseScaling, item.DVHVolumeUnits = "CUMULATIVE", "GY", "PHYSICAL", "1", "CM3"
    item.DVHNumberOfBins, item.DVHData = len(one["data"]) // 2, decimals(one["data"])
    item.DVHMinimumDose, item.DVHMeanDose, item.DVHMaximumDose = decimals([one["min_gy"], one["mean_gy"], one["max_gy"]])
    return item
