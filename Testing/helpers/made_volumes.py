"""A small patient made of boxes, for tests of scene and views: an image with a bright box, and a labelmap with overlapping segments.

Voxels (k, j, i) of 20 x 40 x 60; LPS, mm. The bright box lies at the patient's right, anterior and superior.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from IDCBrowserLib.dicom.code import Code
from IDCBrowserLib.labelmap.types import Annotation, Labelmap, Segment, Source
from IDCBrowserLib.volume.geometry import Geometry

AXIAL = Geometry((20, 40, 60), (2.0, 2.0, 4.0), (-60.0, -40.0, -30.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
_COS, _SIN = 0.9396926207859084, 0.3420201433256687
OBLIQUE = Geometry((20, 40, 60), (1.0, 1.5, 3.0), (5.0, -7.0, 11.0), ((_COS, _SIN, 0.0), (0.0, 0.0, -1.0), (-_SIN, _COS, 0.0)))
# A gantry tilt: slices stay axial, each is shifted against the one below.
TILTED = Geometry((20, 40, 60), (2.0, 2.0, 4.0), (-60.0, -40.0, -30.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, _SIN, _COS)))
# The same tilt as scanners state it: the slices are tilted, the table moves straight. Slicer's slice logic finds no distance between these.
TABLE_TILTED = Geometry((20, 40, 60), (2.0, 2.0, 4.0), (-60.0, -40.0, -30.0), ((1.0, 0.0, 0.0), (0.0, _COS, -_SIN), (0.0, 0.0, 1.0)))
# Where the bright box is, (k, j, i): superior, anterior, right.
BRIGHT = (slice(12, 18), slice(4, 14), slice(6, 22))
LIVER = (slice(10, 18), slice(4, 20), slice(6, 30))
TUMOR = (slice(11, 15), slice(8, 16), slice(10, 20))
LUNG = (slice(2, 8), slice(24, 36), slice(40, 56))

LIVER_CODE = Code("10200004", "SCT", "Liver")
ORGAN = Code("123037004", "SCT", "Anatomical Structure")


def image(geometry: Geometry = AXIAL) -> np.ndarray[Any, Any]:
    """Signed 16 bit; 0 outside, 1000 in the bright box."""
    array = np.zeros(geometry.shape, np.int16)
    array[BRIGHT] = 1000
    return array


def labelmap(geometry: Geometry = AXIAL, **source: Any) -> Labelmap:
    """Liver (1) and lung (3) in one layer, tumor (2) inside the liver in another, and a segment without voxels (4)."""
    first, second = np.zeros(geometry.shape, np.uint8), np.zeros(geometry.shape, np.uint8)
    first[LIVER] = 1
    first[LUNG] = 3
    second[TUMOR] = 2
    segments = (
        Segment(
            1,
            1,
            "Liver",
            0,
            category=ORGAN,
            type=LIVER_CODE,
            color=(221, 130, 101),
            algorithm_type="AUTOMATIC",
            algorithm_name="net",
            tracking_id="liver-1",
            tracking_uid="1.2.9",
            voxels=count(LIVER),
            volume_mm3=count(LIVER) * 16.0,
        ),
        Segment(2, 2, "Tumor", 1, anatomic_region=LIVER_CODE, color=(0, 255, 0), voxels=count(TUMOR), volume_mm3=count(TUMOR) * 16.0),
        Segment(7, 3, "Lung", 0, color=(0, 0, 255), voxels=count(LUNG), volume_mm3=count(LUNG) * 16.0),
        Segment(9, 4, "Nothing", 0),
    )
    fields: dict[str, Any] = {
        "sop_instance_uid": "1.2.3.4.1",
        "series_uid": "1.2.3.4",
        "study_uid": "1.2.3",
        "patient_id": "P1",
        "patient_name": "Doe^Jane",
        "series_description": "Organs",
        "series_number": "5",
        "frame_of_reference_uid": "1.2.7",
        "referenced_series_uids": ("1.2.3.5",),
    }
    fields.update(source)
    annotations = (
        Annotation("Isocenter", "POINT", ((10.0, 20.0, 30.0),), (255, 0, 0), 11),
        Annotation("Path", "OPEN_PLANAR", ((0.0, 0.0, 2.0), (10.0, 0.0, 2.0), (10.0, 5.0, 2.0)), (0, 255, 255), 12),
    )
    return Labelmap((first, second), geometry, segments, Source("SEG", **fields), count(TUMOR), annotations=annotations)


def count(box: tuple[slice, slice, slice]) -> int:
    """Voxels in a box."""
    return int(np.prod([part.stop - part.start for part in box]))
