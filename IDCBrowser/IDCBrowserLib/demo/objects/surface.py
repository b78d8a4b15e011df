"""The phantom's renal cyst as a surface (DICOM PS3.3 A.85.1, encapsulated STL)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from IDCBrowserLib.demo.color import recommended_cielab
from IDCBrowserLib.demo.dicom_file import CT_STUDY, SeriesHead, add_frame_of_reference, code_item, new_object, sequence
from IDCBrowserLib.demo.made_folder import MadeSeries
from IDCBrowserLib.demo.objects.grids import points_in
from IDCBrowserLib.demo.structures import ALTERED, KIDNEY_CODE
from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.dicom.sop_classes import ENCAPSULATED_STL

_RADII = (9.0, 9.0, 10.0)
_AROUND, _ALONG = 36, 18


def made() -> dict[str, MadeSeries]:
    """An ellipsoid of triangles."""
    triangles = _ellipsoid() * np.asarray(_RADII) + np.asarray(points_in(("Renal cyst",))["Renal cyst"])
    document = _stl(triangles)
    dataset = new_object(ENCAPSULATED_STL, SeriesHead("surface", CT_STUDY, "M3D", 1006, "Surface of the renal cyst"))
    add_frame_of_reference(dataset, CT_STUDY)
    dataset.InstanceNumber, dataset.BurnedInAnnotation, dataset.DocumentTitle = 1, "NO", "Renal cyst"
    dataset.ConceptNameCodeSequence = sequence(code_item(Code("85040-4", "LN", "Manufacturing Model")))
    dataset.MeasurementUnitsCodeSequence = sequence(code_item(Code("mm", "UCUM", "mm")))
    dataset.RecommendedDisplayCIELabValue = recommended_cielab((205, 205, 100))
    dataset.SegmentedPropertyCategoryCodeSequence = sequence(code_item(ALTERED))
    dataset.SegmentedPropertyTypeCodeSequence = sequence(code_item(Code("367643001", "SCT", "Cyst")))
    dataset.AnatomicRegionSequence = sequence(code_item(KIDNEY_CODE))
    dataset.MIMETypeOfEncapsulatedDocument, dataset.EncapsulatedDocumentLength = "model/stl", len(document)
    dataset.EncapsulatedDocument = document + b"\0" * (len(document) % 2)
    volume = float(np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])).sum() / 6)
    truth = {"name": "Surface of the renal cyst", "triangles": len(triangles), "volume_mm3": round(volume, 3)}
    return {"surface": MadeSeries([dataset], truth)}


def _ellipsoid() -> NDArray[np.float64]:
    """Triangles (m, 3, 3) of the unit sphere, counterclockwise from outside."""
    around = np.arange(_AROUND + 1) * 2 * np.pi / _AROUND
    along = np.arange(_ALONG + 1) * np.pi / _ALONG
    grid = np.stack(
        [np.outer(np.sin(along), np.cos(around)), np.outer(np.sin(along), np.sin(around)), np.outer(np.cos(along), np.ones_like(around))], axis=2
    )
    # The last meridian is the first.
    grid[:, -1] = grid[:, 0]
    found = []
    for row in range(_ALONG):
        for column in range(_AROUND):
            a, b, c, d = grid[row, column], grid[row + 1, column], grid[row + 1, column + 1], grid[row, column + 1]
            if row < _ALONG - 1:
                found.append((a, b, c))
            if row > 0:
                found.append((a, c, d))
    return np.array(found)


def _stl(triangles: NDArray[np.float64]) -> bytes:
    facets = np.zeros(len(triangles), np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]))
    facets["corners"] = triangles
    return b"Renal cyst".ljust(80) + len(triangles).to_bytes(4, "little") + facets.tobytes()
