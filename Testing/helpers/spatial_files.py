"""Small encapsulated STL objects and spatial registrations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import EncapsulatedSTLStorage, SpatialRegistrationStorage

from helpers.dicom_files import image, save

_NO_IMAGE = dict.fromkeys(
    [
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PixelSpacing",
        "PixelData",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "SliceThickness",
        "RescaleSlope",
        "RescaleIntercept",
    ]
)
TETRAHEDRON = np.array(
    [
        [(0, 0, 0), (0, 10, 0), (10, 0, 0)],
        [(0, 0, 0), (10, 0, 0), (0, 0, 10)],
        [(0, 0, 0), (0, 0, 10), (0, 10, 0)],
        [(10, 0, 0), (0, 10, 0), (0, 0, 10)],
    ],
    np.float32,
)


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """A code item."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def binary_stl(corners: np.ndarray = TETRAHEDRON) -> bytes:
    """Triangles (m, 3, 3)."""
    facets = np.zeros(len(corners), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]))
    facets["corners"] = corners
    return b"solid or not".ljust(80) + len(corners).to_bytes(4, "little") + facets.tobytes()


def text_stl(corners: np.ndarray = TETRAHEDRON) -> bytes:
    """The same as text."""
    lines = ["solid made"]
    for triangle in corners.tolist():
        vertices = [f"vertex {x:g} {y:g} {z:g}" for x, y, z in triangle]
        lines += ["facet normal 0 0 0", "outer loop", *vertices, "endloop", "endfacet"]
    return "\n".join([*lines, "endsolid made", ""]).encode()


def stl_object(data: bytes | None = None, **elements: Any) -> Dataset:
    """With a name, a color and codes; any keyword replaces or (as None) removes an element."""
    document = binary_stl() if data is None else data
    values: dict[str, Any] = {
        "SOPClassUID": EncapsulatedSTLStorage,
        "Modality": "M3D",
        "SeriesDescription": "STL surface of prostate",
        "EncapsulatedDocument": document + b"\0" * (len(document) % 2),
        "EncapsulatedDocumentLength": len(document),
        "MIMETypeOfEncapsulatedDocument": "model/stl",
        "MeasurementUnitsCodeSequence": Items([code("mm", "UCUM", "mm")]),
        "RecommendedDisplayCIELabValue": [34885, 53485, 50171],
        "SegmentedPropertyCategoryCodeSequence": Items([code("123037004", "SCT", "Anatomical Structure")]),
        "SegmentedPropertyTypeCodeSequence": Items([code("41216001", "SCT", "Prostate")]),
        "AnatomicRegionSequence": Items([code("41216001", "SCT", "Prostate")]),
    }
    return image(**{**_NO_IMAGE, **values, **elements})


def registration_object(matrices: Sequence[Sequence[float]], from_frame: str, to_frame: str, kinds: Sequence[str] = (), **elements: Any) -> Dataset:
    """The item of the registered frame, and one of ``from_frame`` with these matrices of 16 numbers each."""
    own = _item(to_frame, [np.eye(4).ravel().tolist()], ["RIGID"])
    other = _item(from_frame, matrices, kinds or ["RIGID"] * len(matrices))
    values = {"SOPClassUID": SpatialRegistrationStorage, "Modality": "REG", "FrameOfReferenceUID": to_frame}
    return image(**{**_NO_IMAGE, **values, "RegistrationSequence": Items([own, other]), **elements})


def _item(frame: str, matrices: Sequence[Sequence[float]], kinds: Sequence[str]) -> Dataset:
    item, registration, entries = Dataset(), Dataset(), []
    for matrix, kind in zip(matrices, kinds, strict=True):
        entry = Dataset()
        entry.FrameOfReferenceTransformationMatrix = [f"{value:.10g}" for value in matrix]
        entry.FrameOfReferenceTransformationMatrixType = kind
        entries.append(entry)
    registration.MatrixSequence = Items(entries)
    item.FrameOfReferenceUID = frame
    item.MatrixRegistrationSequence = Items([registration])
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = f"{frame}.1"
    item.ReferencedImageSequence = Items([reference])
    return item


def saved_surface(path: str | Path) -> str:
    """A file of it."""
    return str(save(stl_object(), Path(path)))


def saved_registration(path: str | Path) -> str:
    """A file of one that moves by 10 mm to the left, 20 to the back and 30 up."""
    moved = [1, 0, 0, 10, 0, 1, 0, 20, 0, 0, 1, 30, 0, 0, 0, 1]
    return str(save(registration_object([moved], "1.2.3.1", "1.2.3.2"), Path(path)))
