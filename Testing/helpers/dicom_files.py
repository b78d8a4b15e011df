"""Small DICOM files for tests, made with pydicom; geometry, encoding and pixels as asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.10.1234"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def image(series: int = 1, number: int = 1, pixels: np.ndarray | None = None, **elements: Any) -> Dataset:
    """A CT slice with the usual elements; any keyword replaces or (as None) removes an element."""
    stored = np.zeros((4, 6), np.int16) if pixels is None else pixels
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    values: dict[str, Any] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{ROOT}.{series}.{number}",
        "StudyDate": "20200102",
        "SeriesDate": "20200103",
        "StudyTime": "101010",
        "Modality": "CT",
        "StudyDescription": "CHEST",
        "SeriesDescription": f"Series {series}",
        "PatientName": "Doe^Jane",
        "PatientID": "P1",
        "PatientBirthDate": "19500131",
        "PatientSex": "F",
        "SliceThickness": 2.5,
        "StudyInstanceUID": f"{ROOT}.1",
        "SeriesInstanceUID": f"{ROOT}.{series}",
        "SeriesNumber": series,
        "InstanceNumber": number,
        "FrameOfReferenceUID": f"{ROOT}.9",
        "ImagePositionPatient": [0.0, 0.0, 2.5 * number],
        "ImageOrientationPatient": list(AXIAL),
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "PixelSpacing": [0.5, 0.75],
        "BitsAllocated": 8 * stored.dtype.itemsize,
        "BitsStored": 8 * stored.dtype.itemsize,
        "HighBit": 8 * stored.dtype.itemsize - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        "RescaleSlope": 1,
        "RescaleIntercept": 0,
    }
    values.update(elements)
    for keyword, value in values.items():
        if value is not None:
            setattr(dataset, keyword, value)
    if "PixelData" not in elements:
        dataset.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    """Write it as a DICOM file in the transfer syntax of its meta header; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", f"{ROOT}.0")
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


def write_stack(folder: Path, positions: Sequence[Sequence[float]], orientation: Sequence[float] = AXIAL, **elements: Any) -> list[Path]:
    """One slice per position, in that order; the pixels of slice n hold the value n."""
    paths = []
    for number, position in enumerate(positions, 1):
        pixels = np.full((4, 6), number, np.int16)
        values = {"ImagePositionPatient": list(position), "ImageOrientationPatient": list(orientation), **elements}
        paths.append(save(image(number=number, pixels=pixels, **values), folder / f"{number:03}.dcm"))
    return paths


def write_series(folder: Path, series: int, slices: int, pixels: int) -> list[Path]:
    """Many realistic slices quickly: one is written by pydicom, the others get their own identifiers patched in."""
    template = image(series, 1, np.zeros((pixels, pixels), np.int16), SOPInstanceUID=f"{ROOT}.{series}.10000001")
    for element in range(1, 60):
        template.add_new(0x00191000 + element, "LO", f"private value number {element}")
    template.add_new(0x00190010, "LO", "SOMEBODY")
    first = save(template, folder / f"{series:04}" / "00000001.dcm")
    data = first.read_bytes()
    paths = [first]
    for number in range(2, slices + 1):
        path = first.parent / f"{number:08}.dcm"
        path.write_bytes(data.replace(b"10000001", b"%08d" % (10000000 + number)))
        paths.append(path)
    return paths
