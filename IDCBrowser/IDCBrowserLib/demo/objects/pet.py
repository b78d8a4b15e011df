"""A PET of the phantom in Bq/ml (DICOM PS3.3 A.21) whose SUV are known: what was painted."""

from __future__ import annotations

import numpy as np

from IDCBrowserLib.demo.dicom_file import (
    CT_STUDY,
    SeriesHead,
    add_frame_of_reference,
    add_pixels,
    code_item,
    decimals,
    little_endian,
    new_object,
    sequence,
)
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects.grids import COARSE_GRID, known_points, painted
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import PET_IMAGE

SUV = {"Body": 0.6, "Liver": 2.2, "Spleen": 1.8, "Left kidney": 4.5, "Right kidney": 4.5, "Renal cyst": 0.4, "Liver tumor": 9.5}
_WEIGHT_KG, _DOSE_BQ, _HALF_LIFE_S, _UPTAKE_S = 75.0, 300e6, 6586.2, 3600.0
_HIGHEST = 12.0


def made() -> dict[str, MadeSeries]:
    """Decay corrected to the start of the series, an hour after the injection."""
    from pydicom.dataset import Dataset

    suv = painted(COARSE_GRID, SUV)
    per_suv = _DOSE_BQ * 2 ** (-_UPTAKE_S / _HALF_LIFE_S) / (_WEIGHT_KG * 1000)
    slope = _HIGHEST * per_suv / 32000
    stored = np.round(suv * per_suv / slope).astype(np.uint16)
    tracer = Dataset()
    tracer.RadiopharmaceuticalStartTime, tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = "081500", f"{_DOSE_BQ:.0f}", str(_HALF_LIFE_S)
    tracer.RadionuclideCodeSequence = sequence(code_item(Code("77004003", "SCT", "^18^Fluorine")))
    tracer.RadiopharmaceuticalCodeSequence = sequence(code_item(Code("35321007", "SCT", "Fluorodeoxyglucose F^18^")))
    objects = []
    for k, values in enumerate(stored):
        dataset = new_object(PET_IMAGE, SeriesHead("pet", CT_STUDY, "PT", 3, "PET FDG (attenuation corrected)"), k)
        add_frame_of_reference(dataset, CT_STUDY)
        dataset.ImageType, dataset.SeriesType = ["ORIGINAL", "PRIMARY"], ["STATIC", "IMAGE"]
        dataset.AcquisitionDate, dataset.AcquisitionTime = dataset.SeriesDate, dataset.SeriesTime
        dataset.Units, dataset.DecayCorrection, dataset.CountsSource = "BQML", "START", "EMISSION"
        dataset.CorrectedImage = ["NORM", "ATTN", "SCAT", "DECY", "RAN", "DTIM"]
        dataset.PatientWeight, dataset.PatientSize, dataset.PatientSex = str(_WEIGHT_KG), "1.75", "M"
        dataset.RadiopharmaceuticalInformationSequence = sequence(tracer)
        dataset.NumberOfSlices, dataset.ImageIndex, dataset.InstanceNumber = COARSE_GRID.shape[0], k + 1, k + 1
        dataset.ImagePositionPatient = decimals(COARSE_GRID.slice_position(k))
        dataset.ImageOrientationPatient = decimals([*COARSE_GRID.axes[0], *COARSE_GRID.axes[1]])
        dataset.PixelSpacing, dataset.SliceThickness = (
            decimals([COARSE_GRID.spacing[1], COARSE_GRID.spacing[0]]),
            decimals([COARSE_GRID.spacing[2]])[0],
        )
        dataset.RescaleIntercept, dataset.RescaleSlope = "0", f"{slope:.10g}"
        add_pixels(dataset, COARSE_GRID.shape[1:], 16, little_endian(values))
        objects.append(dataset)
    points = known_points(COARSE_GRID, suv, ("Liver tumor", "Left kidney", "Spleen"))
    return {"pet": MadeSeries(objects, {"quantity": "SUV", "points": points, "tolerance": 0.001})}
