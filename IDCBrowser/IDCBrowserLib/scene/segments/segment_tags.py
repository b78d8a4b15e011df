"""Tags of segments: Slicer's own for the algorithm, this program's for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slicer import vtkSegment

ALGORITHM_TYPE_TAG, ALGORITHM_NAME_TAG = "DICOM.SegmentAlgorithmType", "DICOM.SegmentAlgorithmName"
NUMBER_TAG, DESCRIPTION_TAG = "IDCBrowser.SegmentNumber", "IDCBrowser.SegmentDescription"
TRACKING_ID_TAG, TRACKING_UID_TAG = "IDCBrowser.TrackingID", "IDCBrowser.TrackingUID"
# Of structure sets: how contours were combined, and how their area compares with that of the voxels, in words.
CONTOUR_RULE_TAG, AREAS_TAG = "IDCBrowser.ContourRule", "IDCBrowser.Areas"


def tag_of(segment: vtkSegment, name: str) -> str:
    """A tag's text; empty where it is not set."""
    from vtkmodules.vtkCommonCore import reference

    value: Any = reference("")
    return str(value) if segment.GetTag(name, value) else ""
