"""Small PET series; any element of the header replaced or left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import PositronEmissionTomographyImageStorage

from helpers.dicom_files import image, save

_TRACER = {"RadionuclideTotalDose", "RadionuclideHalfLife", "RadiopharmaceuticalStartTime", "RadiopharmaceuticalStartDateTime"}
USUAL: dict[str, Any] = {
    "Units": "BQML",
    "DecayCorrection": "START",
    "CorrectedImage": ["NORM", "ATTN", "SCAT", "DECY", "RAN"],
    "PatientWeight": 70,
    "PatientSize": 1.75,
    "PatientSex": "M",
    "SeriesDate": "20200103",
    "SeriesTime": "110000",
    "AcquisitionDate": "20200103",
    "AcquisitionTime": "110001",
    "RadionuclideTotalDose": 350e6,
    "RadionuclideHalfLife": 6586.2,
    "RadiopharmaceuticalStartTime": "100000",
}


def pet_image(
    number: int = 1, pixels: np.ndarray | None = None, philips: dict[int, str] | None = None, ge_scan: str = "", **elements: Any
) -> Dataset:
    """One slice. ``philips``: private elements of block (7053,10xx) by their last byte; None as a value leaves an element out."""
    values = {"SOPClassUID": PositronEmissionTomographyImageStorage, "Modality": "PT", **USUAL, **elements}
    tracer = Dataset()
    for keyword in _TRACER:
        value = values.pop(keyword, None)
        if value is not None:
            setattr(tracer, keyword, value)
    stored = np.full((3, 4), 1000 * number, np.int16) if pixels is None else pixels
    dataset = image(
        number=number,
        pixels=stored,
        RadiopharmaceuticalInformationSequence=Sequence([tracer]),
        **values,
    )
    if philips is not None:
        block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
        for element, value in philips.items():
            block.add_new(element, "DS", value)
    if ge_scan:
        dataset.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", ge_scan)
    return dataset


def pet_series(folder: Path, slices: int = 3, per_slice: dict[int, dict[str, Any]] | None = None, **elements: Any) -> list[Path]:
    """Files of a series; ``per_slice`` replaces elements of single slices."""
    return [
        save(pet_image(number, **{**elements, **(per_slice or {}).get(number, {})}), folder / f"pet{number}.dcm") for number in range(1, slices + 1)
    ]
