"""Small RT Dose objects."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import RTDoseStorage

from helpers.dicom_files import image


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
