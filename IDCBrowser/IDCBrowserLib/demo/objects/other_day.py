"""An MR of another day, on which the body lay elsewhere, a map of diffusion on it, and the registration that brings both to the CT.

DICOM PS3.3 A.4, A.75 (parametric map), A.39 (spatial registration).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from IDCBrowserLib.demo import tissue
from IDCBrowserLib.demo.dicom_file import (
    CT_STUDY,
    MR_STUDY,
    SeriesHead,
    add_frame_of_reference,
    add_pixels,
    code_item,
    decimals,
    instance_uid,
    little_endian,
    new_object,
    reference,
    sequence,
)
from IDCBrowserLib.demo.grid import Grid
from IDCBrowserLib.demo.identity import uid
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects.grids import OTHER_DAY_GRID, known_points, painted
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import MR_IMAGE, PARAMETRIC_MAP, SPATIAL_REGISTRATION

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# From the other day to the CT, LPS mm: turned by 16.26 degrees (exact in two decimals) and moved.
TO_CT = np.array([[0.96, -0.28, 0.0, 12.0], [0.28, 0.96, 0.0, -7.0], [0.0, 0.0, 1.0, 20.0], [0.0, 0.0, 0.0, 1.0]])
_FRAME = "other day"
# Apparent diffusion coefficients, um2/s.
ADC = {"Body": 1300.0, "Liver": 1100.0, "Spleen": 850.0, "Left kidney": 1900.0, "Right kidney": 1900.0, "Renal cyst": 2800.0, "Liver tumor": 920.0}


def made() -> dict[str, MadeSeries]:
    """The MR, the map, the registration."""
    grid = _moved(OTHER_DAY_GRID)
    adc = painted(OTHER_DAY_GRID, ADC).astype(np.float32)
    points = [
        {**point, "lps": _elsewhere(point["lps"])}  # type: ignore[arg-type]
        for point in known_points(OTHER_DAY_GRID, adc.astype(np.float64), ("Liver tumor", "Renal cyst", "Left kidney"))
    ]
    return {
        "mr_other_day": MadeSeries(_images(grid)),
        "adc": MadeSeries([_map(grid, adc)], {"quantity": "ADC", "unit": "um2/s", "points": points, "tolerance": 1e-4}),
        "registration": MadeSeries([_registration()], {"matrix": [float(value) for value in TO_CT.ravel()]}),
    }


def _elsewhere(point: list[float]) -> list[float]:
    """Where a point of the body (LPS mm of the CT) lay on the other day."""
    found = np.linalg.inv(TO_CT) @ np.append(point, 1.0)
    return [round(float(value), 6) for value in found[:3]]


def _moved(grid: Grid) -> Grid:
    """The same voxels of the body in the coordinates of the other day."""
    back = TO_CT[:3, :3].T
    axes = [tuple(round(float(value), 10) for value in back @ np.asarray(axis)) for axis in grid.axes]
    x, y, z = _elsewhere(list(grid.origin))
    return replace(grid, origin=(x, y, z), axes=(axes[0], axes[1], axes[2]))  # type: ignore[arg-type]


def _images(grid: Grid) -> list[Dataset]:
    objects = []
    for k, values in enumerate(tissue.mr_volume(OTHER_DAY_GRID)):
        dataset = new_object(MR_IMAGE, SeriesHead("mr_other_day", MR_STUDY, "MR", 5, "T1 axial, another position"), k)
        add_frame_of_reference(dataset, _FRAME)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions, dataset.MRAcquisitionType = "GR", "SP", "", "2D"
        dataset.RepetitionTime, dataset.EchoTime, dataset.MagneticFieldStrength = "120", "4.6", "1.5"
        dataset.AcquisitionNumber, dataset.InstanceNumber = 1, k + 1
        dataset.ImagePositionPatient = decimals(grid.slice_position(k))
        dataset.ImageOrientationPatient = decimals([*grid.axes[0], *grid.axes[1]])
        dataset.PixelSpacing, dataset.SliceThickness = decimals([grid.spacing[1], grid.spacing[0]]), decimals([grid.spacing[2]])[0]
        dataset.WindowCenter, dataset.WindowWidth = "400", "820"
        add_pixels(dataset, grid.shape[1:], 16, little_endian(values))
        objects.append(dataset)
    return objects


def _map(grid: Grid, adc: np.ndarray) -> Dataset:
    from pydicom.dataset import Dataset

    dataset = new_object(PARAMETRIC_MAP, SeriesHead("adc", MR_STUDY, "MR", 1005, "Apparent diffusion coefficient"))
    add_frame_of_reference(dataset, _FRAME)
    dataset.ImageType, dataset.InstanceNumber = ["DERIVED", "PRIMARY", "DIFFUSION", "ADC"], 1
    dataset.ContentLabel, dataset.ContentDescription, dataset.ContentCreatorName = "ADC", "Apparent diffusion coefficient", "Phantom^Generator"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.BitsAllocated = 1, "MONOCHROME2", 32
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = grid.shape[1], grid.shape[2], grid.shape[0]
    shared, measures, orientation, mapping, quantity = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = decimals([grid.spacing[1], grid.spacing[0]])
    measures.SliceThickness = measures.SpacingBetweenSlices = decimals([grid.spacing[2]])[0]
    orientation.ImageOrientationPatient = decimals([*grid.axes[0], *grid.axes[1]])
    quantity.ValueType = "CODE"
    quantity.ConceptNameCodeSequence = sequence(code_item(Code("246205007", "SCT", "Quantity")))
    quantity.ConceptCodeSequence = sequence(code_item(Code("113041", "DCM", "Apparent Diffusion Coefficient")))
    mapping.MeasurementUnitsCodeSequence = sequence(code_item(Code("um2/s", "UCUM", "um2/s")))
    mapping.LUTLabel, mapping.LUTExplanation = "ADC", "Apparent Diffusion Coefficient"
    mapping.RealWorldValueIntercept, mapping.RealWorldValueSlope = 0.0, 1.0
    mapping.DoubleFloatRealWorldValueFirstValueMapped, mapping.DoubleFloatRealWorldValueLastValueMapped = 0.0, 1e6
    mapping.QuantityDefinitionSequence = sequence(quantity)
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = sequence(measures), sequence(orientation)
    shared.RealWorldValueMappingSequence = sequence(mapping)
    dataset.SharedFunctionalGroupsSequence = sequence(shared)
    frames = []
    for k in range(grid.shape[0]):
        frame, place = Dataset(), Dataset()
        place.ImagePositionPatient = decimals(grid.slice_position(k))
        frame.PlanePositionSequence = sequence(place)
        frames.append(frame)
    dataset.PerFrameFunctionalGroupsSequence = sequence(*frames)
    dataset.add_new("FloatPixelData", "OF", adc.astype("<f4").tobytes())
    return dataset


def _registration() -> Dataset:
    from pydicom.dataset import Dataset

    dataset = new_object(SPATIAL_REGISTRATION, SeriesHead("registration", MR_STUDY, "REG", 1006, "MR of another position to CT"))
    add_frame_of_reference(dataset, CT_STUDY)
    dataset.InstanceNumber, dataset.ContentLabel, dataset.ContentDescription = 1, "REGISTRATION", "By construction"
    dataset.ContentCreatorName = "Phantom^Generator"
    items = []
    for name, matrix in ((CT_STUDY, np.eye(4)), (_FRAME, TO_CT)):
        item, steps, entry = Dataset(), Dataset(), Dataset()
        entry.FrameOfReferenceTransformationMatrix = decimals([float(value) for value in matrix.ravel()])
        entry.FrameOfReferenceTransformationMatrixType = "RIGID"
        steps.MatrixSequence = sequence(entry)
        item.FrameOfReferenceUID = uid(f"{name} frame of reference")
        item.MatrixRegistrationSequence = sequence(steps)
        if name == _FRAME:
            item.ReferencedImageSequence = sequence(*(reference(MR_IMAGE, instance_uid("mr_other_day", k)) for k in range(OTHER_DAY_GRID.shape[0])))
        items.append(item)
    dataset.RegistrationSequence = sequence(*items)
    return dataset
