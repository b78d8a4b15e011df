"""Small RT Dose objects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import RTDoseStorage

from helpers.dicom_files import image, save


def dose(pixels: np.ndarray | None = None, **elements: Any) -> Dataset:
    """Four planes of 3 x 4 pixels, of 0, 0.5, 1 and 1.5 Gy; any keyword replaces or (as None) removes an element."""
    stored = np.broadcast_to(np.arange(4, dtype=np.uint32)[:, None, None] * 500, (4, 3, 4)).copy() if pixels is None else pixels
    values: dict[str, Any] = {
        "SOPClassUID": RTDoseStorage,
        "Modality": "RTDOSE",
        "Rows": stored.shape[1],
        "Columns": stored.shape[2],
        "NumberOfFrames": stored.shape[0],
        "FrameIncrementPointer": 0x3004000C,
        "ImagePositionPatient": [10, 20, 30],
        "GridFrameOffsetVector": [3.0 * k for k in range(stored.shape[0])],
        "DoseGridScaling": 0.001,
        "DoseUnits": "GY",
        "DoseType": "PHYSICAL",
        "DoseSummationType": "PLAN",
        "RescaleSlope": None,
        "RescaleIntercept": None,
    }
    return image(pixels=stored, **{**values, **elements})


def stored_histogram(roi: int, data: Sequence[float], kind: str = "CUMULATIVE", units: str = "CM3", scaling: float = 1.0) -> Dataset:
    """An item of the DVH Sequence."""
    item, reference = Dataset(), Dataset()
    reference.ReferencedROINumber, reference.DVHROIContributionType = roi, "INCLUDED"
    item.DVHReferencedROISequence = Items([reference])
    item.DVHType, item.DoseUnits, item.DoseType, item.DVHVolumeUnits = kind, "GY", "PHYSICAL", units
    item.DVHDoseScaling, item.DVHNumberOfBins, item.DVHData = scaling, len(data) // 2, list(data)
    return item


def dose_beside(path: str | Path, images: Sequence[str | Path]) -> str:
    """A dose over the whole stack of axial images, with a stored histogram of ROI 1; only its name where the images are none."""
    headers = []
    for file in images:
        if not Path(file).exists():
            return str(path)
        headers.append(dcmread(file, stop_before_pixels=True))
    headers.sort(key=lambda header: header.ImagePositionPatient[2])
    first, last = headers[0], headers[-1]
    height = float(last.ImagePositionPatient[2]) - float(first.ImagePositionPatient[2])
    width, depth = float(first.PixelSpacing[1]) * first.Columns, float(first.PixelSpacing[0]) * first.Rows
    pixels = np.broadcast_to(np.arange(20, dtype=np.uint32) * 1000, (12, 20, 20)).copy()
    elements = {
        "FrameOfReferenceUID": first.FrameOfReferenceUID,
        "ImagePositionPatient": list(first.ImagePositionPatient),
        "PixelSpacing": [depth / 20, width / 20],
        "GridFrameOffsetVector": [round(height / 11 * k, 6) for k in range(12)],
        "StudyInstanceUID": first.StudyInstanceUID,
        "PatientID": first.PatientID,
        "DVHSequence": Items([stored_histogram(1, [1, 8, 1, 4])]),
    }
    return str(save(dose(pixels, **elements), Path(path)))
